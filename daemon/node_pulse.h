// NodePulse: this node's row among the others on its store. Claims the name at start, then says every few seconds that
// it lives, and shows in metrics when each node was last seen.

#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/error.h"
#include "net/asio.h"
#include "sql/database.h"
#include "store/nodes.h"

namespace waypost {

struct NodePatience {
  std::chrono::milliseconds limit{20'000};  // how long a start waits for a node of its name to go stale
  std::chrono::milliseconds look{500};
};

// What a start makes of the node that has its name: the first look, and one some time later.
//   moved since the first look, or another process's → refuse;  not free by the limit → refuse;  else wait
enum class Rival { Wait, Refuse };
Rival judge_rival(const store::Node& first, const store::Node& now, std::chrono::milliseconds waited,
                  std::chrono::milliseconds limit);

// Blocks. Conflict when another live daemon has the name: the words say what to do.
Result<void> claim_node_name(sql::Database& database, const store::Node& node, const Clock& clock,
                             const NodePatience& patience = {});

class NodePulse {
 public:
  static constexpr std::chrono::milliseconds kEvery{1'000};
  // A node that is not heard of for this long has died, or cannot reach the store: its work is taken over. With the
  // leases' three seconds it stays below the five in which work goes on.
  static constexpr std::chrono::milliseconds kSilence{3'000};

  // The database and the clock outlive it or its stop(). The name is claimed.
  NodePulse(asio::any_io_executor loop, sql::Database& database, store::Node node, const Clock& clock);
  NodePulse(const NodePulse&) = delete;
  NodePulse& operator=(const NodePulse&) = delete;
  ~NodePulse();

  // Any thread, once. Called on the loop: `another_died` when signals of that node may be lost, `keeps_house` with each
  // beat, to ask whether this node keeps the store's statistics.
  struct Hooks {
    std::function<void()> another_died = [] {};
    std::function<bool()> keeps_house = [] { return false; };
  };
  void start(Hooks hooks);
  // Loop only. Says that the node stops, and returns.
  awaitable<void> stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace waypost
