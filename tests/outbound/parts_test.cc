// A long text in several messages: in order, and none behind a part that was not sent.

#include "store/outbox.h"
#include "tests/outbound/stage.h"

namespace waypost::test {
namespace {

class Parts : public Stage {
 protected:
  std::vector<MessageId> given_parts(std::size_t count) {
    return in_store([&](sql::Connection& connection) {
      const auto thread = *store::find_conversation(connection, tenant, conversation_id);
      std::vector<MessageId> ids;
      for (std::size_t at = 0; at < count; ++at) {
        const std::string text = "part " + std::to_string(at + 1);
        store::Message message{.type = "text", .text = text, .content = {{"body", text}}};
        if (!ids.empty()) message.part_of = ids.front();
        const auto queued = store::accept_message(connection, thread, std::move(message), {}, clock.now());
        ids.push_back(queued.value().id);
      }
      return ids;
    });
  }
};

TEST_F(Parts, GoOutInOrder) {
  customer_writes();
  given_parts(3);
  send();
  EXPECT_EQ(texts_posted(), (std::vector<std::string>{"part 1", "part 2", "part 3"}));
}

TEST_F(Parts, NoneGoesOutBehindOneThatFailed) {
  customer_writes();
  const auto parts = given_parts(4);
  const auto other = given_message("another");
  graph.answers(Accepted{.wamid = "wamid.first"});
  graph.answers(131026);
  send();
  EXPECT_EQ(state_of(parts[0]), MessageState::Accepted);
  EXPECT_EQ(state_of(parts[1]), MessageState::Failed);
  EXPECT_EQ(reason_of(parts[2]), "part_failed");
  EXPECT_EQ(reason_of(parts[3]), "part_failed");
  EXPECT_EQ(state_of(other), MessageState::Accepted);
  EXPECT_EQ(texts_posted(), (std::vector<std::string>{"part 1", "part 2", "another"}));
}

TEST_F(Parts, OneThatWaitsHoldsTheOthersUp) {
  customer_writes();
  const auto parts = given_parts(2);
  graph.is_unreachable();
  send();
  EXPECT_EQ(texts_posted(), std::vector<std::string>{"part 1"});
  EXPECT_EQ(state_of(parts[1]), MessageState::Queued);
  send_until(parts[1], MessageState::Accepted);
  EXPECT_EQ(texts_posted(), (std::vector<std::string>{"part 1", "part 1", "part 2"}));
}

}  // namespace
}  // namespace waypost::test
