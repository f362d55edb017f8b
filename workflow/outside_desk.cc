#include "workflow/outside_desk.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "net/spawn.h"
#include "workflow/call_json.h"
#include "workflow/run_state.h"

namespace waypost::workflow {
namespace {

constexpr milliseconds kFirstPause{500};
constexpr milliseconds kLongestPause{60'000};
constexpr std::int64_t kMostDoublings = 7;

}  // namespace

std::optional<milliseconds> pause_before_retry(const OutsideTry& tried, std::int64_t attempt, int attempts) {
  if (!tried.may_repeat || attempt >= attempts) return std::nullopt;
  const auto doubled = kFirstPause * (1 << std::min(attempt - 1, kMostDoublings));
  return std::min(kLongestPause, std::max<milliseconds>(doubled, tried.retry_after.value_or(milliseconds(0))));
}

OutsideDesk::OutsideDesk(asio::any_io_executor loop, Outside& outside, CallPlaces places, Call call)
    : loop_(std::move(loop)),
      outside_(outside),
      places_(std::move(places)),
      call_(std::move(call)),
      ended_(loop_, asio::steady_timer::time_point::max()) {}

bool OutsideDesk::take(const store::Run& run) {
  if (places_.take(run.tenant)) return true;
  places_.line_up({.tenant = run.tenant, .conversation = run.conversation});
  return false;
}

void OutsideDesk::give_back(TenantId tenant) {
  places_.give_back(tenant);
  if (const auto next = places_.next()) call_(*next);
}

void OutsideDesk::ask(const store::Run& run, Settle settle) {
  spawn(loop_, "outside call", carry_out(run, std::move(settle)));
}

awaitable<void> OutsideDesk::carry_out(store::Run run, Settle settle) {
  const auto tenant = run.tenant;
  const auto id = run.id;
  try {
    const auto call = read_call(read_state(run.state).stop.value().ask);
    auto tried = co_await outside_.ask({.tenant = tenant, .conversation = run.conversation, .call = call});
    co_await settle(std::move(run), std::move(tried));
  } catch (const std::exception& fault) {
    log::error("run {}: a call's answer is lost and it is repeated: {}", id.text(), fault.what());
  }
  give_back(tenant);
  ended_.cancel();
}

awaitable<void> OutsideDesk::stop(milliseconds most) {
  places_.close();
  const auto end = std::chrono::steady_clock::now() + most;
  while (places_.taken() > 0 && std::chrono::steady_clock::now() < end) {
    ended_.expires_at(end);
    co_await ended_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

}  // namespace waypost::workflow
