#include "sql/open.h"

#include <string_view>

#include "sql/postgres_database.h"
#include "sql/sqlite_database.h"

namespace waypost::sql {

Result<std::unique_ptr<Database>> open(const Secret& url, const OpenSettings& settings) {
  constexpr std::string_view kSqlite = "sqlite:";
  const std::string_view text = url.reveal();
  if (text.starts_with(kSqlite) && text.size() > kSqlite.size()) {
    return open_sqlite({.path = std::string(text.substr(kSqlite.size())),
                        .readers = settings.readers,
                        .cache_bytes = settings.cache_bytes,
                        .patience = settings.patience});
  }
  if (text.starts_with("postgresql://") || text.starts_with("postgres://")) {
    return open_postgres(
        {.url = url, .writers = settings.writers, .readers = settings.readers, .patience = settings.patience});
  }
  return fail(ErrorKind::InvalidInput, "the store's URL is neither sqlite:<file> nor postgresql://…");
}

}  // namespace waypost::sql
