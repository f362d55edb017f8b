#include "queue/redis_link.h"

#include <array>
#include <cstring>
#include <map>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/metrics.h"
#include "net/spawn.h"
#include "queue/backoff.h"
#include "queue/redis_connection.h"

namespace waypost {

namespace {

double dice() {
  std::array<std::uint8_t, 4> bytes{};
  random_bytes(bytes);
  std::uint32_t number = 0;
  std::memcpy(&number, bytes.data(), bytes.size());
  return number / 4294967296.0;
}

prometheus::Gauge& up_gauge() {
  static auto& gauge_up = gauge("waypost_redis_up", "1 while the link to Redis is up");
  return gauge_up;
}

// What opens a connection; PING comes last, because a Redis that still loads its file refuses it.
std::vector<RedisWords> greeting(const RedisAddress& address) {
  std::vector<RedisWords> words;
  if (!address.password.empty() && !address.user.empty()) {
    words.push_back({"AUTH", address.user, address.password.reveal()});
  } else if (!address.password.empty()) {
    words.push_back({"AUTH", address.password.reveal()});
  }
  if (address.database != 0) words.push_back({"SELECT", std::to_string(address.database)});
  words.push_back({"PING"});
  return words;
}

RedisWords script_words(std::string_view command, std::string_view script, RedisCall& call) {
  RedisWords words{std::string(command), std::string(script), std::to_string(call.keys.size())};
  words.insert(words.end(), call.keys.begin(), call.keys.end());
  words.insert(words.end(), call.arguments.begin(), call.arguments.end());
  return words;
}

awaitable<Result<void>> greet(std::shared_ptr<RedisConnection> connection, RedisAddress address) {
  for (auto& words : greeting(address)) {
    auto reply = co_await connection->ask(std::move(words));
    if (!reply) co_return fail(std::move(reply).error());
    if (reply->is_error()) co_return fail(redis_error(reply->text).during("greeting"));
  }
  co_return Result<void>();
}

awaitable<Result<void>> open(std::shared_ptr<RedisConnection> connection, RedisAddress address) {
  auto connected = co_await connection->connect(address);
  if (connected) connected = co_await greet(connection, address);
  if (!connected) connection->close(connected.error().words());
  co_return connected;
}

}  // namespace

struct RedisLink::State {
  State(asio::any_io_executor on, RedisAddress at, const RedisLinkSettings& with)
      : loop(std::move(on)), address(std::move(at)), settings(with), pause(loop), ended(loop) {}

  // Constant after construction.
  asio::any_io_executor loop;
  RedisAddress address;
  RedisLinkSettings settings;

  // Loop only.
  std::shared_ptr<RedisConnection> opening;  // connecting, or up
  std::shared_ptr<RedisConnection> current;  // up
  std::uint64_t connections = 0;
  bool stopping = false;
  bool running = false;
  bool told_down = false;
  asio::steady_timer pause;
  asio::steady_timer ended;
  std::vector<std::function<void()>> hooks;
  std::vector<std::shared_ptr<asio::steady_timer>> hoping;  // until_up
  std::map<const char*, std::string> hashes;                // script text to SHA1, as Redis gave it

  // Holds the link up until it is stopped. Coroutines here own the state, never the link: it may go while they wait.
  static awaitable<void> keep_up(std::shared_ptr<State> state);

  void shut() {
    stopping = true;
    if (opening) opening->close("the link to Redis was stopped");
    pause.cancel();
    wake_hoping();
  }
  void wake_hoping() {
    for (const auto& timer : hoping) timer->cancel();
  }
  void came_up() {
    current = opening;
    ++connections;
    up_gauge().Set(1);
    if (std::exchange(told_down, false)) log::info("redis: connected again to {}", address.place());
    wake_hoping();
    for (const auto& hook : hooks) hook();
  }
  void went_down(const std::string& why) {
    current = nullptr;
    opening = nullptr;
    up_gauge().Set(0);
    if (!stopping && !std::exchange(told_down, true)) log::warn("redis: {} is away: {}", address.place(), why);
  }
};

awaitable<void> RedisLink::State::keep_up(std::shared_ptr<State> state) {
  Backoff backoff(state->settings.pause_first, state->settings.pause_most);
  while (!state->stopping) {
    const auto connection = std::make_shared<RedisConnection>(state->loop, state->settings.answer);
    state->opening = connection;
    if ((co_await open(connection, state->address)) && !state->stopping) {
      backoff.reset();
      state->came_up();
    }
    co_await connection->until_ended();
    state->went_down(connection->why_down());
    if (state->stopping) break;
    state->pause.expires_after(backoff.next(dice()));
    co_await state->pause.async_wait(kToken);
  }
  state->running = false;
  state->ended.cancel();
}

Result<std::unique_ptr<RedisLink>> RedisLink::make(asio::any_io_executor loop, const RedisLinkSettings& settings) {
  auto address = parse_redis_url(settings.url);
  if (!address) return fail(std::move(address).error());
  auto state = std::make_shared<State>(std::move(loop), std::move(*address), settings);
  return std::unique_ptr<RedisLink>(new RedisLink(std::move(state)));
}

RedisLink::RedisLink(std::shared_ptr<State> state) : state_(std::move(state)) {}

RedisLink::~RedisLink() {
  if (state_->running) state_->shut();
}

void RedisLink::start() {
  WAYPOST_CHECK(!state_->running && !state_->stopping);
  state_->running = true;
  spawn(state_->loop, "redis link", State::keep_up(state_));
}

awaitable<void> RedisLink::stop() {
  const auto state = state_;
  state->shut();
  while (state->running) {
    state->ended.expires_at(asio::steady_timer::time_point::max());
    co_await state->ended.async_wait(kToken);
  }
}

bool RedisLink::is_up() const { return state_->current != nullptr; }

std::uint64_t RedisLink::connections() const { return state_->connections; }

std::uint64_t RedisLink::writes() const { return state_->current ? state_->current->writes() : 0; }

void RedisLink::on_connected(std::function<void()> hook) { state_->hooks.push_back(std::move(hook)); }

awaitable<Result<void>> RedisLink::until_up(std::chrono::milliseconds limit) {
  const auto state = state_;
  const auto timer = std::make_shared<asio::steady_timer>(state->loop, limit);
  if (!state->current && !state->stopping) {
    state->hoping.push_back(timer);
    co_await timer->async_wait(kToken);
    std::erase(state->hoping, timer);
  }
  if (state->current) co_return Result<void>();
  co_return fail(ErrorKind::Unavailable, "Redis is away: " + state->address.place());
}

awaitable<Result<RedisValue>> RedisLink::ask(RedisWords words) {
  const auto connection = state_->current;
  if (!connection) co_return fail(ErrorKind::Unavailable, "Redis is away");
  auto reply = co_await connection->ask(std::move(words));
  if (!reply) co_return reply;
  co_return judged(std::move(*reply));
}

awaitable<Result<RedisValue>> RedisLink::run(RedisCall call) {
  const auto state = state_;
  const auto connection = state->current;
  if (!connection) co_return fail(ErrorKind::Unavailable, "Redis is away");
  auto& hash = state->hashes[call.text.data()];
  if (hash.empty()) {
    auto loaded = co_await connection->ask({"SCRIPT", "LOAD", std::string(call.text)});
    if (loaded) loaded = judged(std::move(*loaded));
    if (!loaded) co_return loaded;
    hash = loaded->text;
  }
  auto reply = co_await connection->ask(script_words("EVALSHA", hash, call));
  if (reply && reply->is_error() && reply->text.starts_with("NOSCRIPT")) {
    reply = co_await connection->ask(script_words("EVAL", call.text, call));  // this also makes Redis remember it
  }
  if (!reply) co_return reply;
  co_return judged(std::move(*reply));
}

awaitable<Result<void>> RedisLink::check_policy() {
  const auto reply = co_await ask({"INFO", "memory"});  // CONFIG GET is forbidden at many hosts
  if (!reply) co_return fail(reply.error());
  if (reply->text.contains("maxmemory_policy:noeviction")) co_return Result<void>();
  co_return fail(ErrorKind::Rejected,
                 "Redis must run with maxmemory-policy noeviction, or queues lose keys in silence");
}

}  // namespace waypost
