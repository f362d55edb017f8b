#include "sandbox/faults.h"

#include <gtest/gtest.h>

namespace waypost::sandbox {
namespace {

Faults with(const Json& rule) {
  Faults faults;
  faults.add(read_fault(rule).value());
  return faults;
}

std::string pattern(const Json& rule) {
  auto faults = with(rule);
  std::string struck;
  for (int i = 0; i < 40; ++i) struck += faults.strike(FaultKind::DropAfter, "1") ? 'x' : '.';
  return struck;
}

TEST(Faults, TheNextNStrikeAndThenNone) {
  auto faults = with({{"kind", "drop_after"}, {"next", 2}});
  EXPECT_TRUE(faults.strike(FaultKind::DropAfter, "1"));
  EXPECT_FALSE(faults.strike(FaultKind::DropBefore, "1"));
  EXPECT_TRUE(faults.strike(FaultKind::DropAfter, "1"));
  EXPECT_FALSE(faults.strike(FaultKind::DropAfter, "1"));
  EXPECT_EQ(faults.to_json()[0]["struck"], 2);
}

TEST(Faults, ASeedGivesTheSameFaultsAgain) {
  const Json rule = {{"kind", "drop_after"}, {"probability", 0.5}, {"seed", 7}};
  EXPECT_EQ(pattern(rule), pattern(rule));
  EXPECT_NE(pattern(rule), pattern({{"kind", "drop_after"}, {"probability", 0.5}, {"seed", 8}}));
  EXPECT_NE(pattern(rule).find('x'), std::string::npos);
  EXPECT_NE(pattern(rule).find('.'), std::string::npos);
}

TEST(Faults, ARuleOfOneNumberLeavesOthersAlone) {
  auto faults = with({{"kind", "error"}, {"next", 1}, {"code", 131000}, {"phone_number_id", "1"}});
  EXPECT_FALSE(faults.strike(FaultKind::Refuse, "2"));
  EXPECT_EQ(faults.strike(FaultKind::Refuse, "1")->error.code, 131000);
}

TEST(Faults, ARuleSaysHowOften) {
  EXPECT_FALSE(read_fault({{"kind", "delay"}}));
  EXPECT_FALSE(read_fault({{"kind", "fire"}, {"next", 1}}));
  EXPECT_FALSE(read_fault({{"kind", "delay"}, {"probability", 2}}));
}

}  // namespace
}  // namespace waypost::sandbox
