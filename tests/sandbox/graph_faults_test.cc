#include <chrono>

#include "tests/sandbox/stage.h"

namespace waypost::sandbox {
namespace {

// Each fault strikes the first text; the second goes through.
class GraphFault : public Stage {
 protected:
  void SetUp() override {
    given_sandbox();
    customer_writes(customer_, "hi");
    gateway_.wait_for(1);
  }
  std::size_t received() { return get("/control/bubbles")["total"]; }
  void expect_received(std::size_t count) {
    eventually([&] { return received() >= count; }, "received");
    EXPECT_EQ(received(), count);
  }
};

TEST_F(GraphFault, AnAnswerCanBeDroppedAfterTheMessageWasAccepted) {
  fault({{"kind", "drop_after"}, {"next", 1}});
  EXPECT_EQ(send_text(customer_, "one", "m-1").status, 0);
  EXPECT_EQ(gateway_.wait_for_statuses(2)[0]["biz_opaque_callback_data"], "m-1");
  EXPECT_EQ(send_text(customer_, "two").status, 200);
  expect_received(2);
}

TEST_F(GraphFault, ARequestCanBeDroppedBeforeAnythingHappened) {
  fault({{"kind", "drop_before"}, {"next", 1}});
  EXPECT_EQ(send_text(customer_, "one").status, 0);
  EXPECT_EQ(send_text(customer_, "two").status, 200);
  expect_received(1);
  EXPECT_EQ(get("/control/log")["requests"][0]["status"], 0);
}

TEST_F(GraphFault, A500CanComeAfterTheMessageWasAccepted) {
  fault({{"kind", "empty_500_after"}, {"next", 1}});
  const auto answer = send_text(customer_, "one");
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.text, "");
  expect_received(1);
}

TEST_F(GraphFault, A500CanComeBeforeAnythingHappened) {
  fault({{"kind", "empty_500_before"}, {"next", 1}});
  EXPECT_EQ(send_text(customer_, "one").status, 500);
  EXPECT_EQ(send_text(customer_, "two").status, 200);
  expect_received(1);
}

TEST_F(GraphFault, AnAnswerCanEndInItsMiddle) {
  fault({{"kind", "cut_answer"}, {"next", 1}});
  EXPECT_EQ(send_text(customer_, "one").status, 0);
  expect_received(1);
}

TEST_F(GraphFault, SomethingInBetweenCanSay429InHtml) {
  fault({{"kind", "html_429"}, {"next", 1}});
  const auto answer = send_text(customer_, "one");
  EXPECT_EQ(answer.status, 429);
  EXPECT_NE(answer.text.find("<html>"), std::string::npos);
  EXPECT_EQ(send_text(customer_, "two").status, 200);
  expect_received(1);
}

// Whatever code a send can get has Meta's words, at once and late.
TEST_F(GraphFault, EveryCodeHasATitle) {
  for (const int code : {0,      3,      4,      33,     104,    190,    368,    613,    80007,  130403,
                         130429, 130497, 131031, 131042, 131045, 131048, 131049, 131050, 131053, 131056,
                         131062, 131064, 132001, 132015, 132016, 133010, 134101, 137000, 2494100}) {
    fault({{"kind", "error"}, {"next", 1}, {"code", code}});
    const auto answer = send_text(customer_, "one");
    EXPECT_EQ(error_code(answer), code);
    EXPECT_FALSE(std::string(answer.body["error"]["message"]).ends_with(") Error")) << code;
  }
}

TEST_F(GraphFault, AnAnswerCanBeLate) {
  fault({{"kind", "delay"}, {"next", 1}, {"ms", 60}});
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(send_text(customer_, "one").status, 200);
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(60));
}

TEST_F(GraphFault, AnyErrorCanBeAnswered) {
  fault({{"kind", "error"}, {"next", 1}, {"code", 131016}, {"details", "down"}});
  fault({{"kind", "error"}, {"next", 1}, {"code", 130429}, {"status", 429}});
  const auto first = send_text(customer_, "one");
  EXPECT_EQ(first.status, 503);
  EXPECT_EQ(error_code(first), 131016);
  EXPECT_EQ(first.body["error"]["error_data"]["details"], "down");
  const auto second = send_text(customer_, "two");
  EXPECT_EQ(second.status, 429);
  EXPECT_EQ(error_code(second), 130429);
}

TEST_F(GraphFault, AnAcceptedMessageCanFailLate) {
  fault({{"kind", "fail_late"}, {"next", 1}, {"code", 131049}});
  EXPECT_EQ(send_text(customer_, "one").status, 200);
  const auto failed = gateway_.wait_for_statuses(1).front();
  EXPECT_EQ(failed["status"], "failed");
  EXPECT_EQ(failed["errors"][0]["code"], 131049);
}

TEST_F(GraphFault, StatusesCanComeBeforeTheAnswer) {
  fault({{"kind", "statuses_first"}, {"next", 1}});
  const auto before = gateway_.received();
  EXPECT_EQ(send_text(customer_, "one").status, 200);
  EXPECT_EQ(gateway_.received(), before + 2);
}

TEST_F(GraphFault, ATokenCanStopWorking) {
  fault({{"kind", "token_invalid"}, {"next", 2}});
  EXPECT_EQ(error_code(send_text(customer_, "one")), 190);
  EXPECT_EQ(error_code(graph("GET", number_)), 190);
  EXPECT_EQ(send_text(customer_, "two").status, 200);
}

TEST_F(GraphFault, TheListOfTemplatesCanFail) {
  fault({{"kind", "templates_fail"}, {"next", 1}});
  const auto failed = graph("GET", waba_ + "/message_templates");
  EXPECT_EQ(failed.status, 503);
  EXPECT_EQ(failed.body["error"]["is_transient"], true);
  EXPECT_EQ(graph("GET", waba_ + "/message_templates").status, 200);
}

TEST_F(GraphFault, FaultsCanBeCleared) {
  fault({{"kind", "drop_before"}, {"probability", 1}});
  ask("DELETE", "/control/faults");
  EXPECT_EQ(send_text(customer_, "one").status, 200);
}

TEST_F(GraphFault, MarkingAsReadIsSpared) {
  fault({{"kind", "drop_before"}, {"next", 1}});
  const std::string wamid = get("/control/inbound")["inbound"][0]["wamid"];
  EXPECT_EQ(send({{"status", "read"}, {"message_id", wamid}}).status, 200);
  EXPECT_EQ(send_text(customer_, "one").status, 0);
}

TEST_F(GraphFault, ARuleForMarksSparesWhatIsSent) {
  fault({{"kind", "drop_after"}, {"next", 1}, {"marks", true}});
  fault({{"kind", "error"}, {"code", 131016}, {"next", 1}, {"marks", true}});
  EXPECT_EQ(send_text(customer_, "one").status, 200);
  const std::string wamid = get("/control/inbound")["inbound"][0]["wamid"];
  EXPECT_EQ(error_code(send({{"status", "read"}, {"message_id", wamid}})), 131016);
  EXPECT_EQ(get("/control/inbound")["inbound"][0]["read_by_business"], false);
  EXPECT_EQ(send({{"status", "read"}, {"message_id", wamid}}).status, 0);
  EXPECT_EQ(get("/control/inbound")["inbound"][0]["read_by_business"], true);
  EXPECT_EQ(send({{"status", "read"}, {"message_id", wamid}}).status, 200);
}

TEST_F(GraphFault, AnUnknownFaultIsRefused) {
  EXPECT_EQ(ask("POST", "/control/faults", {{"kind", "fire"}}).status, 400);
}

}  // namespace
}  // namespace waypost::sandbox
