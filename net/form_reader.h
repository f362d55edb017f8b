// FormReader: a multipart/form-data body, piece by piece as it comes (RFC 7578). It keeps no more than a part's head
// and the piece in hand. No I/O. Any thread.
//
//   reader.add(piece);  while ((event = reader.next()) != Event::NeedMore) …
//
//   Begin ─▶ Bytes* ─▶ End     each part, in order; then Over. Malformed ends it.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace waypost {

struct FormPart {
  std::string name{};
  std::optional<std::string> file_name{};
  std::string type{};  // of its content; "" where none is said
};

class FormReader {
 public:
  // Of "multipart/form-data; boundary=…"; nothing: it is none.
  static std::optional<FormReader> of(std::string_view content_type);

  // More of the body, when next() wants it.
  void add(std::string_view piece) { buffer_ += piece; }
  enum class Event { NeedMore, Begin, Bytes, End, Over, Malformed };
  Event next();
  // Of the last Begin, and of the last Bytes; good until the next call.
  const FormPart& part() const { return part_; }
  std::string_view bytes() const { return bytes_; }

 private:
  explicit FormReader(const std::string& boundary) : delimiter_("\r\n--" + boundary), buffer_("\r\n") {}
  enum class State { Before, Delimiter, Head, Body, Over, Malformed };

  Event next_delimiter();
  Event next_head();
  Event next_body();
  Event malformed();

  std::string delimiter_;
  std::string buffer_;  // a delimiter at the very start counts as one behind a line's end
  std::string bytes_;
  FormPart part_;
  State state_ = State::Before;
};

}  // namespace waypost
