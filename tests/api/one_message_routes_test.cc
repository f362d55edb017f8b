#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "conversation/failure_reason.h"
#include "store/media.h"
#include "store/message_marks.h"
#include "store/nodes.h"
#include "store/runs.h"
#include "store/sending.h"
#include "store/statuses.h"
#include "tests/api/api_fixture.h"

namespace waypost::test {
namespace {

using testing::ElementsAre;
using testing::IsSupersetOf;

class OneMessage : public ApiTest {
 protected:
  OneMessage() : tenant_(given_workspace()), agent_(as_agent(tenant_)), conversation_(given_conversation(tenant_)) {}

  static std::string path_of(MessageId id, const std::string& behind = {}) {
    return "/api/messages/" + id.text() + behind;
  }
  MessageId given_sent(const std::string& body = "hi") {
    const auto answer =
        ask("POST", "/api/conversations/" + conversation_.id.text() + "/messages", agent_, {{"body", body}});
    EXPECT_EQ(answer.status, 201) << answer.body;
    return *MessageId::parse(std::string(answer.json["id"]));
  }
  store::Message row(MessageId id) {
    return write([&](sql::Connection& connection) { return *store::find_message(connection, tenant_, id); });
  }
  // As the sender does.
  store::Message begin(MessageId id) {
    return write([&](sql::Connection& connection) {
      const auto head = *store::find_message(connection, tenant_, id);
      return *store::begin_send(connection, head, clock_.now() + seconds(30), clock_.now());
    });
  }
  void fail(MessageId id, store::Failure why = {.reason = "undeliverable", .code = 131026, .words = "no"}) {
    auto begun = begin(id);
    begun.exchange = {{"status", 400}, {"code", 131026}};
    write([&](sql::Connection& connection) { store::record_failed(connection, begun, why, clock_.now()); });
  }
  void status(MessageId id, MetaWord word, milliseconds ago) {
    write([&](sql::Connection& connection) {
      store::Status said{.wamid = "wamid.1", .word = word, .at = clock_.now() - ago};
      said.ours = CallbackData{.message = id, .attempt = 1};
      store::apply_status(connection, {.tenant = tenant_, .channel = conversation_.channel}, said, clock_.now());
    });
  }
  Json timeline(MessageId id) {
    const auto answer = ask("GET", path_of(id, "/timeline"), agent_);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.json["items"];
  }
  static std::vector<std::string> kinds_of(const Json& items) {
    std::vector<std::string> kinds;
    for (const auto& item : items) kinds.push_back(item["kind"]);
    return kinds;
  }
  static Json item_of(const Json& items, const std::string& kind) {
    const auto found = std::ranges::find_if(items, [&](const Json& item) { return item["kind"] == kind; });
    return found == items.end() ? Json() : *found;
  }

  TenantId tenant_;
  HeaderList agent_;
  store::Conversation conversation_;
};

TEST_F(OneMessage, IsShownAsInTheList) {
  const auto inbound = given_inbound(conversation_, "look");
  write([&](sql::Connection& connection) {
    store::note_media(connection, inbound, {.kind = "image", .id = "7"}, clock_.now());
    store::note_mark(connection, inbound,
                     {.kind = MarkKind::Reaction, .wamid = inbound.wamid.value_or(""), .text = "👍"});
  });
  const auto one = ask("GET", path_of(inbound.id), agent_);
  ASSERT_EQ(one.status, 200) << one.body;
  const auto list = ask("GET", "/api/conversations/" + conversation_.id.text() + "/messages", agent_);
  EXPECT_EQ(one.json, list.json["messages"][0]);
  EXPECT_EQ(one.json["media"]["kind"], "image");
  EXPECT_EQ(one.json["reactions"][0]["emoji"], "👍");
}

TEST_F(OneMessage, ThatFailedSaysWhyAndWhatToDo) {
  const auto id = given_sent();
  fail(id);
  const auto failure = ask("GET", path_of(id), agent_).json["failure"];
  EXPECT_EQ(failure["reason"], "undeliverable");
  EXPECT_EQ(failure["code"], 131026);
  EXPECT_EQ(failure["message"], "no");
  EXPECT_EQ(failure["advice"], advice_of("undeliverable"));
}

// --- Sending again -----------------------------------------------------------------------------------------------

TEST_F(OneMessage, ThatFailedIsSentAgainOnce) {
  const auto id = given_sent("important");
  fail(id);
  signals_.offered.clear();
  const auto first = ask("POST", path_of(id, "/resend"), agent_);
  ASSERT_EQ(first.status, 201) << first.body;
  EXPECT_EQ(first.json["replaces"], id.text());
  EXPECT_EQ(first.json["body"], "important");
  EXPECT_EQ(first.json["status"], "queued");
  EXPECT_EQ(first.json["author"], "user");
  EXPECT_EQ(signals_.offered.size(), 1U);
  EXPECT_EQ(first.json["id"], row(id).replaced_by->text());
  const auto rows = rows_of("message");
  const auto second = ask("POST", path_of(id, "/resend"), agent_);
  EXPECT_EQ(second.status, 200) << second.body;
  EXPECT_EQ(second.json["id"], first.json["id"]);
  EXPECT_EQ(rows_of("message"), rows);
  EXPECT_EQ(signals_.offered.size(), 1U);
}

TEST_F(OneMessage, OfUnknownOutcomeMayBeSentAgain) {
  const auto id = given_sent();
  fail(id, {.reason = std::string(kOutcomeUnknown)});
  EXPECT_EQ(ask("POST", path_of(id, "/resend"), agent_).status, 201);
  EXPECT_EQ(row(id).state, MessageState::Failed);
  status(id, MetaWord::Delivered, seconds(1));  // it had gone out after all
  EXPECT_EQ(row(id).state, MessageState::Delivered);
}

TEST_F(OneMessage, ThatHasNotFailedIsNotSentAgain) {
  const auto queued = given_sent();
  const auto inbound = given_inbound(conversation_, "hello").id;
  for (const auto id : {queued, inbound}) {
    const auto answer = ask("POST", path_of(id, "/resend"), agent_);
    EXPECT_EQ(answer.status, 409) << answer.body;
    EXPECT_EQ(answer.json["code"], "not_failed");
  }
  const auto lifted = given_sent();
  write([&](sql::Connection& connection) { connection.run("DELETE FROM message WHERE id = $1", {queued}); });
  fail(lifted, {.reason = std::string(kOutcomeUnknown)});
  status(lifted, MetaWord::Sent, seconds(1));
  EXPECT_EQ(ask("POST", path_of(lifted, "/resend"), agent_).status, 409);
}

TEST_F(OneMessage, ThatAFallbackStandsInForIsNotSentAgain) {
  const auto id = given_sent();
  fail(id);
  write([&](sql::Connection& connection) {
    store::Message fallback{.type = "template", .content = {{"name", "back"}}};
    fallback.author = "fallback";
    fallback.replaces = id;
    const auto instead = store::queue_message(connection, conversation_, fallback, clock_.now());
    connection.run("UPDATE message SET replaced_by = $2 WHERE id = $1", {id, instead.id});
  });
  const auto answer = ask("POST", path_of(id, "/resend"), agent_);
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(answer.json["code"], "replaced");
}

TEST_F(OneMessage, IsSentAgainUnderTheRulesOfANewOne) {
  const auto id = given_sent();
  fail(id);
  clock_.pass(std::chrono::hours(25));
  const auto rows = rows_of("message");
  const auto answer = ask("POST", path_of(id, "/resend"), agent_);
  EXPECT_EQ(answer.status, 422) << answer.body;
  EXPECT_EQ(answer.json["code"], "window_closed");
  EXPECT_EQ(rows_of("message"), rows);
  EXPECT_EQ(row(id).replaced_by, std::nullopt);
}

// --- The timeline ------------------------------------------------------------------------------------------------

TEST_F(OneMessage, InboundTellsOfWebhookRunAndSteps) {
  auto inbound = given_inbound(conversation_, "hello");
  const auto journal = JournalId::make(clock_.now());
  const auto workflow = WorkflowId::make(clock_.now());
  const auto written = clock_.now();
  clock_.pass(seconds(1));
  store::Run run{.tenant = tenant_, .id = RunId::make(clock_.now()), .workflow = workflow, .version = 3};
  run.conversation = conversation_.id;
  run.contact = conversation_.contact;
  run.channel = conversation_.channel;
  run.message = inbound.id;
  run.status = "waiting";
  run.created_at = run.updated_at = clock_.now();
  write([&](sql::Connection& connection) {
    connection.run(
        "UPDATE message SET received_at = $2, journal_id = $3, happened_at = $2, created_at = $4 WHERE id = $1",
        {inbound.id, written, journal, written + milliseconds(5)});
    store::claim_node(connection, {.name = "node-7", .journal = journal}, clock_.now());
    store::insert_run(connection, run);
    store::insert_step(connection, {.tenant = tenant_,
                                    .run = run.id,
                                    .number = 1,
                                    .node_id = "n1",
                                    .node_type = "send_text",
                                    .started_at = clock_.now(),
                                    .ended_at = clock_.now()});
  });
  const auto items = timeline(inbound.id);
  EXPECT_THAT(kinds_of(items), ElementsAre("written", "webhook", "applied", "step", "run", "run_waiting"));
  EXPECT_EQ(item_of(items, "webhook")["details"]["node"], "node-7");
  EXPECT_EQ(item_of(items, "webhook")["at"], iso8601(written));
  EXPECT_EQ(item_of(items, "step")["details"]["nodeType"], "send_text");
  EXPECT_FALSE(item_of(items, "step")["details"].contains("input"));
  EXPECT_EQ(item_of(items, "run")["details"]["workflowVersion"], 3);
}

TEST_F(OneMessage, OutboundTellsOfEveryAttemptAndStatusInOrder) {
  const auto id = given_sent();
  clock_.pass(seconds(1));
  auto begun = begin(id);
  begun.exchange = {{"status", 400}, {"code", 130429}, {"fbtraceId", "T1"}};
  clock_.pass(milliseconds(100));
  write([&](sql::Connection& connection) {
    store::record_refused(connection, begun, {.due_at = clock_.now(), .failures = 1}, clock_.now());
  });
  clock_.pass(seconds(1));
  begun = begin(id);
  begun.exchange = {{"status", 200}};
  clock_.pass(milliseconds(100));
  write([&](sql::Connection& connection) {
    store::record_accepted(connection, begun, {.wamid = "wamid.1"}, clock_.now());
  });
  clock_.pass(seconds(5));
  status(id, MetaWord::Delivered, seconds(3));
  status(id, MetaWord::Sent, seconds(4));
  const auto items = timeline(id);
  EXPECT_THAT(kinds_of(items), ElementsAre("made", "attempt", "attempt", "accepted", "status", "status"));
  EXPECT_EQ(items[0]["details"]["author"], "user");
  EXPECT_EQ(items[1]["details"]["exchange"]["fbtraceId"], "T1");
  EXPECT_EQ(items[1]["title"], "Attempt 1: HTTP 400, Meta's code 130429");
  EXPECT_EQ(items[2]["details"]["exchange"]["status"], 200);
  EXPECT_EQ(items[4]["details"]["status"], "sent");
  EXPECT_EQ(items[4]["at"], iso8601(clock_.now() - seconds(4)));
  EXPECT_EQ(items[4]["details"]["heardAt"], iso8601(clock_.now()));
}

TEST_F(OneMessage, ThatFailedAndWasSentAgainTellsBoth) {
  const auto id = given_sent();
  fail(id);
  clock_.pass(seconds(1));
  const auto again = ask("POST", path_of(id, "/resend"), agent_).json["id"];
  const auto items = timeline(id);
  EXPECT_THAT(kinds_of(items), ElementsAre("made", "attempt", "failed", "replaced"));
  EXPECT_EQ(item_of(items, "failed")["details"]["advice"], advice_of("undeliverable"));
  EXPECT_EQ(item_of(items, "replaced")["details"]["messageId"], again);
}

TEST_F(OneMessage, ToAGroupTellsHowFarItCameWithEachParticipant) {
  const auto id = given_sent();
  begin(id);
  const auto said = [&](MetaWord word, const std::string& participant, milliseconds ago,
                        Json content = Json::object()) {
    content["recipient_type"] = "group";
    content["recipient_participant_id"] = participant;
    write([&](sql::Connection& connection) {
      store::Status status{.wamid = "wamid.1", .word = word, .at = clock_.now() - ago, .content = content};
      status.ours = CallbackData{.message = id, .attempt = 1};
      if (word == MetaWord::Failed) status.failure = store::Failure{.reason = "undeliverable", .code = 131026};
      store::apply_status(connection, {.tenant = tenant_, .channel = conversation_.channel}, status, clock_.now());
    });
  };
  clock_.pass(seconds(60));
  said(MetaWord::Delivered, "111", seconds(30),
       {{"pricing", {{"category", "group_utility"}, {"type", "regular"}, {"pricing_model", "PMP"}}}});
  said(MetaWord::Read, "111", seconds(10));
  said(MetaWord::Failed, "222", seconds(20));
  std::vector<std::string> told;
  for (const auto& item : timeline(id)) {
    if (item["kind"] != "recipient") continue;
    told.push_back(item["details"]["participant"].get<std::string>() + " " +
                   item["details"]["status"].get<std::string>());
  }
  EXPECT_THAT(told, ElementsAre("111 delivered", "222 failed", "111 read"));
  const auto items = timeline(id);
  EXPECT_EQ(item_of(items, "pricing")["details"]["participant"], "111");
  EXPECT_EQ(item_of(items, "pricing")["details"]["category"], "group_utility");
  const auto failed = std::ranges::find_if(
      items, [](const Json& item) { return item["kind"] == "recipient" && item["details"]["status"] == "failed"; });
  EXPECT_EQ((*failed)["details"]["code"], 131026);
  EXPECT_EQ(item_of(items, "failed"), Json()) << "one participant's failure is not the message's";
}

TEST_F(OneMessage, WithItsExchangesIsErasedWithThePerson) {
  const auto id = given_sent();
  auto begun = begin(id);
  begun.exchange = {{"status", 400}};
  write([&](sql::Connection& connection) {
    store::record_refused(connection, begun, {.due_at = clock_.now(), .failures = 1}, clock_.now());
  });
  EXPECT_EQ(rows_of("message_exchange"), 1);
  write([&](sql::Connection& connection) {
    store::delete_contact(connection, tenant_, conversation_.contact, clock_.now());
  });
  EXPECT_EQ(rows_of("message_exchange"), 0);
}

// docs/api.md shows the one table of reasons.
TEST(FailureReasonsInTheDocs, AreThoseOfTheTableWordForWord) {
  std::ifstream file(std::string(WAYPOST_TEST_DATA) + "/../../docs/api.md");
  const std::string page(std::istreambuf_iterator<char>(file), {});
  for (const auto& reason : failure_reasons()) {
    const auto at = page.find("\n| `" + std::string(reason.word) + "` | ");
    ASSERT_NE(at, std::string::npos) << reason.word;
    const auto line = page.substr(at + 1, page.find('\n', at + 1) - at - 1);
    EXPECT_TRUE(line.ends_with("| " + std::string(reason.advice) + " |")) << line;
  }
}

}  // namespace
}  // namespace waypost::test
