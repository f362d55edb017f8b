#include "store/message_json.h"

#include <gtest/gtest.h>

namespace waypost::store {
namespace {

Message full() {
  const Time at = from_millis(1'700'000'000'007);
  Message message{.id = MessageId::make(at),
                  .conversation = ConversationId::make(at),
                  .seq = 12,
                  .channel = ChannelId::make(at),
                  .contact = ContactId::make(at),
                  .outbound = true,
                  .text = "line\nand \"quote\" – 🎉",
                  .content = {{"body", "line"}},
                  .state = MessageState::Failed,
                  .wamid = "wamid.A",
                  .happened_at = at};
  message.author = "api";
  message.author_id = UserId::make(at);
  message.policy = WindowPolicy::Hold;
  message.failure = Failure{.reason = "outcome_unknown", .code = 131'000, .words = "nobody knows"};
  message.pricing = {{"category", "utility"}};
  message.sent_at = message.failed_at = at;
  return message;
}

// Two ways to write one thing: they must not part.
TEST(MessageJson, AnEventSaysWhatAnAnswerSays) {
  const Message message = full();
  EXPECT_EQ(Json::parse(payload_of(message)), Json({{"message", to_json(message)}}));
}

TEST(MessageJson, AnInboundOneHasNothingOfSending) {
  Message message = full();
  message.outbound = false;
  const Json json = to_json(message);
  EXPECT_EQ(Json::parse(payload_of(message)), Json({{"message", json}}));
  EXPECT_FALSE(json.contains("attempt"));
  EXPECT_EQ(json.at("direction"), "inbound");
  EXPECT_EQ(json.at("via"), Json());
}

TEST(MessageJson, WhatWasPreparedIsTaken) {
  Message message = full();
  message.prepared = {.content = R"({"body":"theirs"})", .own = own_text(message) + R"(,"media":null)"};
  const Json payload = Json::parse(payload_of(message));
  EXPECT_EQ(payload.at("message").at("content"), Json({{"body", "theirs"}}));
  EXPECT_TRUE(payload.at("message").contains("media"));
}

}  // namespace
}  // namespace waypost::store
