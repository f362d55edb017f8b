#include "sql/postgres_settle.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>

#include "base/log.h"

namespace waypost::sql {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Nothing while the transaction is in progress: a server that does not know yet that we are gone.
std::optional<Outcome> asked(PostgresLink& link, const WrittenTransaction& transaction) {
  const Value values[] = {transaction.id};
  const auto answer = link.run(
      "SELECT pg_xact_status(CAST($1 AS xid8)), substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8)", values);
  const Row row(answer.cells.data(), answer.columns);
  if (row.text(1) != transaction.timeline || row.is_null(0)) return Outcome::Unknown;
  if (row.text(0) == "committed") return Outcome::Committed;
  if (row.text(0) == "aborted") return Outcome::RolledBack;
  return std::nullopt;
}

// Keeps its link from one question to the next, and makes another one when it broke.
class Questions {
 public:
  Questions(const PostgresOptions& options, const WrittenTransaction& transaction)
      : options_(options), transaction_(transaction) {}
  std::optional<Outcome> ask() noexcept {
    try {
      if (!link_ || !link_->usable()) link_ = std::make_unique<PostgresLink>(options_);
      return asked(*link_, transaction_);
    } catch (const std::exception& away) {
      log::debug("the outcome of a commit cannot be asked for yet: {}", away.what());
      return std::nullopt;
    }
  }

 private:
  const PostgresOptions& options_;
  const WrittenTransaction& transaction_;
  std::unique_ptr<PostgresLink> link_;
};

}  // namespace

WrittenTransaction written_transaction(PostgresLink& link) {
  const auto answer = link.run(
      "SELECT CAST(pg_current_xact_id_if_assigned() AS text), "
      "substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8)",
      {});
  const Row row(answer.cells.data(), answer.columns);
  return {.id = row.maybe_text(0).value_or(""), .timeline = row.text(1)};
}

Outcome settle(const PostgresOptions& options, const WrittenTransaction& transaction) noexcept {
  constexpr milliseconds kLongestPause{500};
  const auto end = steady_clock::now() + options.settling;
  Questions questions(options, transaction);
  milliseconds pause{5};
  while (true) {
    if (const auto outcome = questions.ask()) return *outcome;
    if (steady_clock::now() + pause >= end) return Outcome::Unknown;
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, kLongestPause);
  }
}

}  // namespace waypost::sql
