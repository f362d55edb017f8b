#include "webhook/lane_gate.h"

#include <gtest/gtest.h>

namespace waypost {
namespace {

ApplyGroup group_of(std::initializer_list<std::pair<const char*, std::size_t>> updates) {
  ApplyGroup group;
  for (const auto& [number, order] : updates) {
    auto task = std::make_shared<ApplyTask>();
    task->update = Malformed{.origin = {.phone_number_id = number}};
    task->order = order;
    group.push_back(std::move(task));
  }
  return group;
}

TEST(LaneGate, WhatIsBehindAFailureOfItsNumberWaitsAndOthersDoNot) {
  LaneGate gate;
  const auto first = group_of({{"a", 1}, {"b", 2}, {"a", 3}});
  EXPECT_TRUE(gate.lets_in(first));
  gate.failed(first);
  EXPECT_FALSE(gate.lets_in(group_of({{"a", 4}})));
  EXPECT_FALSE(gate.lets_in(group_of({{"c", 5}, {"b", 6}})));
  EXPECT_TRUE(gate.lets_in(group_of({{"c", 7}})));
}

TEST(LaneGate, WhatFailedIsLetInAgainWholeOrInParts) {
  LaneGate gate;
  const auto whole = group_of({{"a", 1}, {"a", 2}});
  gate.failed(whole);
  EXPECT_TRUE(gate.lets_in(whole)) << "its batch runs it once more";
  gate.failed(whole);
  EXPECT_FALSE(gate.lets_in(group_of({{"a", 2}})));
  EXPECT_TRUE(gate.lets_in(group_of({{"a", 1}})));
  EXPECT_TRUE(gate.lets_in(group_of({{"a", 2}})));
}

}  // namespace
}  // namespace waypost
