#include "queue/redis_connection.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>

#include "base/check.h"
#include "net/spawn.h"
#include "net/within.h"

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
    : socket_(loop), limit_(limit), wake_(loop), watch_(loop), ended_(loop) {}

awaitable<Result<void>> RedisConnection::connect(RedisAddress address) {
  const auto self = shared_from_this();
  auto connected = address.socket.empty() ? co_await connect_tcp(address) : co_await connect_unix(address.socket);
  if (!connected) co_return connected;
  if (!down_.empty()) co_return fail(ErrorKind::Unavailable, down_);
  start(read_loop());
  start(write_loop());
  start(watch_loop());
  co_return Result<void>();
}

awaitable<Result<void>> RedisConnection::connect_unix(const std::string& path) {
  if (path.size() > 107) co_return fail(ErrorKind::Unavailable, "the path of Redis' socket has over 107 bytes");
  if (co_await try_endpoint(asio::local::stream_protocol::endpoint(path))) co_return Result<void>();
  co_return fail(ErrorKind::Unavailable, "no Redis at unix:" + path);
}

awaitable<Result<void>> RedisConnection::connect_tcp(const RedisAddress& address) {
  asio::ip::tcp::resolver resolver(socket_.get_executor());
  const auto found = co_await within(limit_, resolver.async_resolve(address.host, address.port, kToken));
  if (!found || std::get<0>(*found)) co_return fail(ErrorKind::Unavailable, "no address for " + address.host);
  for (const auto& entry : std::get<1>(*found)) {
    if (!co_await try_endpoint(entry.endpoint())) continue;
    boost::system::error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    co_return Result<void>();
  }
  co_return fail(ErrorKind::Unavailable, "no Redis at " + address.place());
}

awaitable<bool> RedisConnection::try_endpoint(asio::generic::stream_protocol::endpoint endpoint) {
  if (!down_.empty()) co_return false;
  boost::system::error_code ignored;
  socket_.close(ignored);
  const auto end = co_await within(limit_, socket_.async_connect(endpoint, kToken));
  co_return end && !std::get<0>(*end);
}

awaitable<Result<RedisValue>> RedisConnection::ask(RedisWords words) {
  const auto self = shared_from_this();
  if (!down_.empty()) co_return fail(ErrorKind::Unavailable, down_);
  if (pending_.size() > kMostPending) co_return fail(ErrorKind::Unavailable, "too much waits for Redis");
  pending_ += formatted(words);
  const auto mine = std::make_shared<Waiter>(socket_.get_executor(), Clock::now() + limit_);
  waiting_.push_back(mine);
  wake_.cancel();
  co_await mine->come.async_wait(kToken);
  co_return std::move(mine->answer);
}

void RedisConnection::close(const std::string& why) {
  if (!down_.empty()) return;
  down_ = why;
  boost::system::error_code ignored;
  socket_.close(ignored);
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
  spawn(socket_.get_executor(), "redis connection", hold(shared_from_this(), std::move(work)));
}

awaitable<void> RedisConnection::write_loop() {
  while (down_.empty()) {
    if (pending_.empty()) {
      wake_.expires_at(asio::steady_timer::time_point::max());
      co_await wake_.async_wait(kToken);
      continue;
    }
    const std::string out = std::exchange(pending_, {});
    ++writes_;
    const auto [error, n] = co_await asio::async_write(socket_, asio::buffer(out), kToken);
    if (error) close("writing to Redis: " + error.message());
  }
}

awaitable<void> RedisConnection::read_loop() {
  std::array<char, 16384> chunk;
  while (down_.empty()) {
    const auto [error, n] = co_await socket_.async_read_some(asio::buffer(chunk), kToken);
    if (error) {
      close("reading from Redis: " + error.message());
      continue;
    }
    auto replies = reader_.feed({chunk.data(), n});
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
