#include "net/request_text.h"

#include <array>

#include "base/text.h"

namespace waypost {
namespace {

// RFC 9110, section 5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter && !kMarks.contains(c)) return false;
  }
  return !text.empty();
}

bool is_value(std::string_view text) {
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7f) return false;
  }
  return true;
}

bool is_ours(std::string_view name) {
  static constexpr std::array<std::string_view, 4> kOurs = {"host", "content-length", "transfer-encoding",
                                                            "connection"};
  const auto lower = lower_ascii(name);
  for (const auto ours : kOurs) {
    if (lower == ours) return true;
  }
  return false;
}

std::uint64_t length_of(const ClientRequest& request) {
  return request.give_body ? request.give_body->size : request.body.size();
}

bool announces_body(const ClientRequest& request) {
  return length_of(request) > 0 || request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
}

}  // namespace

Result<std::string> request_text(const ClientRequest& request, const Url& url) {
  if (!is_token(request.method)) return fail(ErrorKind::InvalidInput, "the method is not a word");
  std::string text;
  text.reserve(512 + request.body.size());
  text += request.method + " " + url.target + " HTTP/1.1\r\nHost: " + url.origin.authority() + "\r\n";
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name) || !is_value(value)) return fail(ErrorKind::InvalidInput, "a header is malformed");
    if (!is_ours(name)) text += name + ": " + value + "\r\n";
  }
  if (!request.headers.find("User-Agent")) text += "User-Agent: waypost/" WAYPOST_VERSION "\r\n";
  if (announces_body(request)) text += "Content-Length: " + std::to_string(length_of(request)) + "\r\n";
  text += "\r\n";
  if (!request.give_body) text += request.body;
  return text;
}

}  // namespace waypost
