#include "tests/api/api_fixture.h"

namespace waypost::test {
namespace {

class Marks : public ApiTest {
 protected:
  Marks() : tenant_(given_workspace()), agent_(as_agent(tenant_)) {
    parts_.post_mark = [this](store::Channel channel, Json mark) { return posted(*this, std::move(channel), mark); };
  }
  Answer mark(const store::Conversation& conversation, const std::string& what, const Json& body = Json::object()) {
    return ask("POST", "/api/conversations/" + conversation.id.text() + "/" + what, agent_, body);
  }

  TenantId tenant_;
  HeaderList agent_;
  std::vector<std::pair<ChannelId, Json>> posted_;
  Result<void> answer_{};

 private:
  static awaitable<Result<void>> posted(Marks& test, store::Channel channel, Json mark) {
    test.posted_.emplace_back(channel.id, std::move(mark));
    co_return test.answer_;
  }
};

TEST_F(Marks, TheNewestInboundIsRead) {
  const auto conversation = given_conversation(tenant_);
  given_inbound(conversation, "One");
  const auto newest = given_inbound(conversation, "Two");
  const auto answer = mark(conversation, "read");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.json, Json({{"ok", true}, {"wamid", *newest.wamid}}));
  ASSERT_EQ(posted_.size(), 1U);
  EXPECT_EQ(posted_[0].first, conversation.channel);
  EXPECT_EQ(posted_[0].second,
            Json({{"messaging_product", "whatsapp"}, {"status", "read"}, {"message_id", *newest.wamid}}));
}

TEST_F(Marks, TypingSaysReadToo) {
  const auto conversation = given_conversation(tenant_);
  given_inbound(conversation, "One");
  EXPECT_EQ(mark(conversation, "typing").status, 200);
  ASSERT_EQ(posted_.size(), 1U);
  EXPECT_EQ(posted_[0].second["typing_indicator"], Json({{"type", "text"}}));
  EXPECT_EQ(posted_[0].second["status"], "read");
}

TEST_F(Marks, AMessageIsNamedByOurIdOrMetas) {
  const auto conversation = given_conversation(tenant_);
  const auto first = given_inbound(conversation, "One");
  given_inbound(conversation, "Two");
  EXPECT_EQ(mark(conversation, "read", {{"messageId", first.id.text()}}).json["wamid"], *first.wamid);
  EXPECT_EQ(mark(conversation, "read", {{"messageId", "wamid.X"}}).json["wamid"], "wamid.X");
  EXPECT_EQ(mark(conversation, "read", {{"messageId", "7"}}).status, 400);
  const auto other = given_conversation(tenant_);
  EXPECT_EQ(mark(other, "read", {{"messageId", first.id.text()}}).status, 400);
  EXPECT_EQ(posted_.size(), 2U);
}

TEST_F(Marks, NothingIsMarkedWhereTheCustomerNeverWrote) {
  const auto answer = mark(given_conversation(tenant_), "read");
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(answer.json["code"], "nothing_to_mark");
  EXPECT_TRUE(posted_.empty());
}

TEST_F(Marks, AnotherWorkspacesConversationIs404) {
  const auto theirs = given_conversation(given_workspace("Other"));
  given_inbound(theirs, "One");
  EXPECT_EQ(mark(theirs, "read").status, 404);
  EXPECT_TRUE(posted_.empty());
}

TEST_F(Marks, WhatMetaRefusesIsSaid) {
  const auto conversation = given_conversation(tenant_);
  given_inbound(conversation, "One");
  answer_ = fail(ErrorKind::Rejected, "Meta's code 100: Invalid parameter");
  const auto refused = mark(conversation, "read");
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(refused.json["code"], "refused_by_meta");
  EXPECT_EQ(refused.json["error"], "Meta's code 100: Invalid parameter");
  answer_ = fail(ErrorKind::Unauthorised, "Meta's code 190: token");
  EXPECT_EQ(mark(conversation, "read").status, 422);
  answer_ = fail(ErrorKind::RateLimited, "Meta's code 130429: slow");
  EXPECT_EQ(mark(conversation, "read").status, 429);
  answer_ = fail(ErrorKind::Unavailable, "connection reset");
  EXPECT_EQ(mark(conversation, "read").status, 503);
  EXPECT_EQ(rows_of("message"), 1) << "only the customer's";
}

}  // namespace
}  // namespace waypost::test
