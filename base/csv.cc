#include "base/csv.h"

namespace waypost {

CsvReader::CsvReader(std::string_view text) : rest_(text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (rest_.starts_with(kByteOrderMark)) rest_.remove_prefix(kByteOrderMark.size());
}

bool CsvReader::take_line_end() {
  const std::size_t length = rest_.starts_with("\r\n") ? 2 : rest_.starts_with('\n') ? 1 : 0;
  if (length == 0) return false;
  rest_.remove_prefix(length);
  ++line_;
  return true;
}

// `rest_` stands behind the opening quote.
bool CsvReader::read_quoted(std::string& field) {
  while (true) {
    const auto quote = rest_.find('"');
    if (quote == std::string_view::npos) return false;
    for (const char c : rest_.substr(0, quote)) line_ += c == '\n' ? 1 : 0;
    field += rest_.substr(0, quote);
    rest_.remove_prefix(quote + 1);
    if (!rest_.starts_with('"')) return rest_.empty() || rest_.find_first_of(",\r\n") == 0;
    field += '"';
    rest_.remove_prefix(1);
  }
}

bool CsvReader::read_field(std::string& field) {
  if (rest_.starts_with('"')) {
    rest_.remove_prefix(1);
    return read_quoted(field);
  }
  auto end = rest_.find_first_of(",\n");
  if (end == std::string_view::npos) end = rest_.size();
  field = rest_.substr(0, end);
  rest_.remove_prefix(end);
  if (field.ends_with('\r')) field.pop_back();
  return !field.contains('"');
}

std::optional<CsvRow> CsvReader::next() {
  while (take_line_end()) {
  }
  if (rest_.empty()) return std::nullopt;
  CsvRow row{.line = line_};
  while (true) {
    row.is_broken = !read_field(row.fields.emplace_back());
    if (row.is_broken) rest_ = {};
    if (!rest_.starts_with(',')) break;
    rest_.remove_prefix(1);
  }
  take_line_end();
  return row;
}

std::string csv_field(std::string_view text) {
  std::string field(text);
  if (!field.empty() && std::string_view("=+-@\t\r").contains(field.front()) &&
      field.find_first_not_of("+0123456789") != std::string::npos)
    field.insert(0, 1, '\'');
  if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
  std::string quoted = "\"";
  for (const char c : field) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted += '"';
}

}  // namespace waypost
