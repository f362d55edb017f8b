#include "queue/rate_buckets.h"

#include <utility>

#include "base/check.h"
#include "queue/redis_link.h"

namespace waypost {

namespace {

// KEYS: buckets. ARGV: for each its interval and what it forgives (interval · (burst - 1)), µs, and a pause, µs (-1:
// none, it is asked to let one through). Returns 0, or the µs to wait, and then nothing has changed. A value is the
// time, µs, at which its bucket is idle; below 2^53, so that Lua's doubles hold it.
constexpr std::string_view kTake = R"lua(
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local idle_at, wait = {}, 0
for i, value in ipairs(redis.call('MGET', unpack(KEYS))) do
  local key = KEYS[i]
  local interval, forgiven, pause = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i])
  local idle = math.max(idle_at[key] or tonumber(value or '0'), now)
  if pause >= 0 then
    idle_at[key] = math.max(idle, now + pause + forgiven)
  else
    wait = math.max(wait, idle - now - forgiven)
    idle_at[key] = idle + interval
  end
end
if wait > 0 then return wait end
for key, idle in pairs(idle_at) do
  redis.call('SET', key, string.format('%.0f', idle), 'PX', math.max(math.ceil((idle - now) / 1000), 1))
end
return 0
)lua";

constexpr std::chrono::microseconds kNoPause{-1};

void add_bucket(RedisCall& call, const RateBucket& bucket, std::chrono::microseconds pause) {
  WAYPOST_CHECK(bucket.interval.count() > 0 && bucket.burst > 0);
  call.keys.push_back("{waypost}:bucket:" + bucket.name);
  call.arguments.push_back(std::to_string(bucket.interval.count()));
  call.arguments.push_back(std::to_string(bucket.interval.count() * (bucket.burst - 1)));
  call.arguments.push_back(std::to_string(pause.count()));
}

}  // namespace

awaitable<Result<std::optional<std::chrono::milliseconds>>> RateBuckets::allow(std::vector<RateBucket> buckets) {
  RedisCall call{.text = kTake, .keys = {}, .arguments = {}};
  for (const auto& bucket : buckets) add_bucket(call, bucket, kNoPause);
  if (buckets.empty()) co_return std::nullopt;
  auto wait = co_await link_.run(std::move(call));
  if (!wait) co_return fail(std::move(wait).error().during("taking from buckets"));
  if (wait->integer == 0) co_return std::nullopt;
  co_return std::chrono::ceil<std::chrono::milliseconds>(std::chrono::microseconds(wait->integer));
}

awaitable<Result<void>> RateBuckets::pause(RateBucket bucket, std::chrono::milliseconds duration) {
  RedisCall call{.text = kTake, .keys = {}, .arguments = {}};
  add_bucket(call, bucket, std::max(duration, std::chrono::milliseconds(0)));
  auto done = co_await link_.run(std::move(call));
  if (!done) co_return fail(std::move(done).error().during("pausing a bucket"));
  co_return Result<void>();
}

}  // namespace waypost
