// How many runs a second the runner carries into SQLite, each of five steps without an outside call, and how many units
// of as many rows the bare write lane takes from the same loop. Batches of both in turn, in one process and one store:
// every conversation has a message, its run goes from the first step to the last. A line of JSON.
//
//   run_bench --runs 100000 --conversations 10000 --at-once 64
//   run_bench --runs 1000000 --bare-every 10      what a step and a bare unit cost from the first to the millionth run

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/run_store.h"
#include "net/spawn.h"
#include "workflow/runner.h"

namespace waypost::bench {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kWarmUp = 1'000;

struct Plan {
  std::size_t runs = 100'000;
  std::size_t conversations = 10'000;
  std::size_t at_once = 64;    // as many as a daemon has workers
  std::size_t bare_every = 1;  // batches of runs: then one of bare units
  std::string folder = "/tmp";
};

double seconds_since(steady_clock::time_point began) {
  return std::chrono::duration<double>(steady_clock::now() - began).count();
}

class NoSignals final : public Signals {
 public:
  void offer(std::vector<Signal>) override {}
};

class Nobody final : public workflow::Outside {
 public:
  awaitable<workflow::OutsideTry> ask(workflow::OutsideAsk) override { give_up("the bench's workflow asks nobody"); }
};

struct Batch {
  std::size_t runs = 0;
  double seconds = 0;
  double bare_seconds = 0;  // 0: no bare units beside it
};

class Bench {
 public:
  Bench(const Plan& plan, const std::string& folder)
      : plan_(plan),
        store_(folder, plan.conversations),
        runner_(workflow::Runner::make(
            {.loop = context_.get_executor(),
             .database = store_.database(),
             .signals = signals_,
             .outside = nobody_,
             .clock = clock_},
            {.limits = {.max_runs_per_contact_per_minute = 1'000'000, .max_equal_texts_in_five_minutes = 1'000'000}})) {
  }

  Json measure() {
    warm_up();
    std::vector<Batch> batches;
    for (std::size_t done = 0; done < plan_.runs; done += batches.back().runs) {
      Batch batch{.runs = std::min(plan_.conversations, plan_.runs - done)};
      store_.add_messages(batch.runs);
      batch.seconds = runs_of(batch.runs);
      if (batches.size() % plan_.bare_every == 0) batch.bare_seconds = bare_units(batch.runs);
      batches.push_back(batch);
    }
    check(static_cast<std::int64_t>(plan_.runs + warm_));
    return told(batches);
  }

 private:
  void check(std::int64_t wanted) {
    const auto [ended, steps] = store_.completed();
    if (ended == wanted && steps == wanted * kStepsOfARun) return;
    give_up(std::to_string(ended) + " runs of " + std::to_string(wanted) + " are completed, by " +
            std::to_string(steps) + " steps");
  }

  // Awaits one(place) for each place below `count`, as many at once as planned; gives the seconds it took.
  template <class One>
  double all_of(std::size_t count, One one) {
    std::size_t next = 0;
    for (std::size_t i = 0; i < plan_.at_once; ++i) {
      spawn(context_.get_executor(), "bench", take_turns(next, count, one));
    }
    const auto began = steady_clock::now();
    context_.restart();
    context_.run();
    return seconds_since(began);
  }
  template <class One>
  static awaitable<void> take_turns(std::size_t& next, std::size_t count, One& one) {
    while (next < count) co_await one(next++);
  }

  double runs_of(std::size_t count) {
    return all_of(count, [this](std::size_t place) { return run_one(place); });
  }
  // As the queue's worker does it: again for as long as something is to be done.
  awaitable<void> run_one(std::size_t place) {
    const auto began = steady_clock::now();
    const ReadyKey key{.owner = store_.tenant(), .key = store_.place(place).conversation};
    while (must(co_await runner_->handle(key)).has_value()) {
    }
    milliseconds_.push_back(static_cast<float>(seconds_since(began) * 1'000));
  }

  double bare_units(std::size_t count) {
    return all_of(count, [this](std::size_t place) { return bare_one(place); });
  }
  awaitable<void> bare_one(std::size_t place) {
    const BareUnit unit{.place = store_.place(place),
                        .run = RunId::make(clock_.now()),
                        .events = events_of_a_unit(),
                        .first_event = next_event_};
    next_event_ += unit.events;
    must(co_await store_.database().write(sql::lane_key(unit.place.conversation, store_.tenant()),
                                          [this, unit](sql::Connection& c) { store_.write_bare(c, unit); }));
  }

  // A run, two updates, its steps; the rest of the rows are events.
  std::int64_t events_of_a_unit() const { return std::max<std::int64_t>(rows_of_a_run_ - 3 - kStepsOfARun, 0); }

  // Learns, too, how many rows a run writes.
  void warm_up() {
    warm_ = std::min(kWarmUp, plan_.conversations);
    store_.add_messages(warm_);
    const auto before = store_.changes();
    runs_of(warm_);
    rows_of_a_run_ = (store_.changes() - before) / static_cast<std::int64_t>(warm_);
    bare_units(warm_);
    milliseconds_.clear();
  }

  Json told(const std::vector<Batch>& batches) {
    double seconds = 0, beside = 0, bare = 0;
    std::size_t runs = 0, units = 0;
    for (const auto& batch : batches) {
      seconds += batch.seconds, runs += batch.runs;
      if (batch.bare_seconds > 0) beside += batch.seconds, bare += batch.bare_seconds, units += batch.runs;
    }
    const double per_second = static_cast<double>(runs) / seconds;
    std::ranges::sort(milliseconds_);
    return {{"runs", runs},
            {"per_second", per_second},
            {"steps_per_second", per_second * kStepsOfARun},
            {"rows_of_a_run", rows_of_a_run_},
            {"bare_per_second", bare > 0 ? Json(static_cast<double>(units) / bare) : Json()},
            {"ratio", beside > 0 ? Json(bare / beside) : Json()},
            {"p50_ms", at_share(0.5)},
            {"p99_ms", at_share(0.99)},
            {"step_us", by_tenths(batches, [](const Batch& b) { return b.seconds / kStepsOfARun; })},
            {"bare_us", by_tenths(batches, [](const Batch& b) { return b.bare_seconds; })}};
  }
  // Microseconds for each of the runs of each tenth's batches, of those for which `seconds` is above 0.
  template <class Seconds>
  static Json by_tenths(const std::vector<Batch>& batches, Seconds seconds) {
    std::array<double, 10> sum{}, runs{};
    for (std::size_t at = 0; at < batches.size(); ++at) {
      const auto tenth = at * sum.size() / batches.size();
      const double took = seconds(batches[at]);
      if (took > 0) sum.at(tenth) += took, runs.at(tenth) += static_cast<double>(batches[at].runs);
    }
    Json told = Json::array();
    for (std::size_t tenth = 0; tenth < sum.size(); ++tenth) {
      if (runs.at(tenth) > 0) told.push_back(sum.at(tenth) * 1e6 / runs.at(tenth));
    }
    return told;
  }
  float at_share(double share) const {
    if (milliseconds_.empty()) return 0;
    return milliseconds_[static_cast<std::size_t>(static_cast<double>(milliseconds_.size() - 1) * share)];
  }

  const Plan plan_;
  const SystemClock clock_;
  NoSignals signals_;
  Nobody nobody_;
  asio::io_context context_{1};
  RunStore store_;
  std::unique_ptr<workflow::Runner> runner_;
  std::int64_t next_event_ = 1;
  std::int64_t rows_of_a_run_ = 0;
  std::size_t warm_ = 0;
  std::vector<float> milliseconds_;
};

int run(const Plan& plan) {
  std::string folder = (std::filesystem::path(plan.folder) / "run-bench-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) give_up("no folder can be made in " + plan.folder);
  const auto told = Bench(plan, folder).measure();
  std::filesystem::remove_all(folder);
  std::printf("%s\n", dump(told).c_str());
  return 0;
}

}  // namespace
}  // namespace waypost::bench

int main(int argc, char** argv) {
  waypost::bench::Plan plan;
  CLI::App app("Carries runs of workflows into SQLite, beside bare units of as many rows");
  app.add_option("--runs", plan.runs, "how many")->capture_default_str()->check(CLI::PositiveNumber);
  app.add_option("--conversations", plan.conversations, "that have a run in turn: a batch")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--at-once", plan.at_once, "in flight")->capture_default_str()->check(CLI::PositiveNumber);
  app.add_option("--bare-every", plan.bare_every, "after so many batches of runs comes one of bare units")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--folder", plan.folder, "in which the store stands meanwhile")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return waypost::bench::run(plan);
}
