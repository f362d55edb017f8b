// Error and Result: what a caller can do about a failure, and the words for a person. Any thread.

#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace waypost {

// Named for what the caller can do. The HTTP status that the API answers is in api/answers.cc.
enum class ErrorKind {
  InvalidInput,  // mend the input
  Unauthorised,  // say who you are
  Forbidden,     // ask someone who may
  NotFound,
  Conflict,     // it exists already, or someone else changed it first
  RateLimited,  // come back later
  Unavailable,  // a service is away: come back later
  Rejected,     // well formed, refused for a reason of the business
  Internal,     // a fault of ours
};

std::string_view name_of(ErrorKind kind);

// One complaint about one field of an input; `path` in dots ("nodes.2.type").
struct FieldError {
  std::string path;
  std::string message;
  bool operator==(const FieldError&) const = default;
};

// Words never hold a secret, a signature, a token or a message's text.
class Error {
 public:
  Error(ErrorKind kind, std::string words) : kind_(kind), words_(std::move(words)) {}

  ErrorKind kind() const { return kind_; }
  const std::string& words() const { return words_; }
  const std::vector<FieldError>& fields() const { return fields_; }

  // A short machine-readable reason ("window_closed"); empty when the kind says all.
  const std::string& code() const { return code_; }

  Error with_code(std::string code) && {
    code_ = std::move(code);
    return std::move(*this);
  }
  Error with_field(std::string path, std::string message) && {
    fields_.push_back({std::move(path), std::move(message)});
    return std::move(*this);
  }
  Error with_fields(std::vector<FieldError> fields) && {
    fields_ = std::move(fields);
    return std::move(*this);
  }
  // Says what was being done: "sending m-17: connection reset".
  Error during(std::string_view doing) &&;

 private:
  ErrorKind kind_;
  std::string words_;
  std::string code_;
  std::vector<FieldError> fields_;
};

// std::expected of libstdc++ 12 is not [[nodiscard]]; this is, also through co_await.
template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
};

inline std::unexpected<Error> fail(ErrorKind kind, std::string words) {
  return std::unexpected(Error(kind, std::move(words)));
}
inline std::unexpected<Error> fail(Error error) { return std::unexpected(std::move(error)); }

}  // namespace waypost
