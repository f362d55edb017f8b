#include "sql/postgres_link.h"

#include <libpq-fe.h>
#include <poll.h>

#include <cerrno>
#include <utility>

#include "sql/postgres_connect.h"

namespace waypost::sql {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kOldestServer = 140'000;  // idle time-outs; older ones are out of support
// The program has a few hundred literals; more means that someone builds statements, and all are prepared anew.
constexpr std::size_t kMostStatements = 1000;
// A COPY costs two round trips and is parsed each time; from here on it is cheaper than INSERTs.
constexpr std::size_t kManyRows = 4;
constexpr std::string_view kPlanIsOutdated = "0A000";      // "cached plan must not change result type": a migration ran
constexpr std::string_view kStatementIsUnknown = "26000";  // someone between us and the server forgot it

std::string_view field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? std::string_view() : text;
}

bool is_success(const PGresult* result) {
  const auto status = PQresultStatus(result);
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

Cell cell_of(const PGresult* result, int row, int column) {
  if (PQgetisnull(result, row, column) != 0) return {};
  const auto size = static_cast<std::size_t>(PQgetlength(result, row, column));
  return decoded(PQftype(result, column), {PQgetvalue(result, row, column), size});
}

Answer answer_of(const PGresult* result) {
  const int columns = PQnfields(result);
  const int rows = PQntuples(result);
  Answer answer{.columns = static_cast<std::size_t>(columns), .tag = PQcmdStatus(const_cast<PGresult*>(result))};
  answer.cells.reserve(static_cast<std::size_t>(rows) * answer.columns);
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) answer.cells.push_back(cell_of(result, row, column));
  }
  return answer;
}

// Two uses of one text with other types are two statements.
std::string key_of(std::string_view text, std::span<const TypeNumber> types) {
  std::string key;
  key.reserve(text.size() + types.size() * sizeof(TypeNumber));
  key.append(reinterpret_cast<const char*>(types.data()), types.size_bytes());
  return key.append(text);
}

std::string copy_text(const Insertion& into) {
  std::string text = "COPY ";
  return text.append(into.table()).append(" (").append(into.columns()).append(") FROM STDIN (FORMAT binary)");
}

void ignore_notice(void*, const PGresult*) {}  // libpq would write it to stderr

}  // namespace

void PostgresLink::CloseConnection::operator()(pg_conn* connection) const noexcept { PQfinish(connection); }
void PostgresLink::ClearResult::operator()(pg_result* result) const noexcept { PQclear(result); }

PostgresLink::PostgresLink(const PostgresOptions& options) : options_(options), handle_(connected(options)) {}

PostgresLink::~PostgresLink() = default;

PostgresLink::Handle PostgresLink::connected(const PostgresOptions& options) {
  const ConnectWords words(options);
  Handle handle(PQconnectdbParams(words.keywords(), words.values(), /*expand_dbname=*/1));
  if (!handle) throw lost_connection("no memory for a connection");
  if (PQstatus(handle.get()) != CONNECTION_OK) throw lost_connection(without_quotes(PQerrorMessage(handle.get())));
  if (PQserverVersion(handle.get()) < kOldestServer) throw lost_connection("the server is older than version 14");
  PQsetNoticeReceiver(handle.get(), ignore_notice, nullptr);
  if (PQsetnonblocking(handle.get(), 1) != 0) throw lost_connection("the connection cannot be polled");
  return handle;
}

Answer PostgresLink::ask(std::string_view text, const WireValues& wire) {
  const Prepared statement = prepared(text, wire);
  const Reply answer = reply(PQsendQueryPrepared(handle_.get(), statement.name.c_str(), wire.count(), wire.starts(),
                                                 wire.sizes(), wire.formats(), 1) == 1,
                             limit());
  const auto sqlstate = field(answer.get(), PG_DIAG_SQLSTATE);
  if (sqlstate == kStatementIsUnknown || (sqlstate == kPlanIsOutdated && !statement.fresh)) {
    forget_statements();
    throw Fault(FaultKind::Contention, "PostgreSQL: the schema changed under a prepared statement");
  }
  demand_success(answer, text);
  try {
    return answer_of(answer.get());
  } catch (const Fault& fault) {
    throw Fault(fault.kind(), fault.what() + in_statement(text));
  }
}

void PostgresLink::insert(const TableRows& rows) {
  if (rows.count >= kManyRows) return copy(rows);
  std::string_view left = rows.tuples;
  for (std::size_t at = 0; at < rows.count; ++at) ask(rows.into->text(), first_tuple(rows.types, left));
}

void PostgresLink::copy(const TableRows& rows) {
  const std::string text = copy_text(*rows.into);
  const Reply ready = reply(PQsendQuery(handle_.get(), text.c_str()) == 1, limit());
  if (PQresultStatus(ready.get()) != PGRES_COPY_IN) throw fault_of(ready, text);
  const bool sent =
      put(copy_head()) && put(rows.tuples) && put(copy_end()) && PQputCopyEnd(handle_.get(), nullptr) == 1;
  demand_success(reply(sent, limit()), text);
}

// libpq keeps what the socket does not take; reply() sees it out.
bool PostgresLink::put(std::string_view bytes) {
  return PQputCopyData(handle_.get(), bytes.data(), static_cast<int>(bytes.size())) == 1;
}

PostgresLink::Prepared PostgresLink::prepared(std::string_view text, const WireValues& values) {
  std::string key = key_of(text, values.types());
  if (const auto known = names_.find(key); known != names_.end()) return {.name = known->second};
  if (names_.size() >= kMostStatements) {
    script("DEALLOCATE ALL");
    names_.clear();
  }
  std::string name = "s" + std::to_string(++prepared_ever_);
  prepare(name, text, values);
  names_.emplace(std::move(key), name);
  return {.name = std::move(name), .fresh = true};
}

void PostgresLink::prepare(const std::string& name, std::string_view text, const WireValues& values) {
  const std::string terminated(text);
  const bool sent =
      PQsendPrepare(handle_.get(), name.c_str(), terminated.c_str(), values.count(), values.types().data()) == 1;
  demand_success(reply(sent, limit()), text);
}

std::string PostgresLink::script(std::string_view text, milliseconds limit) {
  const std::string terminated(text);
  const Reply answer = reply(PQsendQuery(handle_.get(), terminated.c_str()) == 1, limit);
  demand_success(answer, text);
  return PQcmdStatus(answer.get());
}

bool PostgresLink::usable() const { return !given_up_ && PQstatus(handle_.get()) == CONNECTION_OK; }

PostgresLink::State PostgresLink::state() const {
  switch (PQtransactionStatus(handle_.get())) {
    case PQTRANS_IDLE:
    case PQTRANS_UNKNOWN:
      return State::Idle;
    case PQTRANS_ACTIVE:
    case PQTRANS_INTRANS:
      return State::InTransaction;
    case PQTRANS_INERROR:
      return State::FailedTransaction;
  }
}

// All that the server says to one request: its first error, else its last answer.
PostgresLink::Reply PostgresLink::reply(bool sent, milliseconds limit) {
  if (!sent) {
    given_up_ = true;
    throw lost_connection(without_quotes(PQerrorMessage(handle_.get())));
  }
  const auto end = steady_clock::now() + limit;
  Reply kept;
  while (true) {
    await_reply(end);
    Reply next(PQgetResult(handle_.get()));
    if (!next) return kept;
    if (PQresultStatus(next.get()) == PGRES_COPY_IN) return next;  // it is our turn to speak
    if (!kept || is_success(kept.get())) kept = std::move(next);
  }
}

// Until PQgetResult does not block. A broken connection does not block either: it answers an error.
void PostgresLink::await_reply(steady_clock::time_point end) {
  while (true) {
    const int unsent = PQflush(handle_.get());
    if (unsent <= 0 && PQisBusy(handle_.get()) == 0) return;
    pollfd wait{.fd = PQsocket(handle_.get()), .events = POLLIN, .revents = 0};
    if (unsent > 0) wait.events = POLLIN | POLLOUT;
    const auto left = std::chrono::ceil<milliseconds>(end - steady_clock::now()).count();
    const int ready = left <= 0 ? 0 : ::poll(&wait, 1, static_cast<int>(left));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) {
      given_up_ = true;
      throw lost_connection("the server does not answer");
    }
    if ((wait.revents & ~POLLOUT) != 0 && PQconsumeInput(handle_.get()) == 0) return;
  }
}

void PostgresLink::demand_success(const Reply& reply, std::string_view text) {
  if (!reply || !is_success(reply.get())) throw fault_of(reply, text);
}

Fault PostgresLink::fault_of(const Reply& reply, std::string_view text) {
  if (PQresultStatus(reply.get()) == PGRES_EMPTY_QUERY) return {FaultKind::Data, "not one statement"};
  const auto sqlstate = field(reply.get(), PG_DIAG_SQLSTATE);
  if (sqlstate.empty()) {
    given_up_ = true;  // also for a COPY that is not copy()'s
    return lost_connection(without_quotes(PQerrorMessage(handle_.get())));
  }
  const Fault fault = postgres_fault({.sqlstate = sqlstate,
                                      .message = field(reply.get(), PG_DIAG_MESSAGE_PRIMARY),
                                      .table = field(reply.get(), PG_DIAG_TABLE_NAME),
                                      .constraint = field(reply.get(), PG_DIAG_CONSTRAINT_NAME)},
                                     text, options_.use);
  const bool reads_only = sqlstate == "25006" && options_.use == SessionUse::Write;
  if (reads_only) given_up_ = true;  // the next connection may find the server that takes writes
  return fault;
}

void PostgresLink::forget_statements() noexcept {
  names_.clear();  // their names are not used again; the server forgets them with the connection
}

}  // namespace waypost::sql
