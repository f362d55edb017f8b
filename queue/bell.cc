#include "queue/bell.h"

#include <map>
#include <utility>
#include <vector>

#include "net/rounds.h"
#include "net/spawn.h"
#include "queue/redis_link.h"
#include "queue/worker_pool.h"

namespace waypost {

namespace {

using std::chrono::milliseconds;

// How long one XREAD waits: a stop waits as long at most.
constexpr auto kListening = "500";
// Rings that come close together are heard together; as many as the stream keeps may hide others.
constexpr milliseconds kBetween{2};
constexpr std::size_t kKept = 64;
constexpr milliseconds kRedisIsAway{200};
constexpr auto kFromTheStart = "0-0";

}  // namespace

struct Bell::State : std::enable_shared_from_this<State> {
  State(asio::any_io_executor on, RedisLink& by, std::string name)
      : loop(std::move(on)), link(by), origin(std::move(name)), rounds(loop) {}

  // Constant after start.
  asio::any_io_executor loop;
  RedisLink& link;
  std::string origin;
  std::multimap<std::string, WorkerPool*> pools;

  std::string last = kFromTheStart;
  std::uint64_t connection = 0;
  Rounds rounds;

  static awaitable<void> run(std::shared_ptr<State> state) {
    while (state->rounds.go_on()) {
      const auto heard = co_await state->listen();
      co_await state->rounds.rest(heard ? kBetween : kRedisIsAway);
    }
    state->rounds.over();
  }

  // A new connection may lead to a Redis that counts anew.
  awaitable<Result<void>> listen() {
    if (std::exchange(connection, link.connections()) != link.connections()) last = kFromTheStart;
    const auto heard = co_await link.ask({"XREAD", "BLOCK", kListening, "STREAMS", std::string(kBell), last});
    if (!heard) co_return fail(heard.error());
    if (heard->items.empty()) co_return Result<void>();  // nil: nobody rang
    const auto& stream = heard->items.front().items;
    if (stream.size() == 2) wake_for(stream[1].items);
    co_return Result<void>();
  }

  // An entry is its id and a list of one field: queue, origin.
  void wake_for(const std::vector<RedisValue>& entries) {
    std::map<std::string, bool> rung;
    for (const auto& entry : entries) {
      if (entry.items.size() != 2 || entry.items[1].items.size() != 2) continue;
      last = entry.items[0].text;
      const auto& field = entry.items[1].items;
      rung[field[0].text] |= field[1].text != origin;
    }
    for (const auto& [queue, pool] : pools) {
      const auto of = rung.find(queue);
      if (entries.size() >= kKept || (of != rung.end() && of->second)) pool->wake();
    }
  }
};

Bell::Bell(asio::any_io_executor loop, RedisLink& link, std::string origin)
    : state_(std::make_shared<State>(std::move(loop), link, std::move(origin))) {}

Bell::~Bell() { state_->rounds.abandon(); }

void Bell::wakes(std::string queue, WorkerPool& pool) { state_->pools.emplace(std::move(queue), &pool); }

void Bell::start() {
  state_->rounds.begin();
  spawn(state_->loop, "bell", State::run(state_));
}

awaitable<void> Bell::stop() {
  const auto state = state_;
  co_await state->rounds.stop();
}

}  // namespace waypost
