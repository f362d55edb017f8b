#include "api/cookies.h"

#include <algorithm>

#include "base/text.h"

namespace waypost::api {
namespace {

constexpr std::size_t kMostCookies = 4;

std::string cookie(std::string_view name, std::string_view value, std::chrono::seconds life, Transport transport) {
  std::string text = std::string(name) + "=" + std::string(value) + "; Max-Age=" + std::to_string(life.count()) +
                     "; Path=/; HttpOnly; SameSite=Lax";
  if (transport == Transport::Tls) text += "; Secure";
  return text;
}

void collect(std::string_view pair, std::vector<std::string>& values) {
  const auto equals = pair.find('=');
  if (equals == std::string_view::npos) return;
  const auto name = trimmed(pair.substr(0, equals));
  if (name != kSessionCookie && name != kBetterAuthCookie) return;
  const auto decoded = percent_decoded(trimmed(pair.substr(equals + 1)), false);
  if (!decoded || decoded->empty() || values.size() >= kMostCookies) return;
  if (std::ranges::find(values, *decoded) == values.end()) values.push_back(*decoded);
}

}  // namespace

std::vector<std::string> session_cookies(const Headers& headers) {
  std::vector<std::string> values;
  for (std::string_view line : headers.all("Cookie")) {
    while (!line.empty()) {
      const auto end = std::min(line.find(';'), line.size());
      collect(line.substr(0, end), values);
      line.remove_prefix(std::min(end + 1, line.size()));
    }
  }
  return values;
}

void set_session_cookies(Headers& headers, std::string_view token, std::chrono::seconds life, Transport transport) {
  for (const auto name : {kSessionCookie, kBetterAuthCookie})
    headers.add("Set-Cookie", cookie(name, token, life, transport));
}

void clear_session_cookies(Headers& headers, Transport transport) {
  set_session_cookies(headers, "", std::chrono::seconds(0), transport);
}

}  // namespace waypost::api
