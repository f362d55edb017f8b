#include "api/byte_range.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace waypost::api {
namespace {

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

enum class Ranged { PassedOver, Satisfied, Beyond };
struct Asked {
  Ranged ranged = Ranged::PassedOver;
  ByteSpan span{};
};

// "-500": the last 500.
Asked suffix(std::string_view length, std::uint64_t size) {
  const auto wanted = number(length);
  if (!wanted) return {};
  if (*wanted == 0 || size == 0) return {.ranged = Ranged::Beyond};
  const auto given = std::min(*wanted, size);
  return {.ranged = Ranged::Satisfied, .span = {.first = size - given, .length = given}};
}

Asked read_range(std::string_view text, std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (lower_ascii(text.substr(0, kUnit.size())) != kUnit) return {};
  const auto spec = trimmed(text.substr(kUnit.size()));
  const auto dash = spec.find('-');
  if (dash == std::string_view::npos || spec.contains(',')) return {};
  if (dash == 0) return suffix(spec.substr(1), size);
  const auto first = number(spec.substr(0, dash));
  const auto last_text = spec.substr(dash + 1);
  const auto last = last_text.empty() ? std::optional(size == 0 ? 0 : size - 1) : number(last_text);
  if (!first || !last || (!last_text.empty() && *last < *first)) return {};
  if (*first >= size) return {.ranged = Ranged::Beyond};
  return {.ranged = Ranged::Satisfied, .span = {.first = *first, .length = std::min(*last, size - 1) - *first + 1}};
}

// If-None-Match compares weakly: "W/" makes no difference.
bool names(std::string_view list, std::string_view etag) {
  if (trimmed(list) == "*") return true;
  while (!list.empty()) {
    const auto end = std::min(list.find(','), list.size());
    auto tag = trimmed(list.substr(0, end));
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag == etag) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

}  // namespace

FileAnswer answer_for(const RequestHead& head, std::uint64_t size, std::string_view etag) {
  FileAnswer whole{.status = 200, .span = ByteSpan{.first = 0, .length = size}};
  if (const auto known = head.headers.find("If-None-Match"); known && names(*known, etag)) return {.status = 304};
  const auto range = head.headers.find("Range");
  if (!range || head.method != "GET") return whole;
  if (const auto version = head.headers.find("If-Range"); version && trimmed(*version) != etag) return whole;
  const auto asked = read_range(*range, size);
  const std::string of = "/" + std::to_string(size);
  switch (asked.ranged) {
    case Ranged::PassedOver:
      return whole;
    case Ranged::Beyond:
      return {.status = 416, .content_range = "bytes *" + of};
    case Ranged::Satisfied:
      break;
  }
  const auto last = asked.span.first + asked.span.length - 1;
  return {.status = 206,
          .span = asked.span,
          .content_range = "bytes " + std::to_string(asked.span.first) + "-" + std::to_string(last) + of};
}

}  // namespace waypost::api
