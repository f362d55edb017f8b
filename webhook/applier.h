// Applier: carries what the journal holds into the store, behind the writer, as often as it takes, each thing once.
//
//   journal ──read_after──▶ reader ──▶ messages (and all but statuses) ──▶ lanes, urgent ──▶ signals, low-water mark
//                             └──────▶ statuses, as far as memory allows; beyond, read again later ──▶ lanes, bulk
//
// One thread of its own, which may block. Two streams, each with its own low-water mark in the store, so that statuses
// never hold up messages (law 3). A mark never passes a record that is not applied. An error of the store halts the
// stream, which backs off and tries the same again in the same order; an error of the data is a dead letter of that
// item alone. What is applied twice changes nothing (law 2). While a burst is acknowledged it waits (webhook/burst.h).

#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "journal/journal.h"
#include "net/asio.h"
#include "queue/signals.h"
#include "sql/database.h"
#include "store/fallback.h"

namespace waypost {

struct ApplierSettings {
  std::string note_file{};                  // beside the journal: "<folder>/applying"
  std::size_t records_open = 2'000'000;     // most records of a stream that are not applied yet, in hand or deferred
  std::size_t read_bytes = 4 << 20;         // most bytes read from the journal at a time
  std::size_t updates_in_hand = 4'096;      // of a stream, in memory; a number's beyond its share are read again later
  std::size_t updates_of_a_number = 3'072;  // and most of one phone number
  std::size_t updates_together = 64;        // messages that one unit applies, on PostgreSQL
  std::size_t waiting_statuses = 8'192;     // most statuses kept in memory; beyond, they are read again
  std::chrono::milliseconds idle{200};      // how often an idle applier looks up
  std::chrono::milliseconds first_pause{50};  // of the back-off
  std::chrono::milliseconds longest_pause{5'000};
  std::chrono::milliseconds save_marks{200};  // how often the marks are written
  // How often it is looked whether letters wait for a channel that another node made.
  std::chrono::milliseconds look_for_letters{30'000};
  store::FallbackRules fallback{};  // for messages that Meta refuses late
};

// What the applier works with; all outlive it.
struct ApplierParts {
  Journal& journal;
  sql::Database& database;
  Signals& signals;
  const Clock& clock;
};

class Applier {
 public:
  static std::unique_ptr<Applier> make(const ApplierParts& parts, ApplierSettings settings);
  Applier(const Applier&) = delete;
  Applier& operator=(const Applier&) = delete;
  // Stops.
  virtual ~Applier() = default;

  // Starts the thread; it finishes what a crash left behind, and goes on from the marks. InvalidInput when a mark lies
  // beyond the journal's end. When the store cannot say, the thread goes on asking.
  virtual Result<void> start() = 0;
  // Hands out nothing more, waits for what is with the lanes, saves the marks. Blocks; not from a loop or a lane.
  virtual void stop() = 0;

  // Any thread. A channel was made, or changed: numbers are looked up again.
  virtual void channels_changed() = 0;
  // Any thread. Applies the dead letters that waited for this number, in their order.
  virtual void channel_created(std::string phone_number_id) = 0;

  // Any loop. True as soon as everything up to `position` but statuses is applied; false after `limit`.
  virtual awaitable<bool> applied(JournalPosition position, std::chrono::milliseconds limit) = 0;

  // Any thread. Both marks: everything up to here is applied (what retention asks).
  virtual JournalPosition mark() const = 0;
  // Any thread. The time up to which statuses are applied without a gap: now, when nothing waits; else when the oldest
  // waiting record was received. An unknown send's grace counts only up to here (law 8).
  virtual Time applied_until() const = 0;

 protected:
  Applier() = default;
};

}  // namespace waypost
