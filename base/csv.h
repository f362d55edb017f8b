// CSV as RFC 4180 has it: fields between commas, in double quotes where they hold commas, quotes or line breaks, a
// quote doubled. Lines end by CRLF or LF; a byte order mark at the beginning is passed over. Pure; any thread.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace waypost {

struct CsvRow {
  std::size_t line = 1;  // where it begins, from 1
  std::vector<std::string> fields{};
  bool is_broken = false;  // a quote is not closed, or stands where none may: nothing behind it can be read
};

class CsvReader {
 public:
  // Borrows the text.
  explicit CsvReader(std::string_view text);
  // The next row that is not empty; nothing at the end, and behind a broken one.
  std::optional<CsvRow> next();

 private:
  bool read_field(std::string& field);
  bool read_quoted(std::string& field);
  bool take_line_end();

  std::string_view rest_;
  std::size_t line_ = 1;
};

// The field as it is written: in quotes where it must be. A text that a spreadsheet would take for a formula begins
// with an apostrophe.
std::string csv_field(std::string_view text);

}  // namespace waypost
