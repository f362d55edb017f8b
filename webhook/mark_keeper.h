// MarkKeeper: writes the applier's low-water marks to the store, now and then, by compare and set, and with them up to
// when the statuses of this journal are applied. Where several nodes share the store it writes that also when no mark
// moved: the others' unknown sends wait for it (law 8). Applier's thread only.

#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>

#include "base/clock.h"
#include "base/error.h"
#include "journal/journal.h"
#include "sql/database.h"
#include "store/cursors.h"

namespace waypost {

class MarkKeeper {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  MarkKeeper(sql::Database& database, const Journal& journal, const Clock& clock, std::chrono::milliseconds every)
      : database_(database), journal_(journal), clock_(clock), every_(every) {}

  // What the store holds. Blocks. InvalidInput when a mark lies beyond the journal's end.
  Result<store::Marks> load();
  // Writes `marks` when they moved, the last time is long enough ago and no write is under way. Does not block.
  void keep(const store::Marks& marks, Time applied_until, Instant now);
  // Writes them at once, for the last time. `applied_until` is nothing when all of the journal is applied. Blocks.
  Result<void> keep_and_wait(const store::Marks& marks, std::optional<Time> applied_until);

 private:
  // What a write under way came to; the lane fills it in.
  struct Outcome {
    std::mutex mutex;
    bool ended = false;
    std::optional<store::Marks> saved;
  };

  // False: a write is under way.
  bool collect();
  bool is_time(const store::Marks& marks, Instant now) const;

  sql::Database& database_;
  const Journal& journal_;
  const Clock& clock_;
  const std::chrono::milliseconds every_;
  store::Marks saved_;
  std::shared_ptr<Outcome> under_way_;
  Instant last_{};
};

}  // namespace waypost
