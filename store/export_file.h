// ExportFile: an export as it lies in a file, read line by line and checked whole. Thread that may block.

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/crypto.h"
#include "base/error.h"
#include "store/catalogue.h"
#include "store/export.h"

namespace waypost::store {

struct ExportedTable {
  CatalogueTable table{};
  std::int64_t last_identity = 0;
  std::int64_t rows = 0;
};

struct ExportFile {
  std::string path{};
  std::int64_t schema = 0;
  Taken taken = Taken::Offline;
  std::string at{};
  std::string sha256{};
  std::vector<ExportedTable> tables{};
  std::int64_t sealed = 0;    // secrets found
  std::int64_t unopened = 0;  // of them, those that the keyring does not open
};

// Reads the whole file: every row's shape, the counts, the digest, and whether `keyring` (none: not looked at) opens
// the sealed secrets. NotFound when it is absent; InvalidInput, with what is wrong, when it is no export, or was cut or
// altered.
Result<ExportFile> check_export(const std::string& path, const Keyring* keyring);

// Gives every row of a checked file, in its order. An Error of `take` ends it.
using TakeRow = std::function<Result<void>(const ExportedTable&, std::vector<sql::Cell>)>;
Result<void> read_rows(const ExportFile& file, const TakeRow& take);

}  // namespace waypost::store
