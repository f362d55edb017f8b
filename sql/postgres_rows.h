// PendingRows: rows that a unit inserted and PostgreSQL has not got yet, in the binary form of COPY. Pure: no
// connection. One thread at a time.
//
// https://www.postgresql.org/docs/15/sql-copy.html, "Binary Format": a tuple is its number of fields, and of each the
// length (-1: null) and the bytes that a binary parameter would have.

#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sql/insertion.h"
#include "sql/postgres_wire.h"
#include "sql/value.h"

namespace waypost::sql {

// The rows of one table, in the order in which they were inserted.
struct TableRows {
  const Insertion* into = nullptr;
  std::vector<TypeNumber> types{};
  std::string tuples{};
  std::size_t count = 0;
};

class PendingRows {
 public:
  // `into` outlives the rows. Throws Fault (Data) for what no statement would take (WireValues).
  void add(const Insertion& into, std::span<const Value> values);
  // Those of the tables that the statement names, which must not run before them; they wait no more.
  std::vector<TableRows> take(std::string_view text);
  bool empty() const { return tables_.empty(); }
  std::size_t bytes() const;
  // All of them, and none wait any more.
  std::vector<TableRows> take();
  void clear() { tables_.clear(); }

 private:
  TableRows& rows_of(const Insertion& into, const WireValues& values);

  std::vector<TableRows> tables_;
};

// What COPY … FROM STDIN (FORMAT binary) wants before and behind the tuples.
std::string_view copy_head();
std::string_view copy_end();

// Cuts the first tuple off and returns the values in it, as borrowed parameters. `tuples` holds one.
WireValues first_tuple(std::span<const TypeNumber> types, std::string_view& tuples);

}  // namespace waypost::sql
