#include "conversation/message_state.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

namespace waypost {
namespace {

constexpr std::array kStates{MessageState::Received, MessageState::Queued,    MessageState::Sending,
                             MessageState::Unknown,  MessageState::Held,      MessageState::Accepted,
                             MessageState::Sent,     MessageState::Delivered, MessageState::Read,
                             MessageState::Played,   MessageState::Failed,    MessageState::Replaced,
                             MessageState::Expired};

MessageState after(MessageState state, bool is_guess, const std::vector<MetaWord>& words) {
  for (const auto word : words) {
    const auto next = climb(state, is_guess, word);
    if (!next) continue;
    state = *next;
    is_guess = false;
  }
  return state;
}

TEST(MessageState, EveryNameGoesBothWays) {
  for (const auto state : kStates) EXPECT_EQ(message_state(name_of(state)), state);
  EXPECT_FALSE(message_state("in_orbit"));
  EXPECT_FALSE(meta_word("deleted"));
}

// Law 10: whatever the order, the end is the same.
TEST(MessageState, EveryOrderOfWordsEndsAlike) {
  std::vector words{MetaWord::Accepted, MetaWord::Sent, MetaWord::Delivered, MetaWord::Read, MetaWord::Failed};
  std::ranges::sort(words);
  do {
    for (const auto start :
         {MessageState::Queued, MessageState::Sending, MessageState::Unknown, MessageState::Accepted}) {
      EXPECT_EQ(after(start, false, words), MessageState::Read);
    }
  } while (std::ranges::next_permutation(words).found);
}

TEST(MessageState, ALateFailureNeverLowersDeliveredOrRead) {
  for (const auto state : {MessageState::Delivered, MessageState::Read, MessageState::Played}) {
    EXPECT_FALSE(climb(state, false, MetaWord::Failed));
  }
  EXPECT_EQ(climb(MessageState::Sent, false, MetaWord::Failed), MessageState::Failed);
}

TEST(MessageState, OnlyDeliveryOutranksMetasFailure) {
  EXPECT_FALSE(climb(MessageState::Failed, false, MetaWord::Sent));
  EXPECT_FALSE(climb(MessageState::Failed, false, MetaWord::Accepted));
  EXPECT_EQ(climb(MessageState::Failed, false, MetaWord::Delivered), MessageState::Delivered);
}

TEST(MessageState, AnyWordLiftsOurGuess) {
  EXPECT_EQ(climb(MessageState::Failed, true, MetaWord::Accepted), MessageState::Accepted);
  EXPECT_EQ(climb(MessageState::Failed, true, MetaWord::Sent), MessageState::Sent);
  EXPECT_EQ(climb(MessageState::Failed, true, MetaWord::Failed), MessageState::Failed);
}

TEST(MessageState, NoWordMovesAnInboundMessage) {
  for (const auto word : {MetaWord::Accepted, MetaWord::Sent, MetaWord::Delivered, MetaWord::Read, MetaWord::Failed}) {
    EXPECT_FALSE(climb(MessageState::Received, false, word));
  }
}

TEST(MessageState, TheSameWordTwiceChangesNothing) {
  for (const auto word : {MetaWord::Accepted, MetaWord::Sent, MetaWord::Delivered, MetaWord::Read, MetaWord::Played}) {
    const auto once = climb(MessageState::Sending, false, word);
    ASSERT_TRUE(once);
    EXPECT_FALSE(climb(*once, false, word));
  }
}

TEST(MessageState, OnlyFourStatesWantAWorker) {
  EXPECT_EQ(std::ranges::count_if(kStates, [](MessageState state) { return !is_final(state); }), 4);
}

}  // namespace
}  // namespace waypost
