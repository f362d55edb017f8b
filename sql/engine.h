// Which database a connection speaks to. What differs between them is listed in dialect.h.

#pragma once

namespace waypost::sql {

enum class Engine { Sqlite, Postgres };

}  // namespace waypost::sql
