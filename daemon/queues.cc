#include "daemon/queues.h"

#include <algorithm>
#include <future>
#include <utility>

#include "base/log.h"
#include "net/spawn.h"

namespace waypost {
namespace {

constexpr std::chrono::milliseconds kRedisAtStart{2'000};
// The bell listens for half a second at a time, and Redis may round that up.
constexpr std::chrono::milliseconds kHearing{2'000};

RedisLinkSettings link_settings(const RedisSettings& redis) {
  return {.url = redis.url,
          .answer = redis.answer_timeout,
          .ca_file = redis.ca_file,
          .sentinels = redis.sentinels,
          .sentinel_name = redis.sentinel_name,
          .sentinel_password = redis.sentinel_password};
}

awaitable<void> ask_policy(RedisLink& link, std::promise<Result<void>>& verdict) {
  const auto up = co_await link.until_up(kRedisAtStart);
  if (!up) log::warn("Redis does not answer: runs and sends wait until it does ({})", up.error().words());
  verdict.set_value(up ? co_await link.check_policy() : Result<void>());
}

}  // namespace

Result<std::unique_ptr<Queues>> Queues::open(Loop& loop, const Settings& settings, std::string origin) {
  auto queues = std::make_unique<Queues>();
  const auto executor = loop.executor();
  auto link = RedisLink::make(executor, link_settings(settings.redis));
  if (!link) return fail(std::move(link.error()).during("reading the settings of redis"));
  queues->link = *std::move(link);
  const auto lease = settings.queue.lease;
  queues->runs = std::make_unique<KeyedQueue>(*queues->link, "runs", lease, Lanes::None, origin);
  queues->sends = std::make_unique<KeyedQueue>(*queues->link, "sends", lease, Lanes::ByChannel, origin);
  queues->media = std::make_unique<KeyedQueue>(*queues->link, "media", lease, Lanes::None, origin);
  queues->signals = std::make_unique<LoopSignals>(executor, queues->all());
  if (!origin.empty()) {
    auto ears = link_settings(settings.redis);
    ears.answer = std::max(ears.answer, kHearing);
    ears.second = true;
    queues->ears = RedisLink::make(executor, ears).value();
    queues->bell = std::make_unique<Bell>(executor, *queues->ears, std::move(origin));
  }
  std::promise<Result<void>> verdict;
  auto policy = verdict.get_future();
  loop.post([queues = queues.get()] {
    queues->link->start();
    if (queues->ears) queues->ears->start();
  });
  spawn(executor, "redis policy", ask_policy(*queues->link, verdict));
  // Whatever was begun on the loop is ended by it, also when this is refused: so nothing is destroyed here.
  if (auto fine = policy.get(); !fine) {
    loop.stop();
    return fail(std::move(fine).error());
  }
  return queues;
}

void Queues::feed(const Pools& pools) {
  const auto feed_one = [this](QueueName name, const char* words, WorkerPool* pool) {
    if (pool == nullptr) return;
    signals->wakes(name, *pool);
    if (bell) bell->wakes(words, *pool);
    pool->start();
  };
  feed_one(QueueName::Runs, "runs", pools.runs);
  feed_one(QueueName::Sends, "sends", pools.sends);
  feed_one(QueueName::Media, "media", pools.media);
  if (bell) bell->start();
}

awaitable<void> Queues::stop_signals() {
  if (bell) co_await bell->stop();
  co_await signals->stop();
}

awaitable<void> Queues::stop_links() {
  if (ears) co_await ears->stop();
  co_await link->stop();
}

}  // namespace waypost
