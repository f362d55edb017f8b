// Exporter: a whole store as text, whatever its engine, in pieces of bounded size. One thread at a time.
//
//   {"waypost":"export","format":1,"schema":1,"at":"2026-11-27T18:00:00.000Z","taken":"offline"}
//   {"table":"channel","columns":[["tenant_id","uuid"],…],"key":["tenant_id","id"]}      each table, by name
//   ["0198…","…",5,null,true,"AAEC"]                                                     each row, by the key
//   {"rows":{"channel":1,…},"sha256":"…"}                                               of every byte before this line
//
// JSON lines. A uuid is its text, bytes are base64, a JSON column is a string that holds its text. Sealed secrets stay
// sealed. An identity column is named with the last number given out: "identity":["id",12].

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/error.h"
#include "store/catalogue.h"

namespace waypost::store {

inline constexpr int kExportFormat = 1;

// Taken from a running daemon, what waits to be sent may have gone out by the time it is read again.
enum class Taken { Offline, Online };
std::string_view name_of(Taken taken);

class Exporter {
 public:
  // `snapshot` is in a transaction that sees one snapshot, and outlives the exporter.
  Exporter(sql::Connection& snapshot, Taken taken, Time now) : snapshot_(snapshot), taken_(taken), now_(now) {}

  // The next lines, whole; nothing behind the foot. Rejected when the schema is not this release's; throws sql::Fault.
  Result<std::optional<std::string>> next();
  // So far; of all tables behind the foot.
  const std::map<std::string, std::int64_t>& rows() const { return rows_; }

 private:
  Result<std::string> head();
  std::string table_head(const CatalogueTable& table);
  std::string page(const CatalogueTable& table);
  std::string foot();

  sql::Connection& snapshot_;
  const Taken taken_;
  const Time now_;
  Sha256 digest_;
  std::vector<CatalogueTable> tables_;
  std::map<std::string, std::int64_t> rows_;
  enum class Stage { Head, Table, Rows, Over } stage_ = Stage::Head;
  std::size_t table_ = 0;
  std::vector<sql::Cell> last_key_;  // of the last row given out
  std::int64_t page_rows_ = 0;
};

}  // namespace waypost::store
