#include "sql/postgres_session.h"

#include <optional>
#include <utility>

#include "base/log.h"
#include "sql/postgres_connect.h"
#include "sql/postgres_settle.h"
#include "sql/postgres_tag.h"

namespace waypost::sql {
namespace {

constexpr std::size_t kMostPending = 4 << 20;    // bytes of rows kept back
constexpr std::chrono::hours kLongestScript{2};  // a migration; its statements have limits of their own

class PostgresSession final : public Session {
 public:
  explicit PostgresSession(PostgresOptions options) : options_(std::move(options)) {}
  PostgresSession(const PostgresSession&) = delete;
  PostgresSession& operator=(const PostgresSession&) = delete;
  ~PostgresSession() override { rollback(); }

  using Connection::run;
  Engine engine() const override { return Engine::Postgres; }
  using Connection::insert;
  Rows run(std::string_view text, std::span<const Value> values) override;
  void insert(const Insertion& into, std::span<const Value> values) override;
  void insert_pending() override;
  void script(std::string_view text) override;
  std::int64_t total_changes() const override { return changes_; }

  void begin() override;
  void commit() override;
  void rollback() noexcept override;
  void savepoint() override { command("SAVEPOINT unit"); }
  void keep_savepoint() override { command("RELEASE unit"); }
  void undo_savepoint() override;

 private:
  PostgresLink& link();
  std::unique_ptr<PostgresLink> connect();
  void begin_on_link();
  std::string command(std::string_view text);
  void demand_commitable();
  bool has_written() const { return changes_ != changes_before_; }
  void send_commit(const std::optional<CommitMark>& mark);
  void settle_lost(const std::optional<CommitMark>& mark);

  const PostgresOptions options_;
  std::unique_ptr<PostgresLink> link_;
  std::optional<CommitMarks> marks_;  // of the link; sessions that only read have none
  PendingRows pending_;               // of the transaction; none outside of one
  bool begun_ = false;
  std::int64_t changes_ = 0;
  std::int64_t changes_before_ = 0;  // of begin()
};

// Inside a transaction a broken link is not made again: what ran on it is lost.
PostgresLink& PostgresSession::link() {
  const bool usable = link_ && link_->usable();
  if (!usable && begun_) throw lost_connection("the transaction was given up");
  if (!usable) {
    link_.reset();
    link_ = connect();
  }
  return *link_;
}

std::unique_ptr<PostgresLink> PostgresSession::connect() {
  auto link = std::make_unique<PostgresLink>(options_);
  if (options_.use == SessionUse::Write) marks_.emplace(*link);
  return link;
}

Rows PostgresSession::run(std::string_view text, std::span<const Value> values) {
  for (const TableRows& rows : pending_.take(text)) link().insert(rows);
  Answer answer = link().run(text, values);
  const auto changed = rows_changed(answer.tag);
  changes_ += changed + (tag_of_definition(answer.tag) ? 1 : 0);
  return {answer.columns, std::move(answer.cells), changed};
}

void PostgresSession::insert(const Insertion& into, std::span<const Value> values) {
  if (!begun_) {
    run(into.text(), values);
    return;
  }
  pending_.add(into, values);
  ++changes_;
  if (pending_.bytes() > kMostPending) insert_pending();
}

void PostgresSession::insert_pending() {
  for (const TableRows& rows : pending_.take()) link().insert(rows);
}

void PostgresSession::undo_savepoint() {
  pending_.clear();
  command("ROLLBACK TO unit; RELEASE unit");
}

void PostgresSession::script(std::string_view text) {
  insert_pending();
  ++changes_;
  link().script(text, kLongestScript);
}

std::string PostgresSession::command(std::string_view text) { return link().script(text); }

// A server that was started anew has closed the connections of before; their first use is where that is noticed.
void PostgresSession::begin() {
  rollback();
  const bool kept = link_ && link_->usable();
  try {
    begin_on_link();
  } catch (const Fault&) {
    if (!kept || link_->usable()) throw;
    begin_on_link();
  }
  begun_ = true;
  changes_before_ = changes_;
}

void PostgresSession::begin_on_link() {
  command(options_.use == SessionUse::Write ? "BEGIN" : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
}

void PostgresSession::commit() {
  insert_pending();
  demand_commitable();
  const auto mark = has_written() ? std::optional(marks_->leave(link())) : std::nullopt;
  send_commit(mark);
  if (mark) marks_->committed(*mark);
  begun_ = false;
}

// PostgreSQL answers COMMIT of a failed transaction with ROLLBACK, and without an error.
void PostgresSession::demand_commitable() {
  switch (link().state()) {
    case PostgresLink::State::InTransaction:
      return;
    case PostgresLink::State::FailedTransaction:
      throw Fault(FaultKind::Data, "a statement of the transaction failed");
    case PostgresLink::State::Idle:
      throw lost_connection("the transaction was given up");
  }
}

void PostgresSession::send_commit(const std::optional<CommitMark>& mark) {
  try {
    if (command("COMMIT") != "COMMIT") throw Fault(FaultKind::Data, "a statement of the transaction failed");
  } catch (const Fault&) {
    if (link_->usable()) throw;  // the server refused, and said so
    settle_lost(mark);
  }
}

void PostgresSession::settle_lost(const std::optional<CommitMark>& mark) {
  link_.reset();
  begun_ = false;
  if (!mark) return;  // it wrote nothing: there was nothing to commit
  switch (settle(options_, *mark)) {
    case Outcome::Committed:
      log::info("the answer to a commit was lost; it was committed");
      return;
    case Outcome::RolledBack:
      throw Fault(FaultKind::Contention, "PostgreSQL: the connection broke in COMMIT, and nothing was committed");
    case Outcome::Unknown:
      throw Fault(FaultKind::Unsettled,
                  "PostgreSQL: the connection broke in COMMIT, and whether it was committed cannot be found out");
  }
}

void PostgresSession::rollback() noexcept {
  pending_.clear();
  const bool open = std::exchange(begun_, false);
  if (!open || !link_) return;
  try {
    if (link_->usable() && link_->state() != PostgresLink::State::Idle) link_->script("ROLLBACK");
  } catch (const std::exception& fault) {
    log::debug("PostgreSQL could not be told to roll back: {}", fault.what());
  }
  // Whatever state it is in, the server rolls back when it is closed.
  if (!link_->usable() || link_->state() != PostgresLink::State::Idle) link_.reset();
}

}  // namespace

Result<std::unique_ptr<Session>> make_postgres_session(const PostgresOptions& options) {
  if (auto readable = check_postgres_url(options.url); !readable) return fail(std::move(readable.error()));
  return std::make_unique<PostgresSession>(options);
}

}  // namespace waypost::sql
