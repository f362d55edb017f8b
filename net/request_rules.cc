#include "net/request_rules.h"

#include <algorithm>

#include "base/text.h"

namespace waypost {
namespace {

bool same_word(std::string_view a, std::string_view lower) {
  return a.size() == lower.size() && std::equal(a.begin(), a.end(), lower.begin(), [](char x, char y) {
           return (x >= 'A' && x <= 'Z' ? static_cast<char>(x + 32) : x) == y;
         });
}

// "http://host:1/path" loses its scheme and authority, as RFC 9112, section 3.2.2 wants of a server.
std::string_view origin_form(std::string_view target) {
  if (target.starts_with('/')) return target;
  const auto scheme = target.find("://");
  if (scheme == std::string_view::npos || scheme > 5) return {};
  const auto path = target.find_first_of("/?", scheme + 3);
  return path == std::string_view::npos ? std::string_view("/") : target.substr(path);
}

bool read_query(std::string_view text, std::vector<std::pair<std::string, std::string>>& query) {
  while (!text.empty()) {
    const auto end = std::min(text.find('&'), text.size());
    const auto pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size());
    auto key = percent_decoded(pair.substr(0, equals), true);
    auto value = percent_decoded(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!key || !value) return false;
    query.emplace_back(*std::move(key), *std::move(value));
  }
  return true;
}

bool is_one_of(std::string_view address, const std::vector<std::string>& proxies) {
  return std::find(proxies.begin(), proxies.end(), address) != proxies.end();
}

std::string_view last_stranger(std::string_view list, const std::vector<std::string>& proxies) {
  std::string_view stranger;
  while (!list.empty()) {
    const auto comma = list.rfind(',');
    stranger = trimmed(comma == std::string_view::npos ? list : list.substr(comma + 1));
    if (!is_one_of(stranger, proxies)) break;
    list = comma == std::string_view::npos ? std::string_view() : list.substr(0, comma);
  }
  return stranger;
}

}  // namespace

std::string_view raw_path(std::string_view target) {
  const auto origin = origin_form(target);
  return origin.substr(0, origin.find_first_of("?#"));
}

bool read_target(RequestHead& head) {
  const auto origin = origin_form(head.target);
  const auto raw = raw_path(head.target);
  if (!raw.starts_with('/')) return false;
  auto path = percent_decoded(raw, false);
  if (!path || path->contains('\0')) return false;
  head.path = *std::move(path);
  if (raw.size() == origin.size()) return true;
  return origin[raw.size()] == '?' && read_query(origin.substr(raw.size() + 1), head.query);
}

void Framing::note(std::string_view name, std::string_view value) {
  if (same_word(name, "host")) {
    ++hosts;
  } else if (same_word(name, "content-length")) {
    ++lengths;
    plain_length = plain_length && !value.empty() && value.find_first_not_of("0123456789") == std::string_view::npos;
  } else if (same_word(name, "transfer-encoding")) {
    ++codings;
    only_chunked = same_word(value, "chunked");
  } else if (same_word(name, "expect")) {
    (same_word(value, "100-continue") ? expects_continue : expects_other) = true;
  }
}

int Framing::refusal() const {
  if (lengths > 1 || codings > 1 || (lengths == 1 && codings == 1)) return 400;
  if (!plain_length || (codings == 1 && !http_1_1)) return 400;
  if (codings == 1 && !only_chunked) return 501;
  if (hosts > 1 || (hosts == 0 && http_1_1)) return 400;
  if (expects_other) return 417;
  return 0;
}

void believe_proxy(RequestHead& head, const std::vector<std::string>& proxies) {
  if (!is_one_of(head.peer, proxies)) return;
  if (const auto proto = head.headers.find("X-Forwarded-Proto")) head.tls = same_word(trimmed(*proto), "https");
  const auto lines = head.headers.all("X-Forwarded-For");
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    const auto stranger = last_stranger(*line, proxies);
    if (stranger.empty()) continue;
    head.peer = std::string(stranger);
    if (!is_one_of(stranger, proxies)) return;
  }
}

}  // namespace waypost
