// PostgresLink: one connection to a PostgreSQL server, made by its constructor; libpq stays behind it. Every wait has
// an end. A link that broke stays broken. One thread at a time.

#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/secret.h"
#include "sql/postgres_fault.h"
#include "sql/postgres_rows.h"
#include "sql/postgres_wire.h"

struct pg_conn;
struct pg_result;

namespace waypost::sql {

struct PostgresTimeouts {
  std::chrono::milliseconds connect{5'000};               // to each address; whole seconds, 2 at least
  std::chrono::milliseconds statement{30'000};            // then it is Unavailable
  std::chrono::milliseconds lock{100};                    // then it is Contention
  std::chrono::milliseconds idle_in_transaction{15'000};  // then the server ends the connection
};

struct PostgresOptions {
  Secret url;  // libpq's: postgresql://user:password@host:5432/database?sslmode=verify-full&sslrootcert=…
  SessionUse use = SessionUse::Write;
  std::string application_name = "waypost";
  PostgresTimeouts timeouts{};
  std::chrono::milliseconds settling{30'000};  // how long the outcome of a lost COMMIT is asked for
};

// What a statement answered: its cells, row by row, and its command tag ("INSERT 0 3").
struct Answer {
  std::size_t columns = 0;
  std::vector<Cell> cells{};
  std::string tag{};
};

class PostgresLink {
 public:
  // Connects. Throws Fault (Unavailable). `options` outlives the link.
  explicit PostgresLink(const PostgresOptions& options);
  PostgresLink(const PostgresLink&) = delete;
  PostgresLink& operator=(const PostgresLink&) = delete;
  ~PostgresLink();

  // One statement, prepared once a link for its text and its values' types. Throws Fault.
  Answer run(std::string_view text, std::span<const Value> values) { return ask(text, WireValues(values)); }
  // The rows of one table: a few by its INSERT, many by COPY. Throws Fault.
  void insert(const TableRows& rows);
  // Statements without parameters and answers, in one round trip; the last one's tag. Throws Fault.
  std::string script(std::string_view text, std::chrono::milliseconds limit);
  std::string script(std::string_view text) { return script(text, limit()); }

  // False when it broke, or the server turned out to be one that only reads; make another one.
  bool usable() const;
  enum class State { Idle, InTransaction, FailedTransaction };
  State state() const;

 private:
  struct CloseConnection {
    void operator()(pg_conn* connection) const noexcept;
  };
  struct ClearResult {
    void operator()(pg_result* result) const noexcept;
  };
  using Handle = std::unique_ptr<pg_conn, CloseConnection>;
  using Reply = std::unique_ptr<pg_result, ClearResult>;
  struct Prepared {
    std::string name;
    bool fresh = false;
  };

  Answer ask(std::string_view text, const WireValues& wire);
  void copy(const TableRows& rows);
  bool put(std::string_view bytes);
  static Handle connected(const PostgresOptions& options);
  // The server's own limit is shorter: this one is for a server that is stopped or cut off.
  std::chrono::milliseconds limit() const { return options_.timeouts.statement + std::chrono::seconds(5); }
  Prepared prepared(std::string_view text, const WireValues& values);
  void prepare(const std::string& name, std::string_view text, const WireValues& values);
  Reply reply(bool sent, std::chrono::milliseconds limit);
  void await_reply(std::chrono::steady_clock::time_point end);
  void demand_success(const Reply& reply, std::string_view text);
  Fault fault_of(const Reply& reply, std::string_view text);
  void forget_statements() noexcept;

  const PostgresOptions& options_;
  Handle handle_;
  bool given_up_ = false;
  std::unordered_map<std::string, std::string> names_;  // of prepared statements, by types and text
  std::size_t prepared_ever_ = 0;
};

}  // namespace waypost::sql
