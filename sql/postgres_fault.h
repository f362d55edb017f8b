// What an error of the PostgreSQL server means for the unit that got it. Pure. Any thread.

#pragma once

#include <string>
#include <string_view>

#include "sql/connection.h"

namespace waypost::sql {

enum class SessionUse { Write, Read };

// The fields of the server's error that may be shown. Its detail, hint and context quote values: they are never asked
// for.
struct ServerError {
  std::string_view sqlstate{};
  std::string_view message{};  // the primary one
  std::string_view table{};
  std::string_view constraint{};
};

// `text` is the statement. Words name SQLSTATE, and the message unless its class quotes values (22, 23).
Fault postgres_fault(const ServerError& error, std::string_view text, SessionUse use);

// What such words end with; empty without a statement.
std::string in_statement(std::string_view text);

// The connection broke, or did not answer in time. `words` come from us.
Fault lost_connection(std::string_view words);

// What libpq says of a connection that cannot be made, without what it quotes: a badly written password may have ended
// up in the place of a host, a port or an option.
std::string without_quotes(std::string_view libpq_words);

}  // namespace waypost::sql
