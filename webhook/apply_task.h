// ApplyTask: one update on its way into the store, and the unit that takes it there. The applier's thread makes it and
// reads its outcome; in between it belongs to the lane.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "journal/journal.h"
#include "queue/signals.h"
#include "sql/database.h"
#include "webhook/payload.h"
#include "webhook/setbacks.h"

namespace waypost {

inline constexpr std::string_view kNoChannelWords = "no channel has this phone number id";

// The place of a dead letter that holds all of a record's statuses.
inline constexpr std::string_view kAllStatuses = "statuses";

// Where an update was found, for dead letters.
struct RecordPlace {
  JournalId journal{};
  JournalPosition position = 0;
  std::string app{};
  Time received_at{};
};

// Whose a business number is.
struct ChannelOwner {
  TenantId tenant{};
  ChannelId channel{};
};

// What was committed.
struct ApplyOutcome {
  std::optional<ChannelOwner> owner{};      // found in the store, because the task came without one
  std::optional<store::DeadReason> dead{};  // it became a dead letter
  bool fresh = false;                       // it was not applied before, and changed something
  std::vector<Signal> signals{};            // to be offered after the commit
};

using AnyUpdate = std::variant<Malformed, MessageUpdate, StatusUpdate, OtherUpdate>;

struct ApplyTask {
  AnyUpdate update{};
  std::shared_ptr<const RecordPlace> record{};
  std::optional<ChannelOwner> owner{};  // as far as it is known
  store::FallbackRules rules{};
  std::size_t order = 0;               // within its stream
  bool alone = false;                  // in a unit of its own, because one that it shared failed
  std::optional<std::string> fault{};  // the data's: it becomes a dead letter
  Setbacks setbacks{};                 // written by the applier's thread only, while no lane has the task
  ApplyOutcome outcome{};
};

// Updates that one unit applies, in their order.
using ApplyGroup = std::vector<std::shared_ptr<ApplyTask>>;

const UpdateOrigin& origin_of(const ApplyTask& task);
// Updates of one sender have one key, so that they are applied in their order.
sql::LaneKey lane_key_of(const ApplyTask& task);

// The number that a dead letter of it waits for; nothing where none can have a channel.
std::optional<std::string> number_waited_for(const UpdateOrigin& origin);
// What a dead letter keeps of it: its slice, or the bytes that cannot be read.
std::string raw_of(const ApplyTask& task);
// What account news is told apart by (store/seen.h); Meta repeats these too, and they have no id of their own.
std::string fingerprint(const OtherUpdate& update);

// In a unit; may run twice. Throws sql::Fault. An update for a number without a channel becomes a dead letter; one that
// comes from a letter leaves it as it is. Both are told by outcome.dead.
enum class Origins { Journal, Letter };
void apply(sql::Connection& connection, ApplyTask& task, Origins from, Time now);
// Several from the journal, in their order, in one unit: what one of them cannot do, none does.
void apply(sql::Connection& connection, const ApplyGroup& tasks, Time now);

}  // namespace waypost
