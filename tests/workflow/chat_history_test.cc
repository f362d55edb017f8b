#include "workflow/chat_history.h"

#include <gtest/gtest.h>

namespace waypost::workflow {
namespace {

using Lines = std::vector<ChatLine>;

store::Message theirs(const std::string& text, const std::string& type = "text") {
  store::Message message{.type = type};
  if (!text.empty()) message.text = text;
  return message;
}
store::Message ours(const std::string& text, MessageState state = MessageState::Delivered) {
  store::Message message{.outbound = true, .text = text, .state = state};
  message.author = "workflow";
  return message;
}
Lines chosen(const std::vector<store::Message>& newest_first, HistoryLimits limits = {}) {
  return chat_history(newest_first, limits);
}

TEST(ChatHistory, IsOldestFirstWithRoles) {
  EXPECT_EQ(chosen({theirs("three"), ours("two"), theirs("one")}),
            (Lines{{"user", "one"}, {"assistant", "two"}, {"user", "three"}}));
  EXPECT_TRUE(chosen({}).empty());
}

TEST(ChatHistory, KeepsTheNewestByCount) {
  EXPECT_EQ(chosen({theirs("c"), theirs("b"), theirs("a")}, {.messages = 2}), (Lines{{"user", "b"}, {"user", "c"}}));
  EXPECT_TRUE(chosen({theirs("c")}, {.messages = 0}).empty());
}

TEST(ChatHistory, KeepsTheNewestByTokensAndCutsNone) {
  const std::string four(16, 'x');
  EXPECT_EQ(chosen({theirs(four), theirs(four + "y")}, {.tokens = 8}), (Lines{{"user", four}}));
  EXPECT_EQ(chosen({theirs(four), theirs(four)}, {.tokens = 8}), (Lines{{"user", four}, {"user", four}}));
  // A shorter one behind the first that does not fit would tear a hole.
  EXPECT_EQ(chosen({theirs(four), theirs(four + four), theirs("a")}, {.tokens = 8}), (Lines{{"user", four}}));
  EXPECT_TRUE(chosen({theirs(four)}, {.tokens = 0}).empty());
}

TEST(ChatHistory, CutsTheNewestAloneNotWithinACharacter) {
  EXPECT_EQ(chosen({theirs("abcdefghij")}, {.tokens = 2}), (Lines{{"user", "abcdefgh"}}));
  EXPECT_EQ(chosen({theirs("abcdefgé.")}, {.tokens = 2}), (Lines{{"user", "abcdefg"}}));
}

TEST(ChatHistory, LeavesOutWhatDidNotGoOut) {
  using enum MessageState;
  for (const auto state : {Failed, Held, Expired, Replaced}) EXPECT_TRUE(chosen({ours("x", state)}).empty());
  for (const auto state : {Queued, Sending, Unknown, Accepted, Sent, Delivered, Read, Played})
    EXPECT_EQ(chosen({ours("x", state)}).size(), 1U);
}

TEST(ChatHistory, NamesWhatIsNoText) {
  EXPECT_EQ(chosen({theirs("my dog", "image")}), (Lines{{"user", "[image] my dog"}}));
  EXPECT_EQ(chosen({theirs("", "audio")}), (Lines{{"user", "[audio]"}}));
  EXPECT_EQ(chosen({theirs("Yes", "interactive")}), (Lines{{"user", "Yes"}}));
  EXPECT_EQ(chosen({theirs("Yes", "button")}), (Lines{{"user", "Yes"}}));
  EXPECT_EQ(chosen({theirs("", "text")}), (Lines{{"user", "[text]"}}));
}

TEST(ChatHistory, LeavesOutWhatSpeaksOfOtherMessages) {
  for (const auto* type : {"reaction", "edit", "revoke", "system", "unsupported", "pin"})
    EXPECT_TRUE(chosen({theirs("x", type)}).empty()) << type;
}

TEST(ChatHistory, CountsFourBytesAsOneToken) {
  EXPECT_EQ(tokens_of(""), 0U);
  EXPECT_EQ(tokens_of("abcd"), 1U);
  EXPECT_EQ(tokens_of("abcde"), 2U);
}

}  // namespace
}  // namespace waypost::workflow
