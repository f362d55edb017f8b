#include "queue/redis_door.h"

#include <utility>

#include "net/tls.h"
#include "queue/redis_link.h"

namespace waypost {

namespace {

std::vector<RedisWords> greeting(const RedisAddress& address) {
  std::vector<RedisWords> words;
  if (!address.password.empty() && !address.user.empty()) {
    words.push_back({"AUTH", address.user, address.password.reveal()});
  } else if (!address.password.empty()) {
    words.push_back({"AUTH", address.password.reveal()});
  }
  if (address.database != 0) words.push_back({"SELECT", std::to_string(address.database)});
  return words;
}

// Of an AUTH only the code is said: "unknown command" repeats the password, where AUTH was renamed.
Error greeting_error(const std::string& command, const std::string& text) {
  if (command != "AUTH") return redis_error(text);
  auto error = redis_error(redis_code(text));
  if (error.kind() == ErrorKind::Unavailable) return error;
  return {ErrorKind::Unavailable,
          "Redis cannot sign anybody in (AUTH): look at the user and the password in the settings"};
}

awaitable<Result<void>> greet(std::shared_ptr<RedisConnection> connection, RedisAddress address) {
  for (auto& words : greeting(address)) {
    const auto command = words.front();
    auto reply = co_await connection->ask(std::move(words));
    if (!reply) co_return fail(std::move(reply).error());
    if (reply->is_error()) co_return fail(greeting_error(command, reply->text));
  }
  co_return Result<void>();
}

// A primary says "master". Some hosts forbid the question; then a write tells.
Result<void> judged_role(const RedisValue& reply) {
  const auto role = reply.items.empty() ? std::string() : reply.items.front().text;
  if (role == "slave") return fail(redis_error("READONLY"));
  if (role != "sentinel") return Result<void>();
  return fail(ErrorKind::Unavailable, "this is a sentinel: name it in redis.sentinels, not in redis.url");
}

awaitable<Result<void>> check_primary(std::shared_ptr<RedisConnection> connection) {
  const auto role = co_await connection->ask({"ROLE"});
  if (!role) co_return fail(role.error());
  auto primary = judged_role(*role);
  if (!primary) co_return primary;
  auto alive = co_await connection->ask({"PING"});  // refused while Redis loads its data, or cannot save it
  if (alive) alive = judged(std::move(*alive));
  if (!alive) co_return fail(std::move(alive).error());
  co_return Result<void>();
}

Result<std::vector<RedisAddress>> sentinels_of(const RedisLinkSettings& settings, const RedisAddress& address) {
  std::vector<RedisAddress> sentinels;
  for (const auto& text : settings.sentinels) {
    auto sentinel = parse_redis_place(text);
    if (!sentinel) return fail(std::move(sentinel).error());
    sentinel->password = settings.sentinel_password;
    sentinel->tls = address.tls;
    sentinels.push_back(std::move(*sentinel));
  }
  if (!sentinels.empty() && !address.socket.empty()) {
    return fail(ErrorKind::InvalidInput, "sentinels need a Redis URL with redis:// or rediss://");
  }
  return sentinels;
}

}  // namespace

Result<RedisDoor> RedisDoor::make(asio::any_io_executor loop, const RedisLinkSettings& settings) {
  RedisDoor door;
  auto address = parse_redis_url(settings.url);
  if (!address) return fail(std::move(address).error());
  auto sentinels = sentinels_of(settings, *address);
  if (!sentinels) return fail(std::move(sentinels).error());
  auto tls = address->tls ? client_tls(settings.ca_file) : TlsContext();
  if (!tls) return fail(std::move(tls).error());
  door.loop_ = std::move(loop);
  door.limit_ = settings.answer;
  door.place_ = sentinels->empty() ? address->place() : settings.sentinel_name + " of the sentinels";
  door.address_ = std::move(*address);
  door.tls_ = std::move(*tls);
  door.sentinels_ = std::move(*sentinels);
  door.sentinel_name_ = settings.sentinel_name;
  return door;
}

void RedisDoor::shut(const std::string& why) {
  shut_ = why;
  if (last_) last_->close(why);
}

awaitable<RedisDoor::Opened> RedisDoor::open() {
  const auto address = co_await primary();
  if (!address) co_return fail(address.error());
  place_ = address->place();
  auto opened = co_await open_primary(*address);
  if (!opened) pass_sentinel();
  co_return opened;
}

awaitable<RedisDoor::Opened> RedisDoor::open_primary(RedisAddress address) {
  auto opened = co_await connected(std::move(address));
  if (!opened) co_return opened;
  const auto checked = co_await check_primary(*opened);
  if (checked) co_return opened;
  (*opened)->close(checked.error().words());
  co_await (*opened)->until_ended();
  co_return fail(checked.error());
}

void RedisDoor::pass_sentinel() {
  if (!sentinels_.empty()) sentinel_ = (sentinel_ + 1) % sentinels_.size();
}

// Connected and signed in.
awaitable<RedisDoor::Opened> RedisDoor::connected(RedisAddress address) {
  if (!shut_.empty()) co_return fail(ErrorKind::Unavailable, shut_);
  const auto connection = std::make_shared<RedisConnection>(loop_, limit_);
  last_ = connection;
  auto done = co_await connection->connect(address, tls_);
  if (done) done = co_await greet(connection, address);
  if (done) co_return connection;
  connection->close(done.error().words());
  co_await connection->until_ended();
  co_return fail(std::move(done).error());
}

awaitable<Result<RedisAddress>> RedisDoor::primary() {
  if (sentinels_.empty()) co_return address_;
  std::string words;
  for (std::size_t i = 0; i < sentinels_.size(); ++i) {
    auto found = co_await ask_sentinel(sentinels_[sentinel_]);
    if (found) co_return found;
    words = found.error().words();
    pass_sentinel();
  }
  co_return fail(ErrorKind::Unavailable, "no sentinel tells where the primary is: " + words);
}

awaitable<Result<RedisAddress>> RedisDoor::ask_sentinel(RedisAddress sentinel) {
  const auto opened = co_await connected(sentinel);
  if (!opened) co_return fail(opened.error());
  const auto reply = co_await (*opened)->ask({"SENTINEL", "GET-MASTER-ADDR-BY-NAME", sentinel_name_});
  (*opened)->close("the sentinel has answered");
  co_await (*opened)->until_ended();
  if (!reply) co_return fail(reply.error());
  if (reply->is_error()) co_return fail(redis_error(reply->text));
  if (reply->items.size() != 2) {
    co_return fail(ErrorKind::Unavailable, "the sentinel at " + sentinel.place() + " knows no " + sentinel_name_ +
                                               ": is redis.sentinel_name right?");
  }
  auto address = address_;
  address.host = reply->items[0].text;
  address.port = reply->items[1].text;
  co_return address;
}

}  // namespace waypost
