#include "base/id.h"

#include <gtest/gtest.h>

#include <set>

namespace waypost {
namespace {

TEST(Uuid, TextGoesBothWays) {
  const auto uuid = new_uuid(from_millis(1'700'000'000'123));
  EXPECT_EQ(Uuid::parse(uuid.text()), uuid);
  EXPECT_EQ(Uuid::parse("018BCFE5-687B-7000-8000-000000000001")->text(), "018bcfe5-687b-7000-8000-000000000001");
}

TEST(Uuid, HoldsItsTimeAndVersion) {
  const auto text = new_uuid(from_millis(0x018bcfe5687b)).text();
  EXPECT_EQ(text.substr(0, 15), "018bcfe5-687b-7");
  EXPECT_NE(std::string("89ab").find(text[19]), std::string::npos);
}

TEST(Uuid, ThousandsOfOneMillisecondDiffer) {
  std::set<Uuid> seen;
  for (int i = 0; i < 10'000; ++i) seen.insert(new_uuid(from_millis(1)));
  EXPECT_EQ(seen.size(), 10'000U);
}

TEST(Uuid, OnlyTheLongFormIsRead) {
  for (const char* wrong : {"", "018bcfe5687b70008000000000000001", "018bcfe5-687b-7000-8000-00000000000",
                            "018bcfe5-687b-7000-8000-00000000000g", "018bcfe5_687b-7000-8000-000000000001",
                            "{18bcfe5-687b-7000-8000-000000000001"}) {
    EXPECT_FALSE(Uuid::parse(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace waypost
