#include "workflow/http_redaction.h"

#include <algorithm>

#include "base/text.h"
#include "net/http.h"

namespace waypost::workflow {
namespace {

// Without dashes and underscores, so that "api_key" and "apiKey" are one.
std::string bare_name(std::string_view name) {
  std::string bare = lower_ascii(name);
  std::erase_if(bare, [](char c) { return c == '-' || c == '_' || c == '.' || c == ' '; });
  return bare;
}

std::string decoded(std::string_view text) { return percent_decoded(text, true).value_or(std::string(text)); }

// "a=b&token=c" to "a=b&token=***".
std::string redacted_pairs(std::string_view pairs) {
  std::string out;
  while (true) {
    const auto end = pairs.find('&');
    const auto pair = pairs.substr(0, end);
    const auto equals = pair.find('=');
    const bool secret = equals != std::string_view::npos && names_secret(decoded(pair.substr(0, equals)));
    out += secret ? std::string(pair.substr(0, equals + 1)) + std::string(kHidden) : std::string(pair);
    if (end == std::string_view::npos) return out;
    out += '&';
    pairs.remove_prefix(end + 1);
  }
}

std::string without_user(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return std::string(url);
  const auto begin = scheme + 3;
  const auto authority = url.substr(begin, url.find_first_of("/?#", begin) - begin);
  const auto at = authority.rfind('@');
  if (at == std::string_view::npos) return std::string(url);
  return std::string(url.substr(0, begin)) + std::string(kHidden) + std::string(url.substr(begin + at));
}

bool is_form(std::string_view body) {
  static constexpr std::string_view kMarks = "%+-._*&=~";
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || kMarks.contains(c);
  };
  return body.contains('=') && std::ranges::all_of(body, fits);
}

void redact(Json& json) {
  if (json.is_array()) {
    for (auto& element : json) redact(element);
  }
  if (!json.is_object()) return;
  for (auto& [name, value] : json.items()) {
    if (names_secret(name) && !value.is_null()) {
      value = kHidden;
    } else {
      redact(value);
    }
  }
}

}  // namespace

bool names_secret(std::string_view name) {
  static constexpr std::string_view kWhole[] = {"auth", "cookie", "cookie2", "pass", "pin", "otp", "pwd", "sig", "sid"};
  static constexpr std::string_view kWithin[] = {"authorization", "setcookie", "token",     "secret",  "key",
                                                 "password",      "passwd",    "signature", "session", "credential"};
  const auto bare = bare_name(name);
  return std::ranges::find(kWhole, bare) != std::ranges::end(kWhole) ||
         std::ranges::any_of(kWithin, [&bare](std::string_view word) { return bare.contains(word); });
}

std::string redacted_url(std::string_view url) {
  const auto shown = without_user(url);
  const auto query = shown.find('?');
  if (query == std::string::npos) return shown;
  const auto fragment = std::min(shown.find('#', query), shown.size());
  return shown.substr(0, query + 1) + redacted_pairs(std::string_view(shown).substr(query + 1, fragment - query - 1)) +
         shown.substr(fragment);
}

Json redacted_headers(const std::vector<std::pair<std::string, std::string>>& headers) {
  Json all = Json::object();
  for (const auto& [name, value] : headers) {
    auto& shown = all[lower_ascii(name)];
    shown = shown.is_null() ? value : shown.get<std::string>() + ", " + value;
  }
  return redacted_header_object(std::move(all));
}

Json redacted_header_object(Json headers) {
  if (!headers.is_object()) return headers;
  for (auto& [name, value] : headers.items()) {
    if (names_secret(name)) value = kHidden;
    // Where a redirect leads may carry a token.
    if ((name == "location" || name == "referer") && value.is_string()) value = redacted_url(value.get<std::string>());
  }
  return headers;
}

Json redacted_json(Json json) {
  redact(json);
  return json;
}

Json redacted_body(std::string_view body) {
  const auto start = trimmed(body).substr(0, 1);
  if (start == "{" || start == "[") {
    if (auto json = parse_json(body)) return redacted_json(*std::move(json));
  }
  return is_form(body) ? redacted_pairs(body) : std::string(body);
}

KeptBody kept_body(const Json& body, std::size_t most) {
  const auto text = body.is_string() ? body.get<std::string>() : dump(body);
  if (text.size() <= most) return {.body = body};
  auto end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // not within a character
  return {.body = text.substr(0, end), .is_cut = true};
}

}  // namespace waypost::workflow
