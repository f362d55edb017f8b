#include "sql/postgres_settle.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

#include "base/log.h"
#include "sql/postgres_tag.h"

namespace waypost::sql {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// The lock is this table's alone: of those who find it missing at one moment, one makes it.
constexpr std::string_view kMakeTable =
    "BEGIN; SELECT pg_advisory_xact_lock(7165917312004421); "
    "CREATE TABLE IF NOT EXISTS commit_mark (link uuid NOT NULL, number bigint NOT NULL, "
    "noted_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (link, number)); COMMIT";
constexpr std::string_view kRemoveLeftBehind =
    "DELETE FROM commit_mark WHERE (link, number) IN (SELECT link, number FROM commit_mark WHERE noted_at < now() - "
    "interval '1 day' FOR UPDATE SKIP LOCKED)";
constexpr std::string_view kLeave =
    "WITH last AS (DELETE FROM commit_mark WHERE link = CAST($1 AS uuid) AND number = $3) "
    "INSERT INTO commit_mark (link, number) VALUES (CAST($1 AS uuid), $2)";
// Waits for whoever is about to write the same row: a server that does not know yet that we are gone.
constexpr std::string_view kAsk =
    "INSERT INTO commit_mark (link, number) VALUES (CAST($1 AS uuid), $2) ON CONFLICT DO NOTHING";

// Nothing while the transaction is in progress, or no server answers.
std::optional<Outcome> ask(const PostgresOptions& options, const CommitMark& mark) noexcept {
  try {
    PostgresLink link(options);
    link.script("BEGIN ISOLATION LEVEL READ COMMITTED");
    const Value values[] = {mark.link, mark.number};
    const bool is_there = rows_changed(link.run(kAsk, values).tag) == 0;
    link.script("ROLLBACK");
    return is_there ? Outcome::Committed : Outcome::RolledBack;
  } catch (const std::exception& away) {
    log::debug("the outcome of a commit cannot be asked for yet: {}", away.what());
    return std::nullopt;
  }
}

bool is_table_there(PostgresLink& link) {
  const auto answer = link.run("SELECT to_regclass('commit_mark') IS NOT NULL", {});
  return Row(answer.cells.data(), answer.columns).boolean(0);
}

}  // namespace

CommitMarks::CommitMarks(PostgresLink& link) {
  if (!is_table_there(link)) link.script(kMakeTable);
  link.script(kRemoveLeftBehind);
  const auto drawn = link.run("SELECT CAST(gen_random_uuid() AS text)", {});
  link_ = Row(drawn.cells.data(), drawn.columns).text(0);
}

CommitMark CommitMarks::leave(PostgresLink& link) {
  const Value values[] = {link_, ++drawn_, last_};
  link.run(kLeave, values);
  return {.link = link_, .number = drawn_};
}

Outcome settle(const PostgresOptions& options, const CommitMark& mark) noexcept {
  constexpr milliseconds kLongestPause{500};
  const auto end = steady_clock::now() + options.settling;
  milliseconds pause{5};
  while (true) {
    if (const auto outcome = ask(options, mark)) return *outcome;
    if (steady_clock::now() + pause >= end) return Outcome::Unknown;
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, kLongestPause);
  }
}

}  // namespace waypost::sql
