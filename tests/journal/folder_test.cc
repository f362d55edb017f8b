#include "journal/folder.h"

#include <gtest/gtest.h>

namespace waypost {
namespace {

TEST(DayFileName, IsTheDateInUtcAndIsReadBack) {
  const Day day = day_of(from_millis(1'795'435'200'000));
  EXPECT_EQ(day_file_name(day), "2026-11-23.journal");
  EXPECT_EQ(parse_day_file_name("2026-11-23.journal"), day);
  EXPECT_EQ(day_of(from_millis(1'795'478'399'999)), day);
  EXPECT_EQ(day_of(from_millis(1'795'478'400'000)), day + std::chrono::days(1));
}

TEST(DayFileName, NothingElseIsOne) {
  for (const char* name : {"", "id", "lock", "2026-11-23.journal-wal", "2026-13-01.journal", "2026-02-30.journal",
                           "2026-1-023.journal", "2026-11-2x.journal", "+026-11-23.journal", "2026_11_23.journal"}) {
    EXPECT_FALSE(parse_day_file_name(name)) << name;
  }
}

}  // namespace
}  // namespace waypost
