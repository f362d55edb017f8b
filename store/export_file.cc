#include "store/export_file.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <utility>

#include "base/json.h"
#include "store/channels.h"
#include "store/copy_row.h"
#include "store/credentials.h"
#include "store/tenant_secrets.h"
#include "store/webhook_apps.h"

namespace waypost::store {
namespace {

std::unexpected<Error> broken(const std::string& path, std::string_view why) {
  return fail(ErrorKind::InvalidInput, path + " cannot be imported: " + std::string(why));
}
constexpr std::string_view kCut = "it was cut short; export again, or copy it again";
constexpr std::string_view kAltered = "it was altered since it was written; export again, or copy it again";
constexpr std::string_view kNoExport = "it is no export of Waypost";

struct SealedColumn {
  std::string_view table;
  std::string_view column;
  std::string_view purpose;
};
constexpr std::array kSealed{SealedColumn{"channel", "access_token", kAccessTokenPurpose},
                             SealedColumn{"webhook_app", "secret", kAppSecretPurpose},
                             SealedColumn{"webhook_app", "verify_token", kVerifyTokenPurpose},
                             SealedColumn{"credential", "secret", kCredentialPurpose},
                             SealedColumn{"tenant_secret", "secret", kTenantSecretPurpose}};

Result<sql::Type> type_named(std::string_view word) {
  for (const auto type :
       {sql::Type::Bigint, sql::Type::Boolean, sql::Type::Text, sql::Type::Uuid, sql::Type::Json, sql::Type::Bytes}) {
    if (name_of(type) == word) return type;
  }
  return fail(ErrorKind::InvalidInput, "a column of an unknown type");
}

Result<ExportedTable> table_of(const Json& head) {
  ExportedTable found{.table = {.name = text_or_empty(head, "table")}};
  const Json* columns = find_array(head, "columns");
  if (columns == nullptr) return fail(ErrorKind::InvalidInput, "a table without columns");
  for (const auto& column : *columns) {
    if (!column.is_array() || column.size() != 2 || !column[0].is_string() || !column[1].is_string())
      return fail(ErrorKind::InvalidInput, "a column without name and type");
    const auto type = type_named(column[1].get<std::string>());
    if (!type) return fail(type.error());
    found.table.columns.push_back({.name = column[0].get<std::string>(), .type = *type});
  }
  if (const Json* identity = find_array(head, "identity"); identity && identity->size() == 2) {
    found.table.identity = (*identity)[0].get<std::string>();
    found.last_identity = (*identity)[1].get<std::int64_t>();
  }
  return found;
}

// One reading from the first line to the foot.
class Check {
 public:
  Check(std::string path, const Keyring* keyring) : keyring_(keyring) { file_.path = std::move(path); }

  Result<ExportFile> run() {
    std::ifstream input(file_.path);
    if (!input) return fail(ErrorKind::NotFound, file_.path + " cannot be read: name the file that was exported");
    std::string line;
    while (!has_foot_ && std::getline(input, line)) {
      if (input.eof()) return broken(file_.path, kCut);
      auto taken = take(line);
      if (!taken) return fail(taken.error());
      if (has_foot_) break;
      digest_.add(line);
      digest_.add("\n");
    }
    if (!has_head_) return broken(file_.path, kNoExport);
    if (!has_foot_) return broken(file_.path, kCut);
    if (input.peek() != std::ifstream::traits_type::eof()) return broken(file_.path, kAltered);
    return close();
  }

 private:
  Result<void> take(const std::string& line) {
    if (has_head_ && line.starts_with('[')) return take_row(line);
    const auto json = parse_json(line);
    if (!json || !json->is_object()) return broken(file_.path, has_head_ ? kAltered : kNoExport);
    if (!has_head_) return take_head(*json);
    if (json->contains("sha256")) return take_foot(*json);
    auto table = table_of(*json);
    if (!table) return broken(file_.path, table.error().words());
    file_.tables.push_back(*std::move(table));
    return {};
  }

  Result<void> take_head(const Json& json) {
    if (text_or_empty(json, "waypost") != "export") return broken(file_.path, kNoExport);
    if (find_integer(json, "format") != kExportFormat)
      return broken(file_.path, "it has another format than this release reads; use the release that wrote it");
    has_head_ = true;
    file_.schema = find_integer(json, "schema").value_or(0);
    file_.taken = text_or_empty(json, "taken") == name_of(Taken::Online) ? Taken::Online : Taken::Offline;
    file_.at = text_or_empty(json, "at");
    return {};
  }

  Result<void> take_row(const std::string& line) {
    if (file_.tables.empty()) return broken(file_.path, kAltered);
    auto& table = file_.tables.back();
    const auto cells = cells_of(table.table, line);
    if (!cells) return broken(file_.path, cells.error().words());
    ++table.rows;
    try_secrets(table.table, *cells);
    return {};
  }

  void try_secrets(const CatalogueTable& table, const std::vector<sql::Cell>& cells) {
    if (keyring_ == nullptr) return;
    for (const auto& sealed : kSealed) {
      if (sealed.table != table.name) continue;
      const auto at = std::ranges::find(table.columns, sealed.column, &CatalogueColumn::name) - table.columns.begin();
      if (static_cast<std::size_t>(at) == cells.size()) continue;
      const auto& cell = cells[static_cast<std::size_t>(at)];
      if (cell.kind != sql::Cell::Kind::Text) continue;
      ++file_.sealed;
      if (!keyring_->open(cell.text, sealed.purpose)) ++file_.unopened;
    }
  }

  Result<void> take_foot(const Json& json) {
    has_foot_ = true;
    file_.sha256 = text_or_empty(json, "sha256");
    const Json* rows = find_object(json, "rows");
    counts_ = rows != nullptr ? *rows : Json::object();
    return {};
  }

  Result<ExportFile> close() {
    if (hex(digest_.finish()) != file_.sha256 || counts_.size() != file_.tables.size())
      return broken(file_.path, kAltered);
    for (const auto& table : file_.tables) {
      if (find_integer(counts_, table.table.name) != table.rows) return broken(file_.path, kAltered);
    }
    return std::move(file_);
  }

  const Keyring* keyring_;
  ExportFile file_;
  Sha256 digest_;
  Json counts_;
  bool has_head_ = false;
  bool has_foot_ = false;
};

}  // namespace

Result<ExportFile> check_export(const std::string& path, const Keyring* keyring) { return Check(path, keyring).run(); }

Result<void> read_rows(const ExportFile& file, const TakeRow& take) {
  std::ifstream input(file.path);
  std::string line;
  std::size_t tables = 0;
  while (std::getline(input, line)) {
    if (!line.starts_with('[')) {
      if (line.starts_with('{') && line.contains("\"columns\"")) ++tables;
      continue;
    }
    if (tables == 0 || tables > file.tables.size()) return broken(file.path, kAltered);
    const auto& table = file.tables[tables - 1];
    auto cells = cells_of(table.table, line);
    if (!cells) return broken(file.path, cells.error().words());
    if (auto taken = take(table, *std::move(cells)); !taken) return taken;
  }
  return {};
}

}  // namespace waypost::store
