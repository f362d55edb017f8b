// How many keys a second go through offer → take → release, and how soon an idle worker starts one. A line of JSON.
//
//   queue_bench --redis unix:/run/redis.sock --keys 100000 --owners 10000 --workers 4 --waiting 1000000
//   queue_bench --redis unix:/run/redis.sock --latency 2000

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "net/asio.h"
#include "net/spawn.h"
#include "queue/keyed_queue.h"
#include "queue/loop_signals.h"
#include "queue/redis_link.h"
#include "queue/worker_pool.h"

namespace waypost {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kAtOnce = 1'000;  // offers of one call, as many as the other side adds at once
constexpr std::chrono::minutes kLease{1};

struct Plan {
  std::string redis{};
  std::size_t keys = 100'000;
  std::size_t owners = 1;
  std::size_t workers = 1;
  std::size_t waiting = 0;
  std::size_t latency = 0;
};

double seconds_since(steady_clock::time_point began) {
  return std::chrono::duration<double>(steady_clock::now() - began).count();
}

Uuid uuid_of(std::uint64_t kind, std::uint64_t number) {
  Uuid uuid;
  uuid.bytes[0] = static_cast<std::uint8_t>(kind);
  for (std::size_t at = 0; at < 8; ++at) uuid.bytes[15 - at] = static_cast<std::uint8_t>(number >> (8 * at));
  return uuid;
}

template <class T>
T must(Result<T> result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "queue_bench: %s\n", result.error().words().c_str());
  std::exit(1);
}
void must(const Result<void>& result) {
  if (result) return;
  std::fprintf(stderr, "queue_bench: %s\n", result.error().words().c_str());
  std::exit(1);
}

double at_share(std::vector<double>& values, double share) {
  std::ranges::sort(values);
  return values.empty() ? 0 : values[static_cast<std::size_t>(static_cast<double>(values.size() - 1) * share)];
}

class Bench {
 public:
  Bench(asio::io_context& context, Plan plan)
      : plan_(std::move(plan)),
        loop_(context.get_executor()),
        link_(must(RedisLink::make(loop_, {.url = Secret(plan_.redis), .answer = std::chrono::seconds(30)}))),
        queue_(*link_, "bench", kLease) {}

  awaitable<void> run() {
    link_->start();
    must(co_await link_->until_up(std::chrono::seconds(5)));
    must(co_await link_->ask({"FLUSHALL"}));
    Json told = Json::object();
    if (plan_.waiting > 0) told["bytes_per_waiting_key"] = co_await preload();
    if (plan_.latency > 0) {
      co_await measure_latency(told);
    } else {
      co_await measure_rate(told);
    }
    std::printf("%s\n", dump(told).c_str());
    co_await link_->stop();
  }

 private:
  std::vector<Offer> offers(std::uint64_t kind, std::size_t from, std::size_t count, std::optional<Time> due) const {
    std::vector<Offer> offers;
    for (std::size_t at = from; at < from + count; ++at) {
      offers.push_back({.key = {.owner = {uuid_of(1, at % plan_.owners)}, .key = {uuid_of(kind, at)}}, .due = due});
    }
    return offers;
  }
  awaitable<void> offer_all(std::uint64_t kind, std::size_t count, std::optional<Time> due) {
    for (std::size_t from = 0; from < count; from += kAtOnce) {
      must(co_await queue_.offer(offers(kind, from, std::min(kAtOnce, count - from), due)));
    }
  }
  awaitable<std::int64_t> memory() {
    const auto told = must(co_await link_->ask({"INFO", "memory"}));
    const auto at = told.text.find("used_memory:");
    co_return std::stoll(told.text.substr(at + 12));
  }
  awaitable<double> preload() {
    const auto before = co_await memory();
    co_await offer_all(3, plan_.waiting, SystemClock().now() + std::chrono::minutes(10));
    const auto after = co_await memory();
    co_return static_cast<double>(after - before) / static_cast<double>(plan_.waiting);
  }

  awaitable<void> measure_rate(Json& told) {
    const auto began = steady_clock::now();
    co_await offer_all(2, plan_.keys, std::nullopt);
    const double offered = seconds_since(began);
    asio::steady_timer done(loop_);
    done.expires_at(steady_clock::time_point::max());
    std::size_t handled = 0;
    auto pool =
        WorkerPool::make("bench", loop_, queue_, {.workers = plan_.workers}, [&](ReadyKey) -> awaitable<WorkOutcome> {
          if (++handled == plan_.keys) done.cancel();
          co_return std::optional<Time>();
        });
    pool->start();
    co_await done.async_wait(kToken);
    const double all = seconds_since(began);
    co_await pool->stop();
    told["offered_per_second"] = static_cast<double>(plan_.keys) / offered;
    told["handled_per_second"] = static_cast<double>(plan_.keys) / (all - offered);
    told["per_second"] = static_cast<double>(plan_.keys) / all;
  }

  // One key at a time, offered to an idle pool; beside it what Redis needs to answer at all.
  awaitable<void> measure_latency(Json& told) {
    asio::steady_timer begun(loop_);
    auto pool = WorkerPool::make("bench", loop_, queue_, {.workers = 4}, [&](ReadyKey) -> awaitable<WorkOutcome> {
      begun.expires_at(steady_clock::time_point::min());
      co_return std::optional<Time>();
    });
    pool->start();
    LoopSignals signals(loop_, WorkQueues{.runs = queue_, .sends = queue_, .media = queue_});
    signals.wakes(QueueName::Runs, *pool);
    std::vector<double> starts;
    std::vector<double> trips;
    for (std::size_t at = 0; at < plan_.latency; ++at) {
      asio::steady_timer rest(loop_, std::chrono::milliseconds(1));
      co_await rest.async_wait(kToken);
      auto began = steady_clock::now();
      must(co_await link_->ask({"PING"}));
      trips.push_back(seconds_since(began) * 1e6);
      begun.expires_after(std::chrono::seconds(5));
      began = steady_clock::now();
      signals.offer({{.queue = QueueName::Runs, .key = offers(2, at, 1, std::nullopt).front().key}});
      co_await begun.async_wait(kToken);
      starts.push_back(seconds_since(began) * 1e6);
    }
    co_await signals.stop();
    co_await pool->stop();
    told["trip_p50_us"] = at_share(trips, 0.5);
    told["trip_p99_us"] = at_share(trips, 0.99);
    told["start_p50_us"] = at_share(starts, 0.5);
    told["start_p99_us"] = at_share(starts, 0.99);
  }

  const Plan plan_;
  asio::any_io_executor loop_;
  std::unique_ptr<RedisLink> link_;
  KeyedQueue queue_;
};

}  // namespace
}  // namespace waypost

int main(int argc, char** argv) {
  waypost::Plan plan;
  CLI::App app("Keys a second through the queue, and how soon an idle worker starts one");
  app.add_option("--redis", plan.redis, "URL of a Redis that may be emptied")->required();
  app.add_option("--keys", plan.keys, "keys to handle")->capture_default_str();
  app.add_option("--owners", plan.owners, "workspaces they belong to")->capture_default_str();
  app.add_option("--workers", plan.workers, "handlers at a time")->capture_default_str();
  app.add_option("--waiting", plan.waiting, "keys that wait for a later time meanwhile")->capture_default_str();
  app.add_option("--latency", plan.latency, "measure this many single keys instead");
  CLI11_PARSE(app, argc, argv);
  waypost::asio::io_context context(1);
  waypost::Bench bench(context, plan);
  waypost::spawn(context.get_executor(), "queue bench", bench.run());
  context.run();
}
