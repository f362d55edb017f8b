// What reaches a contact that has opted out: the confirmation, once, and nothing else.

#include "conversation/opt_out.h"

#include "store/contacts.h"
#include "store/inbound.h"
#include "store/runs.h"
#include "tests/outbound/stage.h"

namespace waypost {
namespace {

using test::Stage;

class OptOutSends : public Stage {
 protected:
  void customer_says(const std::string& text) {
    in_store([&](sql::Connection& connection) {
      store::Inbound inbound{.phone_number_id = "106", .sender = {.phone = "491701234567"}};
      inbound.message.tenant = tenant;
      inbound.message.channel = channel_id;
      inbound.message.text = text;
      inbound.message.wamid = "wamid.word." + std::to_string(++said_);
      inbound.message.happened_at = clock.now();
      inbound.spoken = spoken_words({{"type", "text"}, {"text", {{"body", text}}}});
      return store::receive_message(connection, inbound, clock.now());
    });
  }
  store::Message confirmation() {
    const auto all = of_author(kOptOutAuthor);
    EXPECT_EQ(all.size(), 1U);
    return all.empty() ? store::Message{} : all.front();
  }

  int said_ = 0;
};

TEST_F(OptOutSends, TheConfirmationPassesAndWhatWasQueuedBeforeAndBehindFails) {
  const auto before = given_message("before");
  customer_says("stop");
  const auto behind = given_message("behind");
  const auto offer = given_template_message();
  send();
  EXPECT_EQ(reason_of(before), "opted_out");
  EXPECT_EQ(reason_of(behind), "opted_out");
  EXPECT_EQ(reason_of(offer), "opted_out");
  EXPECT_EQ(state_of(confirmation().id), MessageState::Accepted);
  EXPECT_EQ(texts_posted(), std::vector{confirmation().text.value()});
}

TEST_F(OptOutSends, ARestartSendsNoSecondConfirmation) {
  customer_says("stop");
  graph.loses_the_answer();
  send();
  EXPECT_EQ(state_of(confirmation().id), MessageState::Unknown);
  restart();
  send();
  restart();
  status_says(confirmation().id, "delivered");
  send();
  EXPECT_EQ(texts_posted().size(), 1U);
  EXPECT_EQ(state_of(confirmation().id), MessageState::Delivered);
}

TEST_F(OptOutSends, AHeldMessageIsLetGoByTheStopAndFails) {
  pass(std::chrono::hours(25));
  const auto held = given_message("held", WindowPolicy::Hold);
  send();
  EXPECT_EQ(state_of(held), MessageState::Held);
  customer_says("stop");
  send();
  EXPECT_EQ(reason_of(held), "opted_out");
  EXPECT_EQ(texts_posted(), std::vector{confirmation().text.value()});
}

TEST_F(OptOutSends, NoTemplateGoesInsteadOfAConfirmationThatComesTooLate) {
  given_fallback();
  customer_says("stop");
  pass(std::chrono::hours(24) - milliseconds(1));
  send();
  EXPECT_EQ(reason_of(confirmation().id), "window_closed");
  EXPECT_TRUE(texts_posted().empty());
}

TEST_F(OptOutSends, AfterAStartMessagesGoAgain) {
  customer_says("stop");
  send();
  pass(seconds(1));
  customer_says("start");
  const auto news = given_message("news");
  send_until(news, MessageState::Accepted);
  EXPECT_EQ(texts_posted().size(), 3U);
  EXPECT_EQ(texts_posted().back(), "news");
}

}  // namespace
}  // namespace waypost
