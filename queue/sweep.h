// Sweep: makes good what signals lost (law 4), and mirrors what is due soon. All work due within kMirrored is offered
// again, page by page, when Redis has forgotten it (the epoch key is missing) or may have (the link came back); every
// few seconds whoever has due work that was left untouched is reminded; and every minute what has come near meanwhile.
// One node sweeps, by a lease; another whose link came back asks it to. Offers are idempotent, so that two at once do
// no harm. Loop only.

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

// Due times of work; what has none is due since it was written.
struct DueSpan {
  Time from = Time::min();
  Time until{};  // inclusive
};

// One page of the conversations with work due in a span, read from the store, some hundred; those due later than now
// with their due time. "" asks for the first page.
using SweepSource = std::function<awaitable<Result<SweepPage>>(DueSpan span, std::string cursor)>;

struct SweepSettings {
  std::chrono::milliseconds interval{1'000};
  // How often overdue work is looked for; where there is much of it, rarer: a twentieth of the time is spent so at
  // most.
  std::chrono::milliseconds overdue_every{5'000};
  // Due work is left alone so long. Then who waits for a later time, as one does whose number has its pace, waits so
  // much longer at most, and no longer than kMirrored.
  std::chrono::milliseconds untouched{60'000};
  std::chrono::milliseconds mirror_every{60'000};  // what has come nearer than kMirrored is offered so often
  // This node is the one that sweeps; asked before each pass. It begins with everything.
  std::function<bool()> mine = [] { return true; };
};

class Sweep {
 public:
  // The link and the queues outlive it or its stop().
  Sweep(asio::any_io_executor loop, RedisLink& link, const WorkQueues& queues);
  Sweep(const Sweep&) = delete;
  Sweep& operator=(const Sweep&) = delete;
  ~Sweep();

  // Sweeps at once when it is ours, then for ever. Once.
  void start(SweepSource source, SweepSettings settings);
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
