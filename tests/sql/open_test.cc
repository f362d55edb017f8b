#include "sql/open.h"

#include <gtest/gtest.h>

#include "tests/support/store_place.h"
#include "tests/support/temp_folder.h"

namespace waypost::sql {
namespace {

TEST(Open, TheUrlSaysWhichEngine) {
  const test::TempFolder folder;
  const test::StorePlace place(folder.file("store.db"), test::Schema::None);
  const auto database = open(place.url(), {}).value();
  EXPECT_EQ(database->engine(), test::engine_of_tests());
  const auto inside = database->write_and_wait(0, [](Connection& connection) { return connection.engine(); });
  EXPECT_EQ(inside.value(), test::engine_of_tests());
}

TEST(Open, AnotherUrlIsInvalidInputAndIsNotQuoted) {
  for (const char* url : {"", "sqlite:", "mysql://u:hush@h/d", "postgresql:hush"}) {
    const auto opened = open(Secret(url), {});
    ASSERT_FALSE(opened.has_value()) << url;
    EXPECT_EQ(opened.error().kind(), ErrorKind::InvalidInput);
    EXPECT_FALSE(opened.error().words().contains("hush"));
  }
}

}  // namespace
}  // namespace waypost::sql
