#include "conversation/message_mark.h"

#include <gtest/gtest.h>

namespace waypost {
namespace {

TEST(MessageMark, AReactionNamesItsMessageAndEmoji) {
  const auto mark = mark_of({{"type", "reaction"}, {"reaction", {{"message_id", "wamid.1"}, {"emoji", "+"}}}});
  ASSERT_TRUE(mark);
  EXPECT_EQ(mark->kind, MarkKind::Reaction);
  EXPECT_EQ(mark->wamid, "wamid.1");
  EXPECT_EQ(mark->text, "+");
}

// Meta leaves the key out, or sends "".
TEST(MessageMark, AReactionWithoutEmojiIsTakenBack) {
  for (const Json& reaction : {Json{{"message_id", "wamid.1"}}, Json{{"message_id", "wamid.1"}, {"emoji", ""}}}) {
    const auto mark = mark_of({{"type", "reaction"}, {"reaction", reaction}});
    ASSERT_TRUE(mark);
    EXPECT_FALSE(mark->text);
  }
}

TEST(MessageMark, AnEditBringsTheNewTextOrCaption) {
  const auto edit = [](Json message) {
    return mark_of({{"type", "edit"}, {"edit", {{"original_message_id", "wamid.1"}, {"message", std::move(message)}}}});
  };
  EXPECT_EQ(edit({{"type", "text"}, {"text", {{"body", "better"}}}})->text, "better");
  EXPECT_EQ(edit({{"type", "image"}, {"image", {{"caption", "sunset"}}}})->text, "sunset");
  EXPECT_FALSE(edit("nonsense")->text);
}

TEST(MessageMark, ARevokeNamesItsMessage) {
  const auto mark = mark_of({{"type", "revoke"}, {"revoke", {{"original_message_id", "wamid.1"}}}});
  ASSERT_TRUE(mark);
  EXPECT_EQ(mark->kind, MarkKind::Revoke);
}

TEST(MessageMark, OtherMessagesAndThoseThatNameNoneAreNoMarks) {
  EXPECT_FALSE(mark_of({{"type", "text"}, {"text", {{"body", "hello"}}}}));
  EXPECT_FALSE(mark_of({{"type", "reaction"}}));
  EXPECT_FALSE(mark_of({{"type", "reaction"}, {"reaction", {{"message_id", 5}}}}));
  EXPECT_FALSE(mark_of({{"type", "revoke"}, {"revoke", Json::array()}}));
  EXPECT_FALSE(mark_of(Json::array()));
}

TEST(MessageMark, KindsHaveMetasNames) {
  for (const auto kind : {MarkKind::Reaction, MarkKind::Edit, MarkKind::Revoke})
    EXPECT_EQ(mark_kind(name_of(kind)), kind);
  EXPECT_FALSE(mark_kind("text"));
}

}  // namespace
}  // namespace waypost
