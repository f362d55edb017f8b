#include "workflow/call_places.h"

#include <gtest/gtest.h>

namespace waypost::workflow {
namespace {

TenantId tenant(int n) { return TenantId::make(from_millis(n)); }
ConversationId talk() { return ConversationId::make(from_millis(1)); }

TEST(CallPlaces, AreSoManyAndSoManyOfOne) {
  CallPlaces places(3, 2);
  const auto one = tenant(1);
  const auto other = tenant(2);
  EXPECT_TRUE(places.take(one));
  EXPECT_TRUE(places.take(one));
  EXPECT_FALSE(places.take(one));
  EXPECT_TRUE(places.take(other));
  EXPECT_FALSE(places.take(other));
  places.give_back(one);
  EXPECT_TRUE(places.take(other));
  places.close();
  places.give_back(other);
  EXPECT_FALSE(places.take(other));
  EXPECT_EQ(places.taken(), 2U);
}

// Eight with slow servers, and the ninth still gets its turn.
TEST(CallPlaces, TheLastQuarterIsForThoseWithFewOut) {
  CallPlaces places(64, 16);
  for (int n = 1; n <= 8; ++n) {
    const auto slow = tenant(n);
    while (places.take(slow)) {
    }
  }
  EXPECT_EQ(places.taken(), 58U);  // 48 for all, then two each for those who had fewer than two
  const auto ninth = tenant(9);
  EXPECT_TRUE(places.take(ninth));
  EXPECT_TRUE(places.take(ninth));
  EXPECT_FALSE(places.take(ninth));
}

TEST(CallPlaces, WorkspacesComeInTurn) {
  CallPlaces places(2, 1);
  const auto one = tenant(1);
  const auto other = tenant(2);
  const auto first = talk();
  const auto second = talk();
  const auto third = talk();
  EXPECT_TRUE(places.take(one));
  places.line_up({one, first});
  places.line_up({one, second});
  places.line_up({one, first});
  EXPECT_FALSE(places.next().has_value());  // it has as many as it may
  places.line_up({other, third});
  EXPECT_EQ(places.next()->conversation, third);
  places.give_back(one);
  EXPECT_EQ(places.next()->conversation, first);
  EXPECT_EQ(places.next()->conversation, second);
  EXPECT_FALSE(places.next().has_value());
}

}  // namespace
}  // namespace waypost::workflow
