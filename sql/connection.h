// Connection: runs one statement at a time on one engine. Lane only: a connection belongs to its lane's thread.

#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/error.h"
#include "sql/engine.h"
#include "sql/insertion.h"
#include "sql/value.h"

namespace waypost::sql {

enum class FaultKind {
  Data,         // this statement and its data: a constraint, a wrong type, a wrong statement
  Contention,   // deadlock, serialisation, busy: run the unit again
  Unavailable,  // the disk is full, I/O failed, the server is gone: run it again when that is over
  Unsettled,    // only of commit(): it may have happened, nobody can say. Never run again; the callers are told
};

// Thrown by statements; the lane catches it. Units let it through. The words hold no values.
class Fault : public std::runtime_error {
 public:
  Fault(FaultKind kind, const std::string& words)
      : Fault(kind, words, kind == FaultKind::Data ? ErrorKind::Internal : ErrorKind::Unavailable) {}
  Fault(FaultKind kind, const std::string& words, ErrorKind answer)
      : std::runtime_error(words), kind_(kind), answer_(answer) {}
  FaultKind kind() const { return kind_; }
  // What the unit's caller is told when the lane gives up: Conflict when a unique key was taken.
  Error error() const { return {answer_, what()}; }

 private:
  FaultKind kind_;
  ErrorKind answer_;
};

class Connection {
 public:
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  virtual ~Connection() = default;

  virtual Engine engine() const = 0;

  // `text` is one statement with numbered parameters ($1 …), a string literal: it is prepared once a connection and
  // found again by where it stands and then by its text. Throws Fault.
  Rows run(std::string_view text, std::initializer_list<Value> values) {
    return run(text, std::span<const Value>(values.begin(), values.size()));
  }
  Rows run(std::string_view text) { return run(text, std::span<const Value>()); }
  virtual Rows run(std::string_view text, std::span<const Value> values) = 0;

  // Inserts a row of which the unit needs no answer. The engine may keep it back, and insert it together with others of
  // the batch: before the next statement that names the table, at the latest at the commit. Throws Fault, as that
  // statement or the commit may instead. `into` lives as long as the connection.
  void insert(const Insertion& into, std::initializer_list<Value> values) {
    insert(into, std::span<const Value>(values.begin(), values.size()));
  }
  virtual void insert(const Insertion& into, std::span<const Value> values) { run(into.text(), values); }

  // Runs several statements without parameters: migrations. Throws Fault.
  virtual void script(std::string_view text) = 0;

  // Rows changed on this connection since it was opened, and a script or a change of the schema counts as one: how the
  // lane sees whether a unit wrote anything.
  virtual std::int64_t total_changes() const = 0;

  // Which of its process' write lanes this is, from 0: for what each lane keeps to itself.
  std::size_t lane() const { return lane_; }
  void belong_to_lane(std::size_t lane) { lane_ = lane; }

 private:
  std::size_t lane_ = 0;
};

}  // namespace waypost::sql
