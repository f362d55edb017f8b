// AppliedEverywhere: up to when the statuses of all nodes are applied. An unknown send's grace counts only up to here,
// because the status that settles it may wait in another node's journal (law 8). A node that has died holds it back
// until nobody has carried its journal for 15 minutes.
//
// Asked on one loop; what the other nodes' cursors say is read at most once a second, and meanwhile the last answer
// counts, which is never too late a time. Nothing is read on SQLite, where no other node is.

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "sql/database.h"

namespace waypost {

class AppliedEverywhere {
 public:
  // `mine`: Applier::applied_until of this node. All outlive it; so do the database's lanes.
  AppliedEverywhere(sql::Database& database, const Clock& clock, std::function<Time()> mine)
      : database_(database), clock_(clock), mine_(std::move(mine)) {}

  // Does not block; a long time ago until the store has answered first.
  Time until();

 private:
  // What the last answer said; written on a read lane.
  struct Others {
    std::atomic<std::int64_t> until_ms = 0;
    std::atomic<bool> asked = false;
  };

  void ask(Time now);

  sql::Database& database_;
  const Clock& clock_;
  const std::function<Time()> mine_;
  const std::shared_ptr<Others> others_ = std::make_shared<Others>();
  Time asked_at_{};
};

}  // namespace waypost
