#include "api/recipient_csv.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include "api/phone.h"
#include "base/csv.h"
#include "base/text.h"

namespace waypost::api {
namespace {

constexpr std::size_t kMostColumns = 50;
constexpr std::size_t kMostCellCharacters = 1'024;
constexpr std::size_t kMostNameCharacters = 200;
constexpr std::size_t kMostColumnCharacters = 64;

bool names_contact(std::string_view column) { return column == "phone" || column == "userId" || column == "contactId"; }

std::vector<std::string> header_faults(const std::vector<std::string>& columns) {
  std::vector<std::string> faults;
  std::set<std::string> seen;
  if (columns.size() > kMostColumns) faults.emplace_back("At most 50 columns");
  if (std::ranges::none_of(columns, names_contact))
    faults.emplace_back("A column phone, userId or contactId is required");
  for (const auto& column : columns) {
    if (column.empty() || count_characters(column) > kMostColumnCharacters)
      faults.emplace_back("A column's name has 1 to 64 characters");
    if (!seen.insert(column).second) faults.push_back("Two columns are called " + column);
  }
  return faults;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : rows_(text) {}

  Result<std::vector<CsvRecipient>> read() {
    if (!read_header()) return told();
    while (faults_.size() < kMostCsvFaults) {
      const auto row = rows_.next();
      if (!row) break;
      if (recipients_.size() == kMostCsvRows) {
        complain(row->line, "At most 1000 rows in one request: send the rest in another");
        break;
      }
      read_row(*row);
    }
    if (faults_.empty() && recipients_.empty()) complain(1, "There is no row behind the header");
    if (!faults_.empty()) return told();
    return std::move(recipients_);
  }

 private:
  void complain(std::size_t line, std::string words) { faults_.push_back(csv_fault(line, std::move(words))); }
  std::unexpected<Error> told() {
    return fail(Error(ErrorKind::InvalidInput, "Validation failed").with_fields(std::move(faults_)));
  }

  bool read_header() {
    const auto row = rows_.next();
    if (!row || row->is_broken) {
      complain(1, "Expected a header like phone,name,code");
      return false;
    }
    for (const auto& field : row->fields) columns_.emplace_back(trimmed(field));
    for (auto& fault : header_faults(columns_)) complain(row->line, std::move(fault));
    return faults_.empty();
  }

  void read_row(const CsvRow& row) {
    if (row.is_broken) return complain(row.line, "A quote is not closed, or stands where none may");
    if (row.fields.size() != columns_.size()) {
      return complain(row.line, std::to_string(columns_.size()) + " columns expected, " +
                                    std::to_string(row.fields.size()) + " found");
    }
    CsvRecipient one{.line = row.line};
    for (std::size_t at = 0; at < columns_.size(); ++at) read_cell(columns_[at], row.fields[at], one);
    const auto& who = one.recipient;
    if (!who.contact && !who.phone && !who.user_id && !is_told_of(row.line))
      return complain(row.line, "No phone, userId or contactId");
    recipients_.push_back(std::move(one));
  }

  bool is_told_of(std::size_t line) const {
    return !faults_.empty() && faults_.back().path == csv_fault(line, "").path;
  }

  void read_cell(const std::string& column, const std::string& field, CsvRecipient& one) {
    const std::string cell(trimmed(field));
    if (!valid_utf8(cell) || cell.contains('\0')) return complain(one.line, "Column " + column + " is not UTF-8");
    if (count_characters(cell) > kMostCellCharacters)
      return complain(one.line, "Column " + column + " has more than 1024 characters");
    if (cell.empty()) return;
    auto& recipient = one.recipient;
    if (column == "phone") {
      recipient.phone = phone_digits(cell);
      if (!recipient.phone) complain(one.line, "Invalid phone number: E.164 expected, like +14155551234");
    } else if (column == "contactId") {
      recipient.contact = ContactId::parse(cell);
      if (!recipient.contact) complain(one.line, "Invalid contactId: uuid expected");
    } else if (column == "userId") {
      recipient.user_id = cell;
    } else if (column == "name") {
      recipient.name = std::string(first_characters(cell, kMostNameCharacters));
      recipient.parameters[column] = cell;
    } else {
      recipient.parameters[column] = cell;
    }
  }

  CsvReader rows_;
  std::vector<std::string> columns_;
  std::vector<CsvRecipient> recipients_;
  std::vector<FieldError> faults_;
};

}  // namespace

FieldError csv_fault(std::size_t line, std::string words) {
  return {.path = "line " + std::to_string(line), .message = std::move(words)};
}

Result<std::vector<CsvRecipient>> read_recipient_csv(std::string_view text) { return Reader(text).read(); }

}  // namespace waypost::api
