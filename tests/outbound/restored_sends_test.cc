#include "store/restored_sends.h"

#include <gmock/gmock.h>

#include "tests/outbound/stage.h"

namespace waypost::test {
namespace {

using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;

class RestoredSends : public Stage {
 protected:
  std::int64_t hold() {
    return in_store([](sql::Connection& connection) { return store::hold_sends(connection); });
  }
  // A start with --after-restore.
  void restore() {
    hold();
    restart();
  }
  std::size_t release(std::optional<TenantId> of = std::nullopt) {
    return in_store([&](sql::Connection& connection) { return store::release_some(connection, of, 100, clock.now()); })
        .size();
  }
  std::size_t drop(std::optional<TenantId> of = std::nullopt) {
    return in_store([&](sql::Connection& connection) { return store::drop_some(connection, of, 100, clock.now()); })
        .size();
  }
  std::vector<store::HeldSends> held() {
    return in_store([](sql::Connection& connection) { return store::held_sends(connection); });
  }
};

TEST_F(RestoredSends, WhatWaitedIsHeldThroughRestartsUntilItIsReleased) {
  given_message("old");
  EXPECT_EQ(hold(), 1);
  EXPECT_EQ(hold(), 0);
  for (int starts = 0; starts < 3; ++starts) {
    restart();
    EXPECT_EQ(send(), std::nullopt);
  }
  EXPECT_THAT(texts_posted(), IsEmpty());
  EXPECT_EQ(release(), 1U);
  send();
  EXPECT_THAT(texts_posted(), ElementsAre("old"));
  EXPECT_EQ(release(), 0U);
}

TEST_F(RestoredSends, ANewerReplyWaitsBehindTheHeldOneAndIsCounted) {
  given_message("old");
  restore();
  given_message("new");
  send();
  EXPECT_THAT(texts_posted(), IsEmpty());
  ASSERT_EQ(held().size(), 1U);
  EXPECT_EQ(held()[0].held, 1);
  EXPECT_EQ(held()[0].behind, 1);
  EXPECT_EQ(held()[0].tenant, tenant);
  EXPECT_EQ(held()[0].channel, channel_id);
  release();
  send();
  EXPECT_THAT(texts_posted(), ElementsAre("old", "new"));
  EXPECT_THAT(held(), IsEmpty());
}

TEST_F(RestoredSends, WhatIsQueuedAfterTheStartGoesOut) {
  restore();
  given_message("new");
  send();
  EXPECT_THAT(texts_posted(), ElementsAre("new"));
}

TEST_F(RestoredSends, WhatIsDroppedHasFailedAndANewerOneGoes) {
  const auto id = given_message("old");
  restore();
  given_message("new");
  EXPECT_EQ(drop(), 1U);
  EXPECT_EQ(state_of(id), MessageState::Failed);
  EXPECT_EQ(reason_of(id), "dropped_after_restore");
  send();
  EXPECT_THAT(texts_posted(), ElementsAre("new"));
}

TEST_F(RestoredSends, AStatusLiftsWhatWasDropped) {
  const auto id = given_message("old");
  restore();
  drop();
  status_says(id, "delivered");
  EXPECT_EQ(state_of(id), MessageState::Delivered);
  EXPECT_EQ(reason_of(id), "");
}

TEST_F(RestoredSends, AStatusSettlesWhatIsHeld) {
  const auto id = given_message("old");
  restore();
  given_message("new");
  status_says(id, "sent");
  EXPECT_EQ(state_of(id), MessageState::Sent);
  EXPECT_THAT(held(), IsEmpty());
  send();
  EXPECT_THAT(texts_posted(), ElementsAre("new"));
}

TEST_F(RestoredSends, WhatIsHeldDoesNotExpireBeforeSomebodyDecides) {
  const auto id = given_message("old");
  restore();
  pass(hours(24 * 30));
  send();
  EXPECT_EQ(state_of(id), MessageState::Queued);
  release();
  send();
  EXPECT_THAT(texts_posted(), IsEmpty());
  EXPECT_NE(state_of(id), MessageState::Queued);
}

TEST_F(RestoredSends, ASendThatWasUnderWayIsNeverRepeated) {
  const auto id = given_message("old");
  in_store([&](sql::Connection& connection) {
    return store::begin_send(connection, *store::find_message(connection, tenant, id), clock.now() + seconds(30),
                             clock.now());
  });
  pass(seconds(1));
  EXPECT_EQ(hold(), 0);
  restart();
  send_until(id, MessageState::Failed);
  EXPECT_EQ(reason_of(id), kOutcomeUnknown);
  EXPECT_THAT(texts_posted(), IsEmpty());
}

// Held outside the window, and released by the customer's message, which the journal brings again after a restore.
TEST_F(RestoredSends, TheCustomersMessageDoesNotReleaseWhatMayHaveGoneOut) {
  pass(hours(25));
  const auto id = given_message("old", WindowPolicy::Hold);
  send();
  ASSERT_EQ(state_of(id), MessageState::Held);
  EXPECT_EQ(hold(), 1);
  restart();
  customer_writes();
  EXPECT_EQ(state_of(id), MessageState::Queued);
  send();
  EXPECT_THAT(texts_posted(), IsEmpty());
  release();
  send();
  EXPECT_THAT(texts_posted(), ElementsAre("old"));
}

TEST_F(RestoredSends, AnotherWorkspacesAreLeftAlone) {
  given_message("old");
  restore();
  const auto other = TenantId::make(clock.now());
  EXPECT_EQ(release(other), 0U);
  EXPECT_EQ(drop(other), 0U);
  EXPECT_EQ(release(tenant), 1U);
}

}  // namespace
}  // namespace waypost::test
