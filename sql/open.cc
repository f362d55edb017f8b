#include "sql/open.h"

#include <string_view>

#include "sql/postgres_database.h"
#include "sql/postgres_session.h"
#include "sql/sqlite_database.h"
#include "sql/sqlite_session.h"

namespace waypost::sql {
namespace {

constexpr std::string_view kSqlite = "sqlite:";

bool names_sqlite(std::string_view url) { return url.starts_with(kSqlite) && url.size() > kSqlite.size(); }
bool names_postgres(std::string_view url) { return url.starts_with("postgresql://") || url.starts_with("postgres://"); }
std::string file_of(std::string_view url) { return std::string(url.substr(kSqlite.size())); }

std::unexpected<Error> unknown_store() {
  return fail(ErrorKind::InvalidInput, "the store's URL is neither sqlite:<file> nor postgresql://…");
}

// A page is asked for when the one before has been written out, to wherever that is.
constexpr PostgresTimeouts kLongReading{.statement = std::chrono::minutes(10),
                                        .idle_in_transaction = std::chrono::hours(1)};

// Whoever has our name for the daemon's connections. Throws Fault.
std::int64_t connected_daemons(Session& session) {
  session.begin();
  const auto rows = session.run(
      "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'waypost'");
  session.rollback();
  return rows.front().number(0);
}

std::unexpected<Error> in_use() { return fail(ErrorKind::Conflict, "a running waypostd works on this store"); }

}  // namespace

Result<std::unique_ptr<Database>> open(const Secret& url, const OpenSettings& settings) {
  const std::string_view text = url.reveal();
  if (names_sqlite(text)) {
    return open_sqlite({.path = file_of(text),
                        .readers = settings.readers,
                        .cache_bytes = settings.cache_bytes,
                        .patience = settings.patience});
  }
  if (!names_postgres(text)) return unknown_store();
  return open_postgres({.url = url,
                        .writers = settings.writers,
                        .readers = settings.readers,
                        .patience = settings.patience,
                        .application_name = settings.application_name});
}

Result<std::unique_ptr<Session>> open_reader(const Secret& url) {
  const std::string_view text = url.reveal();
  if (names_sqlite(text)) return open_sqlite_session({.path = file_of(text), .access = Access::Read});
  if (!names_postgres(text)) return unknown_store();
  return make_postgres_session(
      {.url = url, .use = SessionUse::Read, .application_name = "waypost-copy", .timeouts = kLongReading});
}

Result<std::optional<FileLock>> keep_daemons_away(const Secret& url) {
  const std::string_view text = url.reveal();
  if (names_sqlite(text)) {
    auto lock = FileLock::take(file_of(text) + ".lock");
    if (!lock && lock.error().kind() == ErrorKind::Conflict) return in_use();
    if (!lock) return fail(std::move(lock.error()));
    return std::move(*lock);
  }
  auto session = open_reader(url);
  if (!session) return fail(std::move(session.error()));
  try {
    if (connected_daemons(**session) > 0) return in_use();
  } catch (const Fault& fault) {
    return fail(fault.error());
  }
  return std::nullopt;
}

}  // namespace waypost::sql
