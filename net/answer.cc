#include "net/answer.h"

#include <array>
#include <charconv>
#include <ctime>

#include "base/text.h"

namespace waypost {
namespace {

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_harmless(std::string& out, std::string_view text) {
  const auto start = out.size();
  out += text;
  for (auto at = out.find_first_of(std::string_view("\r\n\0", 3), start); at != std::string::npos;
       at = out.find_first_of(std::string_view("\r\n\0", 3), at)) {
    out[at] = ' ';
  }
}

constexpr std::string_view kLength = "content-length";

constexpr std::string_view kDate = "date";

bool is_date(std::string_view name) { return name.size() == kDate.size() && lower_ascii(name) == kDate; }

bool is_length(std::string_view name) { return name.size() == kLength.size() && lower_ascii(name) == kLength; }

void append_framing(std::string& out, const Response& response, Framed framed) {
  if (!has_body(response.status)) return;
  switch (framed) {
    case Framed::ByLength:
      out += "Content-Length: ";
      append_number(out, announced_length(response).value_or(response.body.size()));
      out += "\r\n";
      return;
    case Framed::ByChunks:
      out += "Transfer-Encoding: chunked\r\n";
      return;
    case Framed::ByClosing:
      return;
  }
}

}  // namespace

void append_head(std::string& out, const Response& response, const AnswerFacts& facts) {
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::size_t>(response.status));
  out += ' ';
  out += reason_of(response.status);
  out += "\r\nDate: ";
  append_harmless(out, response.headers.find(kDate).value_or(facts.date));
  out += "\r\n";
  for (const auto& [name, value] : response.headers) {
    if (is_length(name) || is_date(name)) continue;
    append_harmless(out, name);
    out += ": ";
    append_harmless(out, value);
    out += "\r\n";
  }
  append_framing(out, response, facts.framed);
  if (!facts.keep_alive) {
    out += "Connection: close\r\n";
  } else if (!facts.http_1_1) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
}

std::optional<std::uint64_t> announced_length(const Response& response) {
  const auto text = response.stream ? response.headers.find(kLength) : std::nullopt;
  std::uint64_t length = 0;
  if (!text || std::from_chars(text->data(), text->data() + text->size(), length).ec != std::errc())
    return std::nullopt;
  return length;
}

bool has_body(int status) { return status >= 200 && status != 204 && status != 304; }

std::string_view reason_of(int status) {
  struct Reason {
    int status;
    std::string_view words;
  };
  static constexpr std::array kReasons = {
      Reason{200, "OK"},
      Reason{201, "Created"},
      Reason{202, "Accepted"},
      Reason{204, "No Content"},
      Reason{206, "Partial Content"},
      Reason{301, "Moved Permanently"},
      Reason{302, "Found"},
      Reason{303, "See Other"},
      Reason{304, "Not Modified"},
      Reason{307, "Temporary Redirect"},
      Reason{400, "Bad Request"},
      Reason{401, "Unauthorized"},
      Reason{403, "Forbidden"},
      Reason{404, "Not Found"},
      Reason{405, "Method Not Allowed"},
      Reason{408, "Request Timeout"},
      Reason{409, "Conflict"},
      Reason{410, "Gone"},
      Reason{413, "Content Too Large"},
      Reason{415, "Unsupported Media Type"},
      Reason{416, "Range Not Satisfiable"},
      Reason{417, "Expectation Failed"},
      Reason{422, "Unprocessable Content"},
      Reason{429, "Too Many Requests"},
      Reason{431, "Request Header Fields Too Large"},
      Reason{500, "Internal Server Error"},
      Reason{501, "Not Implemented"},
      Reason{502, "Bad Gateway"},
      Reason{503, "Service Unavailable"},
      Reason{504, "Gateway Timeout"},
      Reason{505, "HTTP Version Not Supported"},
  };
  for (const auto& reason : kReasons) {
    if (reason.status == status) return reason.words;
  }
  return "Other";
}

std::string http_date(std::int64_t unix_seconds) {
  static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto at = static_cast<std::time_t>(unix_seconds);
  std::tm parts{};
  gmtime_r(&at, &parts);
  std::array<char, 32> rest;
  std::string out = kDays[static_cast<std::size_t>(parts.tm_wday)];
  out.append(rest.data(), std::strftime(rest.data(), rest.size(), ", %d ", &parts));
  out += kMonths[static_cast<std::size_t>(parts.tm_mon)];
  out.append(rest.data(), std::strftime(rest.data(), rest.size(), " %Y %H:%M:%S GMT", &parts));
  return out;
}

Response refusal(int status) {
  auto response = json_response(status, "{\"error\":\"" + std::string(reason_of(status)) + "\"}");
  if (status == 503) response.headers.add("Retry-After", "1");
  return response;
}

}  // namespace waypost
