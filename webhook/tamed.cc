#include "webhook/tamed.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <utility>

#include "base/json.h"

namespace waypost {
namespace {

bool opens(char c) { return c == '{' || c == '['; }
bool closes(char c) { return c == '}' || c == ']'; }
bool begins_number(char c) { return c == '-' || (c >= '0' && c <= '9'); }

// Behind the string that begins at `at`, or the end.
std::size_t behind_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return std::min(at + 1, text.size());
}

// Behind the object or list that begins at `at`; nothing when it does not end.
std::optional<std::size_t> behind_part(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  while (at < text.size()) {
    if (text[at] == '"') {
      at = behind_string(text, at);
      continue;
    }
    if (opens(text[at])) ++depth;
    if (closes(text[at]) && --depth == 0) return at + 1;
    ++at;
  }
  return std::nullopt;
}

std::size_t behind_number(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of("+-.0123456789eE", at), text.size());
}

// As the parser reads it. What is too small for a double is a zero, which fits.
bool fits_no_double(const std::string& number) {
  char* end = nullptr;
  const double value = std::strtod(number.c_str(), &end);
  return std::isinf(value) && *end == '\0';
}

// Reads the body once, a token at a time.
class Taming {
 public:
  explicit Taming(std::string_view body) : body_(body) {}

  std::string run() {
    while (at_ < body_.size()) step();
    return std::move(out_);
  }

 private:
  void step() {
    const char c = body_[at_];
    if (c == '"') return copy_until(behind_string(body_, at_));
    if (begins_number(c)) return take_number();
    if (opens(c) && depth_ >= kJsonDepth) return take_part();
    depth_ += opens(c) ? 1 : 0;
    depth_ -= closes(c) ? 1 : 0;
    copy_until(at_ + 1);
  }
  void take_number() {
    const auto end = behind_number(body_, at_);
    fits_no_double(std::string(body_.substr(at_, end - at_))) ? quote_until(end) : copy_until(end);
  }
  void take_part() {
    const auto end = behind_part(body_, at_);
    end ? quote_until(*end) : copy_until(body_.size());
  }
  void copy_until(std::size_t end) {
    out_ += body_.substr(at_, end - at_);
    at_ = end;
  }
  void quote_until(std::size_t end) {
    out_ += dump(std::string(body_.substr(at_, end - at_)));
    at_ = end;
  }

  const std::string_view body_;
  std::string out_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

std::string tamed(std::string_view body) { return Taming(body).run(); }

}  // namespace waypost
