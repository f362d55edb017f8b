#include "net/form_reader.h"

#include <algorithm>

#include "base/text.h"

namespace waypost {
namespace {

constexpr std::size_t kLongestHead = 8 * 1024;
constexpr std::size_t kLongestBoundary = 70;  // RFC 2046, section 5.1.1

// The value of a parameter of a header: `form-data; name="file"; filename="a \"b\".png"`.
std::optional<std::string> parameter(std::string_view header, std::string_view name) {
  for (auto at = header.find(';'); at != std::string_view::npos; at = header.find(';', at)) {
    auto rest = trimmed(header.substr(++at));
    const auto equals = rest.find('=');
    if (equals == std::string_view::npos || lower_ascii(trimmed(rest.substr(0, equals))) != name) continue;
    rest.remove_prefix(equals + 1);
    if (!rest.starts_with('"')) return std::string(trimmed(rest.substr(0, rest.find(';'))));
    std::string value;
    for (std::size_t i = 1; i < rest.size() && rest[i] != '"'; ++i) {
      if (rest[i] == '\\' && i + 1 < rest.size()) ++i;
      value += rest[i];
    }
    return value;
  }
  return std::nullopt;
}

bool reads_as(std::string_view line, std::string_view name) {
  return line.size() > name.size() && line[name.size()] == ':' && lower_ascii(line.substr(0, name.size())) == name;
}

// Nothing when it names no part.
std::optional<FormPart> part_of(std::string_view head) {
  constexpr std::string_view kDisposition = "content-disposition";
  constexpr std::string_view kType = "content-type";
  FormPart part;
  bool is_named = false;
  while (!head.empty()) {
    const auto end = std::min(head.find("\r\n"), head.size());
    const auto line = head.substr(0, end);
    head.remove_prefix(std::min(end + 2, head.size()));
    if (reads_as(line, kDisposition)) {
      auto name = parameter(line, "name");
      is_named = name.has_value();
      part.name = std::move(name).value_or("");
      part.file_name = parameter(line, "filename");
    } else if (reads_as(line, kType)) {
      part.type = trimmed(line.substr(kType.size() + 1));
    }
  }
  return is_named ? std::optional(std::move(part)) : std::nullopt;
}

}  // namespace

std::optional<FormReader> FormReader::of(std::string_view content_type) {
  const auto type = lower_ascii(trimmed(content_type.substr(0, content_type.find(';'))));
  const auto boundary = parameter(content_type, "boundary");
  if (type != "multipart/form-data" || !boundary || boundary->empty() || boundary->size() > kLongestBoundary)
    return std::nullopt;
  return FormReader(*boundary);
}

FormReader::Event FormReader::next() {
  bytes_.clear();
  while (true) {
    switch (state_) {
      case State::Before: {
        const auto at = buffer_.find(delimiter_);
        if (at == std::string::npos) return buffer_.size() > kLongestHead ? malformed() : Event::NeedMore;
        buffer_.erase(0, at + delimiter_.size());
        state_ = State::Delimiter;
        continue;
      }
      case State::Delimiter: {
        const auto event = next_delimiter();
        if (state_ != State::Head) return event;
        continue;
      }
      case State::Head:
        return next_head();
      case State::Body:
        return next_body();
      case State::Over:
        buffer_.clear();
        return Event::Over;
      case State::Malformed:
        return Event::Malformed;
    }
  }
}

// Behind a delimiter: another part, or the end.
FormReader::Event FormReader::next_delimiter() {
  if (buffer_.size() < 2) return Event::NeedMore;
  const bool is_last = buffer_.starts_with("--");
  if (!is_last && !buffer_.starts_with("\r\n")) return malformed();
  // Of a part's head the line's end stays: a head may be nothing but the empty line.
  if (is_last) buffer_.clear();
  state_ = is_last ? State::Over : State::Head;
  return Event::Over;
}

FormReader::Event FormReader::next_head() {
  const auto end = buffer_.find("\r\n\r\n");
  if (end == std::string::npos) return buffer_.size() > kLongestHead ? malformed() : Event::NeedMore;
  auto part = end > kLongestHead || end == 0 ? std::nullopt : part_of(std::string_view(buffer_).substr(2, end - 2));
  if (!part) return malformed();
  part_ = *std::move(part);
  buffer_.erase(0, end + 4);
  state_ = State::Body;
  return Event::Begin;
}

// What may be the beginning of a delimiter stays until more is there.
FormReader::Event FormReader::next_body() {
  const auto at = buffer_.find(delimiter_);
  if (at == 0) {
    buffer_.erase(0, delimiter_.size());
    state_ = State::Delimiter;
    return Event::End;
  }
  const auto kept = std::min(buffer_.size(), delimiter_.size() - 1);
  const auto size = at == std::string::npos ? buffer_.size() - kept : at;
  if (size == 0) return Event::NeedMore;
  bytes_ = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return Event::Bytes;
}

FormReader::Event FormReader::malformed() {
  state_ = State::Malformed;
  return Event::Malformed;
}

}  // namespace waypost
