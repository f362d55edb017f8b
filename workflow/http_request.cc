#include "workflow/http_request.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <utility>

#include "base/text.h"
#include "net/http.h"
#include "net/url.h"
#include "workflow/variables.h"

namespace waypost::workflow {
namespace {

using Words = std::expected<std::string, store::Complaint>;

std::unexpected<store::Complaint> bad_url(std::string words) {
  return std::unexpected(store::Complaint{.code = "bad_url", .words = std::move(words)});
}
std::unexpected<store::Complaint> too_large(std::string words) {
  return std::unexpected(store::Complaint{.code = "http_too_large", .words = std::move(words)});
}

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

// The end of the placeholder that begins `text`, behind its braces; npos: it has none. Braces in quotes are text.
std::size_t placeholder_end(std::string_view text) {
  char quote = 0;
  for (std::size_t at = 2; at + 1 < text.size(); ++at) {
    const char c = text[at];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '}' && text[at + 1] == '}') {
      return at + 2;
    }
  }
  return std::string_view::npos;
}

bool is_behind_host(std::string_view url) {
  const auto scheme = url.find("://");
  return scheme != std::string_view::npos && url.find_first_of("/?#", scheme + 3) != std::string_view::npos;
}

// A value that stands where `url` goes on.
Words value_in_url(std::string_view url, std::string value) {
  if (url.empty()) return value;  // the whole beginning is the variable's: an address that the workflow was given
  if (is_behind_host(url)) {
    if (value == "." || value == "..") return bad_url("a variable would lead out of the URL's path");
    return percent_encoded(value);
  }
  const auto fits = [](char c) { return is_alphanumeric(c) || c == '.' || c == '-'; };
  if (!std::ranges::all_of(value, fits)) return bad_url("a variable does not fit into the URL's host");
  return value;
}

// What people paste: blanks and letters of every language behind the host.
std::string mended_url(std::string_view url) {
  static constexpr std::string_view kHarmful = " \"<>\\^`{|}";
  const auto scheme = url.find("://");
  const auto host = scheme == std::string_view::npos ? url.size() : scheme + 3;
  const auto behind = std::min(url.find_first_of("/?#", host), url.size());
  std::string out(url.substr(0, behind));
  for (const char c : url.substr(behind)) {
    const bool harmful = static_cast<unsigned char>(c) <= ' ' || static_cast<unsigned char>(c) >= 0x7f;
    out += harmful || kHarmful.contains(c) ? percent_encoded({&c, 1}) : std::string(1, c);
  }
  return out;
}

Words filled_url(Plan& plan, std::string_view rest, const Json& scope) {
  std::string url;
  while (!rest.empty()) {
    const auto begin = rest.find("{{");
    const auto size = begin == std::string_view::npos ? begin : placeholder_end(rest.substr(begin));
    if (size == std::string_view::npos) break;
    url += rest.substr(0, begin);
    auto value = value_in_url(url, plan.filled(rest.substr(begin, size), scope));
    if (!value) return value;
    url += *value;
    rest.remove_prefix(begin + size);
  }
  return mended_url(url + std::string(rest));
}

std::string query_text(const Json& value) { return value.is_object() ? dump(value) : text_of(value); }

void add_pair(std::string& pairs, const std::string& name, const Json& value) {
  if (value.is_null()) return;
  if (!pairs.empty()) pairs += '&';
  pairs += percent_encoded(name) + "=" + percent_encoded(query_text(value));
}

// {"a": 1, "b": [2, 3]} to "a=1&b=2&b=3".
std::string pairs_of(const Json& members) {
  std::string pairs;
  for (const auto& [name, value] : members.items()) {
    if (!value.is_array()) {
      add_pair(pairs, name, value);
      continue;
    }
    for (const auto& one : value) add_pair(pairs, name, one);
  }
  return pairs;
}

Words whole_url(Plan& plan, const Json& config, const Json& scope) {
  auto url = filled_url(plan, trimmed(text_or_empty(config, "url")), scope);
  if (!url) return url;
  url->resize(std::min(url->find('#'), url->size()));
  const Json* query = find_object(config, "query");
  const auto pairs = query == nullptr ? std::string() : pairs_of(plan.filled_value(*query, scope));
  if (!pairs.empty()) *url += (url->contains('?') ? (url->ends_with('?') ? "" : "&") : "?") + pairs;
  if (url->size() > kHttpUrlBytes) return too_large("the URL has more than 8 KiB");
  if (const auto read = parse_url(*url); !read) return bad_url(read.error().words());
  if (url->starts_with("unix:")) return bad_url("not a URL to ask: http or https is expected");
  return url;
}

// A line end in a value would begin a header of its own.
std::string header_value(std::string value) {
  std::ranges::replace_if(value, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }, ' ');
  return std::string(trimmed(value));
}

std::expected<void, store::Complaint> add_headers(HttpCall& call, const Json& headers) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : headers.items()) {
    if (value.is_null() || !is_http_header(name)) continue;
    call.headers.emplace_back(name, header_value(text_of(value)));
    bytes += name.size() + call.headers.back().second.size();
  }
  if (bytes > kHttpHeaderBytes || call.headers.size() > kHttpHeaders)
    return too_large("the headers have more than 16 KiB");
  return {};
}

std::string content_type_of(const HttpCall& call) {
  for (const auto& [name, value] : call.headers) {
    if (lower_ascii(name) == "content-type") return lower_ascii(value);
  }
  return {};
}

// The body's value: JSON that was written as text is JSON, so that a quote in a variable ends no text of it.
Json body_value(Plan& plan, const Json& body, const Json& scope) {
  if (body.is_string()) {
    const auto text = body.get<std::string>();
    const auto start = trimmed(text).substr(0, 1);
    if (start == "{" || start == "[") {
      if (const auto json = parse_json(text)) return plan.filled_value(*json, scope);
    }
  }
  return plan.filled_value(body, scope);
}

bool looks_like_json(std::string_view text) {
  const auto start = trimmed(text).substr(0, 1);
  return (start == "{" || start == "[") && parse_json(text).has_value();
}

std::expected<void, store::Complaint> add_body(HttpCall& call, const Json& body) {
  const auto said = content_type_of(call);
  std::string type = "text/plain; charset=utf-8";
  if (body.is_string()) {
    call.body = body.get<std::string>();
    if (looks_like_json(call.body)) type = "application/json";
  } else if (body.is_object() && said.starts_with("application/x-www-form-urlencoded")) {
    call.body = pairs_of(body);
  } else {
    call.body = dump(body);
    type = "application/json";
  }
  if (call.body.size() >= kHttpBodyBytes) return too_large("the request's body has 64 KiB or more");
  if (said.empty() && !call.body.empty()) call.headers.emplace_back("Content-Type", type);
  return {};
}

}  // namespace

bool is_http_header(std::string_view name) {
  static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  static constexpr std::string_view kOurs[] = {
      "host", "content-length", "transfer-encoding", "connection", "upgrade", "expect",
      "te",   "trailer",        "accept-encoding",   "keep-alive"};
  const auto fits = [](char c) { return is_alphanumeric(c) || kMarks.contains(c); };
  return !name.empty() && std::ranges::all_of(name, fits) &&
         std::ranges::find(kOurs, lower_ascii(name)) == std::ranges::end(kOurs);
}

bool takes_body(std::string_view method) { return method != "GET" && method != "HEAD"; }

std::expected<HttpCall, store::Complaint> http_call_of(Plan& plan, const Json& config, const Json& scope) {
  HttpCall call;
  if (const auto method = text_or_empty(config, "method"); !method.empty()) call.method = method;
  call.credential = CredentialId::parse(text_or_empty(config, "credentialId"));
  auto url = whole_url(plan, config, scope);
  if (!url) return std::unexpected(url.error());
  call.url = *std::move(url);
  if (const Json* headers = find_object(config, "headers")) {
    if (auto added = add_headers(call, plan.filled_value(*headers, scope)); !added)
      return std::unexpected(added.error());
  }
  const Json* body = find(config, "body");
  if (body != nullptr && !body->is_null() && takes_body(call.method)) {
    if (auto added = add_body(call, body_value(plan, *body, scope)); !added) return std::unexpected(added.error());
  }
  return call;
}

}  // namespace waypost::workflow
