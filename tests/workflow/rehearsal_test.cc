#include "workflow/rehearsal.h"

#include "tests/support/run_loop.h"
#include "tests/workflow/fake_outside.h"
#include "tests/workflow/workshop.h"

namespace waypost::workflow {
namespace {

using namespace waypost::test;  // NOLINT(google-build-using-namespace): the fixture's words

class Rehearsed : public testing::Test {
 protected:
  Json test(const Json& drawn, std::vector<std::optional<Json>> replies = {}) {
    const auto now = from_millis(1'760'000'000'000);
    return *loop.wait(test_draft(outside, places,
                                 {.graph = read_graph(drawn),
                                  .contact = {.profile_name = "Ana"},
                                  .message = store::Message{.text = "hi", .happened_at = now},
                                  .replies = std::move(replies),
                                  .now = now}));
  }
  static Json reply(const std::string& text) {
    return {{"id", nullptr}, {"type", "text"}, {"text", text}, {"choice", nullptr}, {"content", Json::object()}};
  }

  RunLoop loop;
  FakeOutside outside;
  CallPlaces places{4, 1};
};

TEST_F(Rehearsed, TellsItsStepsAndWhatWouldBeSent) {
  const auto told = test(say("Hi {{contact.name}}, you said {{message.text}}"));
  EXPECT_EQ(told.at("status"), "completed");
  ASSERT_EQ(told.at("steps").size(), 2U);
  EXPECT_EQ(told.at("steps")[1].at("nodeId"), "m");
  EXPECT_EQ(told.at("steps")[1].at("status"), "completed");
  ASSERT_EQ(told.at("sends").size(), 1U);
  EXPECT_EQ(told.at("sends")[0].at("text"), "Hi Ana, you said hi");
}

TEST_F(Rehearsed, SeesWhatItsNodesSet) {
  const auto told = test(graph({node("f", "state.set_field", {{"target", "contact"}, {"field", "n"}, {"value", 7}}),
                                node("w", "wa.wait_for_reply", {{"timeout", 60}}),
                                node("m", "wa.send_message", {{"body", "{{contact.fields.n}} {{reply.text}}"}})},
                               {edge("t", "f"), edge("f", "w"), edge("w", "m")}),
                         {reply("yes")});
  EXPECT_EQ(told.at("sends")[0].at("text"), "7 yes");
  EXPECT_EQ(told.at("contact").at("fields").at("n"), 7);
}

TEST_F(Rehearsed, WithoutAReplyItWaits) {
  const auto told = test(graph({node("w", "wa.wait_for_reply", {{"timeout", 60}})}, {edge("t", "w")}));
  EXPECT_EQ(told.at("status"), "waiting");
  EXPECT_EQ(told.at("steps").back().at("status"), "waiting");
}

TEST_F(Rehearsed, ANullReplyIsNoneInTime) {
  const auto told =
      test(graph({node("w", "wa.wait_for_reply", {{"timeout", 60}}), node("m", "wa.send_message", {{"body", "Late"}})},
                 {edge("t", "w"), edge("w", "m", "timeout")}),
           {std::nullopt});
  EXPECT_EQ(told.at("sends")[0].at("text"), "Late");
  EXPECT_EQ(told.at("steps").size(), 3U);
}

TEST_F(Rehearsed, ADelayIsOverAtOnce) {
  const auto told = test(graph({node("d", "logic.delay", {{"duration", {{"value", 3}, {"unit", "days"}}}}),
                                node("m", "wa.send_message", {{"body", "Hello again"}})},
                               {edge("t", "d"), edge("d", "m")}));
  EXPECT_EQ(told.at("sends").size(), 1U);
}

TEST_F(Rehearsed, ItsCallsAreReallyMade) {
  outside.answers({.value = {{"status", 200}, {"headers", Json::object()}, {"body", {{"state", "sent"}}}}});
  const auto told = test(graph({node("h", "tool.http_request", {{"method", "GET"}, {"url", "https://shop.example/1"}}),
                                node("m", "wa.send_message", {{"body", "It is {{response.body.state}}"}})},
                               {edge("t", "h"), edge("h", "m")}));
  EXPECT_EQ(outside.asked.size(), 1U);
  EXPECT_EQ(told.at("sends")[0].at("text"), "It is sent");
}

TEST_F(Rehearsed, AFailureSaysWhy) {
  const auto told = test(say("{{contact.fields.none}}"));
  EXPECT_EQ(told.at("status"), "failed");
  EXPECT_EQ(told.at("error").at("code"), "empty_text");
  EXPECT_EQ(told.at("sends").size(), 0U);
}

TEST_F(Rehearsed, AnEndlessTalkEnds) {
  std::vector<std::optional<Json>> replies(2'000, reply("again"));
  const auto told =
      test(graph({node("w", "wa.wait_for_reply", {{"timeout", 60}}), node("e", "event.emit", {{"name", "x"}})},
                 {edge("t", "w"), edge("w", "e"), edge("e", "w")}),
           replies);
  EXPECT_EQ(told.at("error").at("code"), "too_many_steps");
}

}  // namespace
}  // namespace waypost::workflow
