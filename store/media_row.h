// What the two sides of media rows share: hashes as values, and the event of a row that is settled. Lane only.

#pragma once

#include <cstring>
#include <optional>

#include "base/check.h"
#include "sql/connection.h"
#include "store/media.h"

namespace waypost::store {

// Borrows.
inline sql::Bytes bytes_of(const Digest& digest) {
  return {{reinterpret_cast<const char*>(digest.data()), digest.size()}};
}
inline std::optional<sql::Bytes> maybe_bytes(const std::optional<Digest>& digest) {
  return digest ? std::optional(bytes_of(*digest)) : std::nullopt;
}

inline std::optional<Digest> read_digest(const sql::Row& row, std::size_t column) {
  if (row.is_null(column)) return std::nullopt;
  const auto& bytes = row.bytes(column);
  Digest digest;
  WAYPOST_CHECK(bytes.size() == digest.size());
  std::memcpy(digest.data(), bytes.data(), digest.size());
  return digest;
}

// media.stored or media.unavailable.
void tell_media(sql::Connection& connection, const Media& media, Time now);

}  // namespace waypost::store
