#include "sql/value.h"

#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>

#include "sql/sqlite_session.h"
#include "tests/support/temp_folder.h"

namespace waypost::sql {
namespace {

class ValueRoundTrip : public ::testing::Test {
 protected:
  // The one value, written into a table and read back.
  Rows back(const Value& value) {
    session_->run("DELETE FROM kept");
    session_->run("INSERT INTO kept(it) VALUES ($1)", {value});
    return session_->run("SELECT it FROM kept");
  }

  test::TempFolder folder_;
  std::unique_ptr<Session> session_ = open();

 private:
  std::unique_ptr<Session> open() {
    auto session = open_sqlite_session({.path = folder_.file("values.db")}).value();
    session->script("CREATE TABLE kept(it ANY) STRICT");
    return session;
  }
};

TEST_F(ValueRoundTrip, Numbers) {
  using Limits = std::numeric_limits<std::int64_t>;
  for (const std::int64_t number : {Limits::min(), std::int64_t{-1}, std::int64_t{0}, Limits::max()}) {
    EXPECT_EQ(back(number).front().number(0), number);
  }
}

TEST_F(ValueRoundTrip, TruthsAndTimes) {
  EXPECT_TRUE(back(true).front().boolean(0));
  EXPECT_FALSE(back(false).front().boolean(0));
  EXPECT_EQ(back(from_millis(1'760'000'000'123)).front().time(0), from_millis(1'760'000'000'123));
}

TEST_F(ValueRoundTrip, TextsOfEveryLengthEmptyOnesToo) {
  for (const std::size_t size : {0U, 1U, 15U, 16U, 5000U}) {
    EXPECT_EQ(back(std::string(size, 'x')).front().text(0), std::string(size, 'x'));
  }
  EXPECT_EQ(back(std::string_view()).front().text(0), "");
  EXPECT_EQ(back("żółć 🙂").front().text(0), "żółć 🙂");
}

TEST_F(ValueRoundTrip, BytesWithZeros) {
  const std::string bytes("\0\x01\xff\0", 4);
  EXPECT_EQ(back(Bytes{bytes}).front().bytes(0), bytes);
  EXPECT_EQ(back(Bytes{}).front().bytes(0), "");
  EXPECT_FALSE(back(Bytes{}).front().is_null(0));
}

TEST_F(ValueRoundTrip, IdsAndJson) {
  const auto id = TenantId::make(from_millis(1'760'000'000'000));
  EXPECT_EQ(back(id).front().id<TenantId>(0), id);
  EXPECT_EQ(back(id).front().maybe_id<TenantId>(0), id);
  EXPECT_EQ(back(JsonText{R"({"a":[1,"x"]})"}).front().json(0), Json::parse(R"({"a":[1,"x"]})"));
}

TEST_F(ValueRoundTrip, NullsOfEveryType) {
  for (const Type type : {Type::Bigint, Type::Boolean, Type::Text, Type::Uuid, Type::Json, Type::Bytes}) {
    const auto rows = back(Value::null(type));
    EXPECT_TRUE(rows.front().is_null(0));
    EXPECT_EQ(rows.front().maybe_number(0), std::nullopt);
    EXPECT_EQ(rows.front().maybe_time(0), std::nullopt);
    EXPECT_EQ(rows.front().maybe_text(0), std::nullopt);
    EXPECT_EQ(rows.front().maybe_uuid(0), std::nullopt);
  }
}

TEST_F(ValueRoundTrip, AbsentOptionalsAreNullsAndPresentOnesValues) {
  EXPECT_TRUE(back(std::optional<std::string>()).front().is_null(0));
  EXPECT_TRUE(back(std::optional<TenantId>()).front().is_null(0));
  EXPECT_EQ(back(std::optional<std::int64_t>(7)).front().maybe_number(0), 7);
  const std::optional<std::string> text("here");
  EXPECT_EQ(back(text).front().maybe_text(0), "here");
}

TEST_F(ValueRoundTrip, ReadingWhatIsNotThereThrows) {
  EXPECT_THROW((void)back("text").front().number(0), std::logic_error);
  EXPECT_THROW((void)back(7).front().text(0), std::logic_error);
  EXPECT_THROW((void)back("short").front().uuid(0), std::logic_error);
  EXPECT_THROW((void)back("{").front().json(0), std::logic_error);
  EXPECT_THROW((void)back(Value::null(Type::Text)).front().text(0), std::logic_error);
  EXPECT_THROW((void)back(7).front().number(1), std::logic_error);
}

}  // namespace
}  // namespace waypost::sql
