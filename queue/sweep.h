// Sweep: makes good what signals lost (law 4). All due work is offered again, page by page, when Redis has forgotten it
// (the epoch key is missing) or may have (the link came back); and every few seconds whatever is due and was left
// untouched. One node sweeps, by a lease; another whose link came back asks it to. Offers are idempotent, so that two
// at once do no harm. Loop only.

#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "net/asio.h"
#include "queue/redis_link.h"
#include "queue/signals.h"

namespace waypost {

struct SweepPage {
  std::vector<Signal> signals;
  std::string next;  // the cursor of the page behind this one; empty: this is the last
};

// One page of conversations with work, read from the store; "" asks for the first.
using SweepSource = std::function<awaitable<Result<SweepPage>>(std::string cursor)>;

struct SweepSources {
  // All that has work: due now, and due later with its due time. Pages of some hundred.
  SweepSource everything;
  // What is due and was touched by nobody for `untouched` (a setting the source knows).
  SweepSource overdue;
};

struct SweepSettings {
  std::chrono::milliseconds interval{1'000};
  int overdue_every = 5;  // intervals
  // This node is the one that sweeps; asked before each pass. It begins with everything.
  std::function<bool()> mine = [] { return true; };
};

class Sweep {
 public:
  // The link and the queues outlive it or its stop().
  Sweep(asio::any_io_executor loop, RedisLink& link, KeyedQueue& runs, KeyedQueue& sends);
  Sweep(const Sweep&) = delete;
  Sweep& operator=(const Sweep&) = delete;
  ~Sweep();

  // Sweeps at once when it is ours, then for ever. Once.
  void start(SweepSources sources, SweepSettings settings);
  // Everything is offered again soon, by whichever node sweeps: signals of a node that died may be lost.
  void want_everything();
  // Returns when a page in progress is done.
  awaitable<void> stop();
  // How often everything was offered, to the end.
  std::uint64_t full_sweeps() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace waypost
