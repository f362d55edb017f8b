// Values and rows of the one SQL text that both engines run. Any thread.
//
// Types: bigint (also times, in milliseconds), boolean, text, uuid, json, bytea. A Value borrows the text it is given:
// it must live until the statement has run, which temporaries of the same statement do.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"

namespace waypost::sql {

enum class Type { Bigint, Boolean, Text, Uuid, Json, Bytes };

// Marks text as JSON or as bytes; both borrow.
struct JsonText {
  std::string_view text;
};
struct Bytes {
  std::string_view bytes;
};

class Value {
 public:
  Value(std::int64_t number) : type_(Type::Bigint), number_(number) {}  // NOLINT(google-explicit-constructor)
  Value(std::uint64_t number) : Value(static_cast<std::int64_t>(number)) {}
  Value(int number) : Value(static_cast<std::int64_t>(number)) {}
  Value(bool truth) : type_(Type::Boolean), number_(truth ? 1 : 0) {}
  Value(Time at) : Value(to_millis(at)) {}
  Value(std::string_view text) : type_(Type::Text), text_(text) {}
  Value(const std::string& text) : Value(std::string_view(text)) {}
  Value(const char* text) : Value(std::string_view(text)) {}
  Value(JsonText json) : type_(Type::Json), text_(json.text) {}
  Value(Bytes bytes) : type_(Type::Bytes), text_(bytes.bytes) {}
  Value(const Uuid& uuid) : type_(Type::Uuid), uuid_(uuid) {}
  template <class Tag>
  Value(const Id<Tag>& id) : Value(id.uuid) {}
  // A null keeps its type: PostgreSQL needs it.
  template <class T>
  Value(const std::optional<T>& maybe) : Value(maybe ? Value(*maybe) : null_like(Value(T{}))) {}
  static Value null(Type type) { return null_like(type == Type::Text ? Value("") : Value(type, 0)); }
  // PostgreSQL's alone: an array of that type, some of it null perhaps. Borrows the items.
  static Value array(Type of, std::span<const Value> items) {
    Value value(of, 0);
    value.items_ = items;
    value.array_ = true;
    return value;
  }

  // Of an array: its items' type.
  Type type() const { return type_; }
  bool is_null() const { return null_; }
  bool is_array() const { return array_; }
  std::span<const Value> items() const { return items_; }
  std::int64_t number() const { return number_; }
  std::string_view text() const { return text_; }
  const Uuid& uuid() const { return uuid_; }

 private:
  Value(Type type, std::int64_t number) : type_(type), number_(number) {}
  static Value null_like(Value value) {
    value.null_ = true;
    return value;
  }

  Type type_;
  bool null_ = false;
  bool array_ = false;
  std::int64_t number_ = 0;
  std::string_view text_;
  std::span<const Value> items_;
  Uuid uuid_;
};

// One cell of an answer, owned.
struct Cell {
  enum class Kind { Null, Number, Text } kind = Kind::Null;  // Text also holds uuid, json and bytes
  std::int64_t number = 0;
  std::string text;
};

// One row; columns by their place, from 0. Asking for another type than the column's is a fault of ours and throws
// std::logic_error; so is reading null except by a maybe_… reader.
class Row {
 public:
  Row(const Cell* cells, std::size_t columns) : cells_(cells), columns_(columns) {}

  bool is_null(std::size_t column) const { return at(column).kind == Cell::Kind::Null; }
  std::int64_t number(std::size_t column) const;
  bool boolean(std::size_t column) const { return number(column) != 0; }
  Time time(std::size_t column) const { return from_millis(number(column)); }
  const std::string& text(std::size_t column) const;
  const std::string& bytes(std::size_t column) const { return text(column); }
  Uuid uuid(std::size_t column) const;
  Json json(std::size_t column) const;
  template <class IdType>
  IdType id(std::size_t column) const {
    return IdType{uuid(column)};
  }
  std::optional<std::int64_t> maybe_number(std::size_t column) const;
  std::optional<Time> maybe_time(std::size_t column) const;
  std::optional<std::string> maybe_text(std::size_t column) const;
  std::optional<Uuid> maybe_uuid(std::size_t column) const;
  template <class IdType>
  std::optional<IdType> maybe_id(std::size_t column) const {
    const auto value = maybe_uuid(column);
    if (!value) return std::nullopt;
    return IdType{*value};
  }

 private:
  const Cell& at(std::size_t column) const;

  const Cell* cells_;
  std::size_t columns_;
};

// What a statement answered.
class Rows {
 public:
  Rows(std::size_t columns, std::vector<Cell> cells, std::int64_t changed)
      : columns_(columns), cells_(std::move(cells)), changed_(changed) {}

  std::size_t size() const { return columns_ == 0 ? 0 : cells_.size() / columns_; }
  bool empty() const { return cells_.empty(); }
  Row operator[](std::size_t row) const { return {cells_.data() + row * columns_, columns_}; }
  Row front() const { return (*this)[0]; }
  // Rows inserted, updated or deleted.
  std::int64_t changed() const { return changed_; }

  class Iterator {
   public:
    Iterator(const Rows* rows, std::size_t at) : rows_(rows), at_(at) {}
    Row operator*() const { return (*rows_)[at_]; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    bool operator==(const Iterator&) const = default;

   private:
    const Rows* rows_;
    std::size_t at_;
  };
  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, size()}; }

 private:
  std::size_t columns_;
  std::vector<Cell> cells_;
  std::int64_t changed_;
};

}  // namespace waypost::sql
