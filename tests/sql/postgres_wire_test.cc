#include "sql/postgres_wire.h"

#include <gtest/gtest.h>

#include "sql/connection.h"
#include "sql/postgres_tag.h"

namespace waypost::sql {
namespace {

using namespace std::string_literals;

std::string bytes_of(const Value& value) {
  const WireValues wire(std::span(&value, 1));
  if (wire.starts()[0] == nullptr) return "null";
  return {wire.starts()[0], static_cast<std::size_t>(wire.sizes()[0])};
}

TEST(PostgresWire, NumbersAreBigEndian) {
  EXPECT_EQ(bytes_of(1), "\0\0\0\0\0\0\0\1"s);
  EXPECT_EQ(bytes_of(-2), "\xff\xff\xff\xff\xff\xff\xff\xfe"s);
  EXPECT_EQ(bytes_of(true), "\1"s);
  EXPECT_EQ(bytes_of(false), "\0"s);
}

TEST(PostgresWire, TextsAreTheirBytesAndJsonHasAVersionBefore) {
  EXPECT_EQ(bytes_of("é"), "é");
  EXPECT_EQ(bytes_of(JsonText{"{}"}), "\1{}");
  EXPECT_EQ(bytes_of(Bytes{"a\0b"s}), "a\0b"s);
  EXPECT_EQ(bytes_of(std::string_view()), "") << "an empty text without a place is no null";
  EXPECT_EQ(bytes_of(std::optional<std::string>()), "null");
}

TEST(PostgresWire, ANullKeepsItsType) {
  const Value values[] = {Value::null(Type::Uuid), Value::null(Type::Json), std::optional<std::int64_t>()};
  const WireValues wire(values);
  EXPECT_EQ(std::vector(wire.types().begin(), wire.types().end()), (std::vector<TypeNumber>{2950, 3802, 20}));
}

TEST(PostgresWire, ManyValuesStayWhereTheyAre) {
  const std::vector<Value> values(200, Value(7));
  const WireValues wire(values);
  for (int at = 0; at < wire.count(); ++at) EXPECT_EQ(wire.starts()[at][7], '\7');
}

TEST(PostgresWire, ANulInTextIsRefusedHere) {
  EXPECT_THROW((void)bytes_of("a\0b"s), Fault);
  EXPECT_THROW((void)bytes_of(JsonText{"\"\0\""s}), Fault);
}

TEST(PostgresWire, CellsAreReadByTheirType) {
  EXPECT_EQ(decoded(16, "\1").number, 1);
  EXPECT_EQ(decoded(21, "\xff\xfe").number, -2);
  EXPECT_EQ(decoded(23, "\0\0\1\0"s).number, 256);
  EXPECT_EQ(decoded(20, "\x80\0\0\0\0\0\0\0"s).number, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(decoded(3802, "\1[1]").text, "[1]");
  EXPECT_EQ(decoded(2950, "0123456789abcdef").text.size(), 16U);
  EXPECT_EQ(decoded(25, "").kind, Cell::Kind::Text);
  EXPECT_EQ(decoded(2278, "").kind, Cell::Kind::Null);
}

TEST(PostgresWire, AnotherTypeIsAFaultOfTheStatement) {
  constexpr TypeNumber kNumeric = 1700;
  try {
    (void)decoded(kNumeric, "12");
    FAIL();
  } catch (const Fault& fault) {
    EXPECT_EQ(fault.kind(), FaultKind::Data);
  }
}

TEST(PostgresWire, TagsSayWhatChanged) {
  EXPECT_EQ(rows_changed("INSERT 0 3"), 3);
  EXPECT_EQ(rows_changed("UPDATE 12"), 12);
  EXPECT_EQ(rows_changed("DELETE 0"), 0);
  EXPECT_EQ(rows_changed("SELECT 5"), 0);
  EXPECT_EQ(rows_changed("COMMIT"), 0);
  EXPECT_TRUE(tag_of_definition("CREATE TABLE"));
  EXPECT_FALSE(tag_of_definition("SELECT 5"));
}

}  // namespace
}  // namespace waypost::sql
