#include "net/url.h"

#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>

namespace waypost {
namespace {

constexpr std::string_view kUnix = "unix:";

std::unexpected<Error> bad_url(std::string_view why) {
  return fail(ErrorKind::InvalidInput, "not a URL to ask: " + std::string(why));
}

bool plain_target(std::string_view target) {
  for (const char c : target) {
    if (c <= ' ' || c == 0x7f) return false;
  }
  return true;
}

// 0 when it is no port.
std::uint16_t port_of(std::string_view text, std::uint16_t usual) {
  if (text.empty()) return usual;
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() ? port : std::uint16_t{0};
}

Result<Url> parse_unix(std::string_view rest) {
  const auto colon = rest.find(":/");
  if (!rest.starts_with('/') || colon == std::string_view::npos) return bad_url("unix:/socket:/path is expected");
  Url url;
  url.origin.unix_path = rest.substr(0, colon);
  url.target = rest.substr(colon + 1);
  if (!plain_target(url.target)) return bad_url("its path holds a space or a control character");
  return url;
}

}  // namespace

std::string Origin::key() const {
  return unix_path.empty() ? (tls ? "https://" : "http://") + authority() : std::string(kUnix) + unix_path;
}

std::string Origin::authority() const {
  if (!unix_path.empty()) return "localhost";
  const auto name = host.contains(':') ? "[" + host + "]" : host;
  return port == (tls ? 443 : 80) ? name : name + ":" + std::to_string(port);
}

Result<Url> parse_url(std::string_view text) {
  if (text.starts_with(kUnix)) return parse_unix(text.substr(kUnix.size()));
  const auto parsed = boost::urls::parse_uri({text.data(), text.size()});
  if (!parsed) return bad_url("malformed");
  const auto& view = parsed.value();
  const std::string_view scheme(view.scheme().data(), view.scheme().size());
  if (scheme != "http" && scheme != "https") return bad_url("http, https or unix is expected");
  if (view.has_userinfo()) return bad_url("it holds a user name");
  Url url;
  url.origin.tls = scheme == "https";
  url.origin.host = view.host_address();
  url.origin.port = port_of({view.port().data(), view.port().size()}, url.origin.tls ? 443 : 80);
  if (url.origin.host.empty() || url.origin.port == 0) return bad_url("it names no host");
  url.target = std::string(view.encoded_target().data(), view.encoded_target().size());
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  return url;
}

Result<std::string> resolved_url(std::string_view base, std::string_view location) {
  const auto from = boost::urls::parse_uri({base.data(), base.size()});
  const auto to = boost::urls::parse_uri_reference({location.data(), location.size()});
  if (!from || !to) return bad_url("malformed");
  boost::urls::url whole;
  if (const auto done = boost::urls::resolve(*from, *to, whole); !done) return bad_url("malformed");
  return std::string(whole.buffer().data(), whole.buffer().size());
}

}  // namespace waypost
