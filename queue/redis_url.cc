#include "queue/redis_url.h"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>
#include <optional>
#include <string_view>

namespace waypost {

namespace {

std::optional<int> database_of(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

std::string parameter(const boost::urls::url_view& url, std::string_view name) {
  const auto params = url.params();
  const auto found = params.find(name);
  return found == params.end() ? std::string() : (*found).value;
}

Result<RedisAddress> with_database(RedisAddress address, const std::string& text) {
  if (text.empty()) return address;
  const auto database = database_of(text);
  if (!database) return fail(ErrorKind::InvalidInput, "the database of a Redis URL is a number from 0");
  address.database = *database;
  return address;
}

Result<RedisAddress> from_unix(const boost::urls::url_view& url) {
  RedisAddress address;
  address.socket = url.path();
  address.user = parameter(url, "user");
  address.password = Secret(parameter(url, "password"));
  if (!address.socket.starts_with('/')) {
    return fail(ErrorKind::InvalidInput, "a Redis URL with unix: needs an absolute path");
  }
  return with_database(std::move(address), parameter(url, "db"));
}

Result<RedisAddress> from_tcp(const boost::urls::url_view& url) {
  RedisAddress address;
  address.tls = url.scheme() == "rediss";
  address.host = url.host_address();
  if (!url.port().empty()) address.port = std::string(url.port());
  address.user = url.user();
  address.password = Secret(url.password());
  if (address.host.empty()) return fail(ErrorKind::InvalidInput, "a Redis URL needs a host");
  const std::string path = url.path();
  return with_database(std::move(address), path.empty() ? path : path.substr(1));
}

}  // namespace

std::string RedisAddress::place() const { return socket.empty() ? host + ":" + port : "unix:" + socket; }

Result<RedisAddress> parse_redis_url(const Secret& url) {
  const auto parsed = boost::urls::parse_uri(url.reveal());
  if (!parsed) return fail(ErrorKind::InvalidInput, "a Redis URL is unix:/path or redis://user:password@host:port/db");
  const auto& view = *parsed;
  if (view.scheme() == "unix") return from_unix(view);
  if (view.scheme() == "redis" || view.scheme() == "rediss") return from_tcp(view);
  return fail(ErrorKind::InvalidInput, "a Redis URL begins with unix:, redis:// or rediss://");
}

Result<RedisAddress> parse_redis_place(const std::string& text) {
  const std::string url = "redis://" + text;
  const auto parsed = boost::urls::parse_uri(url);
  const bool whole = parsed && !parsed->has_userinfo() && parsed->encoded_authority() == text;
  if (whole && parsed->port_number() > 0) return from_tcp(*parsed);
  return fail(ErrorKind::InvalidInput, "a sentinel is \"host:port\" or \"[IPv6]:port\"");
}

}  // namespace waypost
