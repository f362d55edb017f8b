#include "queue/redis_connection.h"

#include <array>

#include "base/check.h"
#include "net/spawn.h"

namespace waypost {

namespace {

using Clock = std::chrono::steady_clock;

// What may wait for the socket. More than this is no queue's traffic: Redis does not read any more.
constexpr std::size_t kMostPending = 64 << 20;

}  // namespace

struct RedisConnection::Waiter {
  Waiter(const asio::any_io_executor& loop, Clock::time_point until)
      : come(loop, asio::steady_timer::time_point::max()), deadline(until) {}
  asio::steady_timer come;
  Clock::time_point deadline;
  Result<RedisValue> answer = fail(ErrorKind::Unavailable, "asking Redis was given up");
};

RedisConnection::RedisConnection(asio::any_io_executor loop, std::chrono::milliseconds limit)
    : stream_(loop, limit), limit_(limit), wake_(loop), watch_(loop), ended_(loop) {}

awaitable<Result<void>> RedisConnection::connect(RedisAddress address, RedisTls tls) {
  const auto self = shared_from_this();
  auto connected = co_await stream_.connect(std::move(address), std::move(tls));
  if (!connected) co_return connected;
  if (!down_.empty()) co_return fail(ErrorKind::Unavailable, down_);
  start(read_loop());
  start(write_loop());
  start(watch_loop());
  co_return Result<void>();
}

awaitable<Result<RedisValue>> RedisConnection::ask(RedisWords words) {
  const auto self = shared_from_this();
  if (!down_.empty()) co_return fail(ErrorKind::Unavailable, down_);
  if (pending_.size() > kMostPending) co_return fail(ErrorKind::Unavailable, "too much waits for Redis");
  pending_ += formatted(words);
  const auto mine = std::make_shared<Waiter>(stream_.loop(), Clock::now() + limit_);
  waiting_.push_back(mine);
  wake_.cancel();
  co_await mine->come.async_wait(kToken);
  co_return std::move(mine->answer);
}

void RedisConnection::close(const std::string& why) {
  if (!down_.empty()) return;
  down_ = why;
  stream_.close();
  while (!waiting_.empty()) settle(fail(ErrorKind::Unavailable, down_));
  wake_.cancel();
  watch_.cancel();
}

awaitable<void> RedisConnection::until_ended() {
  const auto self = shared_from_this();
  while (running_ > 0) {
    ended_.expires_at(asio::steady_timer::time_point::max());
    co_await ended_.async_wait(kToken);
  }
}

// The shared pointer in the wrapper keeps the connection alive for `work`, which is one of its members.
void RedisConnection::start(awaitable<void> work) {
  ++running_;
  const auto hold = [](std::shared_ptr<RedisConnection> self, awaitable<void> inner) -> awaitable<void> {
    co_await std::move(inner);
    if (--self->running_ == 0) self->ended_.cancel();
  };
  spawn(stream_.loop(), "redis connection", hold(shared_from_this(), std::move(work)));
}

awaitable<void> RedisConnection::write_loop() {
  while (down_.empty()) {
    if (pending_.empty()) {
      wake_.expires_at(asio::steady_timer::time_point::max());
      co_await wake_.async_wait(kToken);
      continue;
    }
    ++writes_;
    const auto written = co_await stream_.write(std::exchange(pending_, {}));
    if (!written) close(written.error().words());
  }
}

awaitable<void> RedisConnection::read_loop() {
  std::array<char, 16384> chunk;
  while (down_.empty()) {
    const auto size = co_await stream_.read_some(chunk);
    if (!size) {
      close(size.error().words());
      continue;
    }
    auto replies = reader_.feed({chunk.data(), *size});
    if (replies) {
      hand_out(std::move(*replies));
    } else {
      close(replies.error().words());
    }
  }
}

// Needs no wake-up when an ask comes: its deadline is never before the end of the pause begun without one.
awaitable<void> RedisConnection::watch_loop() {
  while (down_.empty()) {
    watch_.expires_at(waiting_.empty() ? Clock::now() + limit_ : waiting_.front()->deadline);
    co_await watch_.async_wait(kToken);
    if (!waiting_.empty() && waiting_.front()->deadline <= Clock::now()) close("Redis does not answer");
  }
}

void RedisConnection::hand_out(std::vector<RedisValue> replies) {
  for (auto& reply : replies) {
    if (waiting_.empty()) return close("Redis gave a reply to nothing");
    settle(std::move(reply));
  }
}

void RedisConnection::settle(Result<RedisValue> answer) {
  waiting_.front()->answer = std::move(answer);
  waiting_.front()->come.cancel();
  waiting_.pop_front();
}

}  // namespace waypost
