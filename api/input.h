// Input: the JSON object in a request's body, read field by field. Complaints are collected, so that one answer names
// them all. One request's; its own loop.
//
//   auto input = Input::of(request);           // 400 when it is no JSON object; an empty body is {}
//   auto name = input->text("name", {.most = 200});
//   if (auto fine = input->end(); !fine) co_return fail(fine.error());

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "net/http.h"

namespace waypost::api {

// Characters, counted after the text is trimmed where `trim` says so.
struct TextRule {
  std::size_t least = 1;
  std::size_t most = 1024;
  bool trim = true;
};

class Input {
 public:
  static Result<Input> of(const Request& request);
  explicit Input(Json body) : body_(std::move(body)) {}

  bool has(std::string_view key) const { return body_.contains(key); }
  // There, and null: "take it away".
  bool is_null(std::string_view key) const;

  // Required: a complaint and "" when it is missing or null.
  std::string text(std::string_view key, TextRule rule = {});
  // Nothing when it is missing or null; a complaint when it is of another type or breaks the rule.
  std::optional<std::string> maybe_text(std::string_view key, TextRule rule = {});
  std::optional<bool> maybe_bool(std::string_view key);
  std::optional<std::int64_t> maybe_integer(std::string_view key, std::int64_t least, std::int64_t most);
  const Json* maybe_object(std::string_view key);
  // Each a text of 1 to `most` characters, each kept once.
  std::optional<std::vector<std::string>> maybe_texts(std::string_view key, std::size_t most);

  // The first of the keys that is there, else the last: two names for one field.
  std::string_view either(std::string_view first, std::string_view second) const { return has(first) ? first : second; }

  // Takes the member out of the body.
  void take(std::string_view key) { body_.erase(std::string(key)); }

  void complain(std::string_view path, std::string message);
  // InvalidInput with every complaint.
  Result<void> end() const;

  const Json& body() const { return body_; }

 private:
  const Json* member(std::string_view key) const;
  void expected(std::string_view key, std::string_view type, const Json& found);

  Json body_;
  std::vector<FieldError> complaints_;
};

}  // namespace waypost::api
