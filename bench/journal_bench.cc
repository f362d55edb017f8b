// How many appends a second the journal takes: 64 concurrent appenders on one loop, bodies of 1 kB, in a folder on the
// disk to be measured. journal_bench FOLDER [SECONDS]

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/clock.h"
#include "journal/journal.h"

namespace waypost {
namespace {

using std::chrono::steady_clock;
constexpr int kAppenders = 64;

struct Tally {
  std::vector<std::int64_t> micros;
  std::size_t failed = 0;
};

awaitable<void> append_until(Journal& journal, steady_clock::time_point end, Tally& tally) {
  const std::string body(1000, 'x');
  while (steady_clock::now() < end) {
    const auto began = steady_clock::now();
    const auto position = co_await journal.append("default", body);
    if (!position) ++tally.failed;
    tally.micros.push_back(std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - began).count());
  }
}

double quantile(std::vector<std::int64_t>& micros, double part) {
  const auto at = static_cast<std::ptrdiff_t>(part * static_cast<double>(micros.size() - 1));
  std::nth_element(micros.begin(), micros.begin() + at, micros.end());
  return static_cast<double>(micros[static_cast<std::size_t>(at)]) / 1000;
}

int measure(const std::string& folder, int run_seconds) {
  const SystemClock clock;
  auto journal = Journal::open({.folder = folder}, clock);
  if (!journal) return std::fprintf(stderr, "%s\n", journal.error().words().c_str()), 1;
  asio::io_context loop(1);
  Tally tally;
  const auto end = steady_clock::now() + seconds(run_seconds);
  for (int at = 0; at < kAppenders; ++at) {
    asio::co_spawn(loop, append_until(**journal, end, tally), asio::detached);
  }
  loop.run();
  std::printf("%.0f appends/s, p50 %.2f ms, p99 %.2f ms, worst %.2f ms, %zu failed\n",
              static_cast<double>(tally.micros.size()) / run_seconds, quantile(tally.micros, 0.5),
              quantile(tally.micros, 0.99), quantile(tally.micros, 1.0), tally.failed);
  return 0;
}

}  // namespace
}  // namespace waypost

int main(int count, char** words) {
  if (count < 2) return std::fprintf(stderr, "journal_bench FOLDER [SECONDS]\n"), 2;
  return waypost::measure(words[1], count > 2 ? std::atoi(words[2]) : 5);
}
