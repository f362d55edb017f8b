// Secret: a value that no log, error or JSON prints by accident. `reveal()` is the one word to look for. Any thread.

#pragma once

#include <string>
#include <utility>

namespace waypost {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}

  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

 private:
  std::string value_;
};

}  // namespace waypost
