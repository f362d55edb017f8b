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
#include "queue/redis_door.h"
#include "queue/redis_trouble.h"

namespace waypost {

namespace {

using Clock = std::chrono::steady_clock;

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

RedisWords script_words(std::string_view command, std::string_view script, RedisCall& call) {
  RedisWords words{std::string(command), std::string(script), std::to_string(call.keys.size())};
  words.insert(words.end(), call.keys.begin(), call.keys.end());
  words.insert(words.end(), call.arguments.begin(), call.arguments.end());
  return words;
}

// A script of ours, as Redis knows it.
struct Script {
  std::string name;          // ours, from the first call on
  std::string hash;          // SHA1, as Redis gave it; empty: not yet
  std::uint64_t memory = 0;  // the memory of Redis' in which it is
};

// A primary that was demoted, or lost sight of its own one. Only another connection can be better.
bool is_demoted(std::string_view code) { return code == "READONLY" || code == "MASTERDOWN"; }

}  // namespace

struct RedisLink::State {
  State(asio::any_io_executor on, RedisDoor way, const RedisLinkSettings& with)
      : loop(std::move(on)), settings(with), door(std::move(way)), pause(loop), ended(loop) {}

  // Constant after construction.
  asio::any_io_executor loop;
  RedisLinkSettings settings;

  // Loop only.
  RedisDoor door;
  std::shared_ptr<RedisConnection> current;  // up
  std::uint64_t connections = 0;
  bool stopping = false;
  bool running = false;
  std::string away = "not connected yet";  // why it is down
  RedisTrouble trouble;                    // of what is up
  Rarely rarely;
  bool told_down = false;
  asio::steady_timer pause;
  asio::steady_timer ended;
  std::vector<std::function<void()>> hooks;
  std::vector<std::shared_ptr<asio::steady_timer>> hoping;  // until_up
  std::map<const char*, Script> scripts;                    // by their text
  std::uint64_t memory = 0;  // of scripts: another one with each connection, and when Redis has forgotten one

  // Holds the link up until it is stopped. Coroutines here own the state, never the link: it may go while they wait.
  static awaitable<void> keep_up(std::shared_ptr<State> state);
  static awaitable<std::string> one_life(std::shared_ptr<State> state);
  static awaitable<void> learn_hash(std::shared_ptr<State> state, std::shared_ptr<RedisConnection> by,
                                    std::string_view script);

  void shut() {
    stopping = true;
    door.shut("the link to Redis was stopped");
    pause.cancel();
    wake_hoping();
  }
  void wake_hoping() {
    for (const auto& timer : hoping) timer->cancel();
  }
  void came_up(std::shared_ptr<RedisConnection> connection) {
    current = std::move(connection);
    ++connections;
    ++memory;
    trouble.forget();
    if (!settings.second) up_gauge().Set(1);
    if (std::exchange(told_down, false)) log::info("redis: connected again to {}", door.place());
    wake_hoping();
    for (const auto& hook : hooks) hook();
  }
  void went_down(std::string why) {
    current = nullptr;
    if (!settings.second) up_gauge().Set(0);
    away = std::move(why);
    if (stopping || settings.second || !rarely.may_say(away, Clock::now())) return;
    told_down = true;
    log::warn("redis: {} is away: {}", door.place(), away);
  }
  Script& script(std::string_view text) {
    auto& found = scripts[text.data()];
    if (found.name.empty()) found.name = "script " + std::to_string(scripts.size());
    return found;
  }
  // What Redis answered to `what` (a command's name or a script's) on a connection.
  Result<RedisValue> judge(const std::string& what, RedisConnection& on, RedisValue reply) {
    if (!reply.is_error()) {
      trouble.done(what, Clock::now());
      return reply;
    }
    const std::string code(redis_code(reply.text));
    auto error = redis_error(reply.text);
    if (error.kind() != ErrorKind::Unavailable) return fail(std::move(error));
    trouble.refused(what, error.words(), Clock::now());
    if (rarely.may_say(code, Clock::now())) log::error("redis: {}", error.words());
    if (is_demoted(code)) on.close(error.words());
    return fail(std::move(error));
  }
};

// One connection from its opening to its end; gives why it ended.
awaitable<std::string> RedisLink::State::one_life(std::shared_ptr<State> state) {
  const auto opened = co_await state->door.open();
  if (!opened) co_return opened.error().words();
  if (!state->stopping) state->came_up(*opened);
  co_await (*opened)->until_ended();
  co_return (*opened)->why_down();
}

awaitable<void> RedisLink::State::keep_up(std::shared_ptr<State> state) {
  Backoff backoff(state->settings.pause_first, state->settings.pause_most);
  while (!state->stopping) {
    const auto begun = Clock::now();
    state->went_down(co_await one_life(state));
    if (state->stopping) break;
    if (Clock::now() - begun > state->settings.pause_most + state->settings.answer) backoff.reset();
    state->pause.expires_after(backoff.next(dice()));
    co_await state->pause.async_wait(kToken);
  }
  state->running = false;
  state->ended.cancel();
}

// Beside the script's first call, which need not wait for it.
awaitable<void> RedisLink::State::learn_hash(std::shared_ptr<State> state, std::shared_ptr<RedisConnection> by,
                                             std::string_view script) {
  const auto loaded = co_await by->ask({"SCRIPT", "LOAD", std::string(script)});
  if (loaded && !loaded->is_error()) state->script(script).hash = loaded->text;
}

Result<std::unique_ptr<RedisLink>> RedisLink::make(asio::any_io_executor loop, const RedisLinkSettings& settings) {
  auto door = RedisDoor::make(loop, settings);
  if (!door) return fail(std::move(door).error());
  auto state = std::make_shared<State>(std::move(loop), std::move(*door), settings);
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

std::string RedisLink::words() const { return is_up() ? state_->trouble.words() : "away: " + state_->away; }

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
  co_return fail(ErrorKind::Unavailable, "Redis at " + state->door.place() + " is away: " + state->away);
}

awaitable<Result<RedisValue>> RedisLink::ask(RedisWords words) {
  const auto state = state_;
  const auto connection = state->current;
  if (!connection) co_return fail(ErrorKind::Unavailable, "Redis is away");
  const auto command = words.front();
  auto reply = co_await connection->ask(std::move(words));
  if (!reply) co_return reply;
  co_return state->judge(command, *connection, std::move(*reply));
}

awaitable<Result<RedisValue>> RedisLink::run(RedisCall call) {
  const auto state = state_;
  const auto connection = state->current;
  if (!connection) co_return fail(ErrorKind::Unavailable, "Redis is away");
  auto& script = state->script(call.text);
  const bool is_known = !script.hash.empty() && script.memory == state->memory;
  script.memory = state->memory;
  if (script.hash.empty()) spawn(state->loop, "redis script", State::learn_hash(state, connection, call.text));
  auto reply = co_await connection->ask(is_known ? script_words("EVALSHA", script.hash, call)
                                                 : script_words("EVAL", call.text, call));
  if (is_known && reply && reply->is_error() && reply->text.starts_with("NOSCRIPT")) {
    script.memory = ++state->memory;
    reply = co_await connection->ask(script_words("EVAL", call.text, call));
  }
  if (!reply) co_return reply;
  co_return state->judge(script.name, *connection, std::move(*reply));
}

awaitable<Result<void>> RedisLink::check_policy() {
  const auto reply = co_await ask({"INFO", "memory"});  // CONFIG GET is forbidden at many hosts
  if (!reply) co_return fail(reply.error());
  if (reply->text.contains("maxmemory_policy:noeviction")) co_return Result<void>();
  co_return fail(ErrorKind::Rejected,
                 "Redis must run with maxmemory-policy noeviction, or queues lose keys in silence");
}

}  // namespace waypost
