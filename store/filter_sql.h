// A filter as a condition on rows of `contact`, for both engines. Every value is bound, none is in the text. Lane only.

#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "conversation/contact_filter.h"
#include "sql/connection.h"

namespace waypost::store {

// A statement that is put together: its values in the order of their numbers.
class BoundText {
 public:
  explicit BoundText(sql::Engine engine) : engine_(engine) {}

  // "$3", which stands for the value.
  std::string bind(const sql::Value& value) {
    values_.push_back(value);
    return "$" + std::to_string(values_.size());
  }
  std::string bind_text(std::string text) { return bind(sql::Value(kept_.emplace_back(std::move(text)))); }

  sql::Engine engine() const { return engine_; }
  const std::vector<sql::Value>& values() const { return values_; }

 private:
  const sql::Engine engine_;
  std::vector<sql::Value> values_;
  std::deque<std::string> kept_;  // what the values borrow
};

// In parentheses.
std::string condition_of(BoundText& bound, const ContactFilter& filter);

}  // namespace waypost::store
