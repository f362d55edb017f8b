#include "base/csv.h"

#include <gmock/gmock.h>

namespace waypost {
namespace {

using testing::ElementsAre;

std::vector<std::vector<std::string>> rows_of(std::string_view text) {
  std::vector<std::vector<std::string>> rows;
  CsvReader reader(text);
  while (auto row = reader.next()) rows.push_back(row->is_broken ? std::vector<std::string>{"broken"} : row->fields);
  return rows;
}

TEST(Csv, ReadsFieldsAndRows) {
  EXPECT_THAT(rows_of("a,b\r\n1,2\r\n"), ElementsAre(ElementsAre("a", "b"), ElementsAre("1", "2")));
  EXPECT_THAT(rows_of("a,b\n1,2"), ElementsAre(ElementsAre("a", "b"), ElementsAre("1", "2")));
  EXPECT_THAT(rows_of("a,\n,b\n"), ElementsAre(ElementsAre("a", ""), ElementsAre("", "b")));
  EXPECT_THAT(rows_of(""), ElementsAre());
}

TEST(Csv, QuotesHoldCommasQuotesAndLineBreaks) {
  EXPECT_THAT(rows_of("\"a,1\",\"say \"\"hi\"\"\",\"x\r\ny\"\nz"),
              ElementsAre(ElementsAre("a,1", "say \"hi\"", "x\r\ny"), ElementsAre("z")));
}

TEST(Csv, AByteOrderMarkAndEmptyLinesArePassedOver) {
  EXPECT_THAT(rows_of("\xEF\xBB\xBF\nphone\n\r\n\n1\n\n"), ElementsAre(ElementsAre("phone"), ElementsAre("1")));
}

TEST(Csv, NothingIsReadBehindABrokenQuote) {
  EXPECT_THAT(rows_of("a\n\"b\nc,d\n"), ElementsAre(ElementsAre("a"), ElementsAre("broken")));
  EXPECT_THAT(rows_of("\"b\"x,c\nd"), ElementsAre(ElementsAre("broken")));
  EXPECT_THAT(rows_of("b\"x,c\nd"), ElementsAre(ElementsAre("broken")));
}

TEST(Csv, ARowKnowsItsLine) {
  CsvReader reader("head\n\n\"two\nlines\"\nlast");
  EXPECT_EQ(reader.next()->line, 1U);
  EXPECT_EQ(reader.next()->line, 3U);
  EXPECT_EQ(reader.next()->line, 5U);
}

TEST(Csv, WhatIsWrittenIsReadAgain) {
  const std::vector<std::string> fields{"plain", "a,b", "say \"hi\"", "x\ny", "", "ü"};
  std::string line;
  for (const auto& field : fields) line += (line.empty() ? "" : ",") + csv_field(field);
  EXPECT_THAT(rows_of(line), ElementsAre(fields));
}

// A spreadsheet would run it.
TEST(Csv, AFormulaIsMadeAText) {
  EXPECT_EQ(csv_field("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
  EXPECT_EQ(csv_field("@sum"), "'@sum");
  EXPECT_EQ(csv_field("+491701234567"), "+491701234567");
}

}  // namespace
}  // namespace waypost
