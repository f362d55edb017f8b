// Values and cells in PostgreSQL's binary form. Pure: no connection, no libpq. Any thread.
//
// Numbers of types are those of pg_type.dat; the wire protocol has frozen them. Forms: "binary" send and receive
// functions of PostgreSQL 15, measured against the server by the tests.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sql/value.h"

namespace waypost::sql {

using TypeNumber = std::uint32_t;  // libpq's Oid

TypeNumber type_number(Type type);
TypeNumber array_type_number(Type of);

// The parameters of one statement as libpq takes them. It borrows the values' texts and owns the rest.
class WireValues {
 public:
  // Throws Fault (Data) for a text with a NUL in it: the server would refuse it in the middle of the transaction.
  explicit WireValues(std::span<const Value> values);
  WireValues() = default;
  WireValues(WireValues&&) = default;
  WireValues(const WireValues&) = delete;
  WireValues& operator=(const WireValues&) = delete;
  WireValues& operator=(WireValues&&) = delete;
  ~WireValues() = default;

  // One more, in binary form already; nothing is null. Borrows the bytes.
  void add(TypeNumber type, std::optional<std::string_view> bytes);

  // Each value's length (-1: null) and its bytes: so they stand in an array, and in a tuple of COPY.
  void append_to(std::string& bytes) const;

  int count() const { return static_cast<int>(types_.size()); }
  std::span<const TypeNumber> types() const { return types_; }
  const char* const* starts() const { return starts_.data(); }
  const int* sizes() const { return sizes_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  void add(const Value& value);
  void borrow(std::string_view bytes);
  void add_null();
  void own(std::string bytes);

  std::vector<TypeNumber> types_;
  std::vector<const char*> starts_;  // null for null
  std::vector<int> sizes_;
  std::vector<int> formats_;  // all 1: binary
  std::vector<std::string> owned_;
};

// One column's bytes, not null. Throws Fault (Data) for a type that the shared text does not use, such as the numeric
// that sum() of bigint answers.
Cell decoded(TypeNumber type, std::string_view bytes);

}  // namespace waypost::sql
