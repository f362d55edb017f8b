// Each code of the table that a send can get, as the answer at once and late in a failed status: where the message
// ends, what is paused or blocked, and what the rows of contact, template and channel say.

#include <gmock/gmock.h>

#include "conversation/failure_reason.h"
#include "conversation/send_codes.h"
#include "store/marketing.h"
#include "tests/outbound/stage.h"

namespace waypost::test {
namespace {

using enum GraphAction;
using std::chrono::hours;
using std::chrono::minutes;

class Refusals : public Stage {
 protected:
  Refusals() {
    settings.pacing = false;
    restart();
    given_listed("order", "MARKETING");
  }

  std::string template_status() {
    return in_store([&](sql::Connection& connection) {
      return store::find_template(connection, tenant, {.waba_id = "waba", .name = "order", .language = "en_US"})
          ->status;
    });
  }
  // What a code leaves: of the message and of all that its refusal speaks of besides.
  struct Left {
    MessageState state{};
    std::string reason{};
    std::string channel{};
    bool marketing_stopped = false;
    bool embargo = false;
    std::string template_status{};
    bool listed = false;
    std::int64_t failures = 0;
    friend bool operator==(const Left&, const Left&) = default;
    friend std::ostream& operator<<(std::ostream& out, const Left& left) {
      return out << name_of(left.state) << " " << left.reason << ", channel " << left.channel << ", stopped "
                 << left.marketing_stopped << ", embargo " << left.embargo << ", template " << left.template_status
                 << ", listed " << left.listed << ", failures " << left.failures;
    }
  };
  Left left_by(MessageId id) {
    const auto row = message(id);
    const auto who = person();
    return {.state = row.state,
            .reason = row.failure.value_or(store::Failure{}).reason,
            .channel = channel().state,
            .marketing_stopped = who.marketing_stopped,
            .embargo = who.embargo_until.has_value(),
            .template_status = template_status(),
            .listed = channel().templates_synced_at.has_value(),
            .failures = row.failures};
  }
  // As if nothing had happened, for the next code.
  void mend() {
    auto mended = channel();
    mended.state = "active";
    mended.look_at.reset();
    mended.probed_at.reset();
    mended.state_code.reset();
    auto who = person();
    who.marketing_stopped = false;
    who.marketing_said_at.reset();
    who.embargo_until.reset();
    in_store([&](sql::Connection& connection) {
      connection.run("DELETE FROM message");
      connection.run("DELETE FROM template");
      store::update_channel(connection, mended, clock.now());
      store::update_contact(connection, who, clock.now());
    });
    given_listed("order", "MARKETING");
    restart();
  }
};

// What every refused template leaves at once, by its action.
struct AtOnce {
  MessageState state = MessageState::Failed;
  std::string_view channel = "active";
  std::int64_t failures = 0;
};
AtOnce expected_at_once(GraphAction action) {
  switch (action) {
    case Retry:
    case PausePair:
    case PauseNumber:
    case PauseAccount:
    case PauseApp:
      return {.state = MessageState::Queued, .failures = 1};
    case HoldForToken:
      return {.state = MessageState::Queued, .channel = "needs_token"};
    case BlockNumber:
    case BlockAccount:
      return {.state = MessageState::Queued, .channel = "blocked"};
    case BlockTemplates:
    case BlockInitiated:
      return {.state = MessageState::Queued, .channel = "restricted"};
    case Unknown:
      return {.state = MessageState::Unknown};
    case RetryLink:  // no link here
    case RetryByPhone:
    case Fail:
    case UseTemplate:
    case Embargo:
    case StopMarketing:
    case ListTemplates:
    case PauseTemplate:
    case DisableTemplate:
    case Config:
      return {};
  }
}

TEST_F(Refusals, EveryCodeAtOnceEndsAsItsActionSays) {
  for (const auto& line : send_codes()) {
    SCOPED_TRACE(line.first);
    const auto id = given_template_message();
    if (line.action == Unknown)
      graph.loses_the_answer();
    else
      graph.answers(line.first);
    EXPECT_EQ(sends_once(), 1U);
    const auto expected = expected_at_once(line.action);
    const bool failed = expected.state == MessageState::Failed;
    EXPECT_EQ(left_by(id), (Left{.state = expected.state,
                                 .reason = failed ? std::string(line.reason) : "",
                                 .channel = std::string(expected.channel),
                                 .marketing_stopped = line.action == StopMarketing,
                                 .embargo = line.action == Embargo,
                                 .template_status = line.action == PauseTemplate     ? "PAUSED"
                                                    : line.action == DisableTemplate ? "DISABLED"
                                                                                     : "APPROVED",
                                 .listed = line.action != ListTemplates,
                                 .failures = expected.failures}));
    EXPECT_EQ(sends_once(), 0U);  // whatever waits, waits
    mend();
  }
}

// A failed status is Meta's last word on its message; what the code says of everything else holds as it does at once.
TEST_F(Refusals, EveryCodeLateFailsItsMessageAndHoldsWhatItHoldsAtOnce) {
  for (const auto& line : send_codes()) {
    SCOPED_TRACE(line.first);
    const auto id = given_template_message();
    send();
    ASSERT_EQ(state_of(id), MessageState::Accepted);
    status_fails(id, line.first);
    EXPECT_EQ(left_by(id), (Left{.state = MessageState::Failed,
                                 .reason = std::string(line.reason),
                                 .channel = std::string(expected_at_once(line.action).channel),
                                 .marketing_stopped = line.action == StopMarketing,
                                 .embargo = line.action == Embargo,
                                 .template_status = line.action == PauseTemplate     ? "PAUSED"
                                                    : line.action == DisableTemplate ? "DISABLED"
                                                                                     : "APPROVED",
                                 .listed = line.action != ListTemplates}));
    EXPECT_EQ(message(id).failure->code, line.first);
    mend();
  }
}

TEST_F(Refusals, LateThrottlesHoldTheNumberForAMinute) {
  for (const std::int64_t code : {130429, 131057, 80007, 4, 613}) {
    SCOPED_TRACE(code);
    const auto first = given_message("one");
    send();
    status_fails(first, code);
    const auto second = given_message("two");
    EXPECT_EQ(sends_once(), 0U);
    EXPECT_EQ(state_of(second), MessageState::Queued);
    pass(minutes(1));
    EXPECT_EQ(sends_once(), 1U);
    mend();
  }
}

TEST_F(Refusals, ALateThrottleOfThePairHoldsTheConversationAlone) {
  const auto first = given_message("one");
  const auto second = given_message("two");
  graph.answers(131056);
  send();
  pass(seconds(1));
  graph.meanwhile([&] { status_fails(first, 131056); });
  send();
  EXPECT_EQ(state_of(first), MessageState::Failed);
  EXPECT_EQ(state_of(second), MessageState::Queued);
  pass(seconds(4));
  send();
  EXPECT_EQ(state_of(second), MessageState::Accepted);
}

TEST_F(Refusals, AnUnknownCodeGoesByIsTransient) {
  const auto id = given_message("one");
  graph.answers(Refused{.why = Error(ErrorKind::Rejected, "?"), .action = judge_error({.code = 777}), .code = 777});
  send();
  EXPECT_EQ(reason_of(id), "rejected");
  EXPECT_EQ(message(id).failure->code, 777);
}

// --- The embargo -------------------------------------------------------------------------------------------------

TEST_F(Refusals, UnderAnEmbargoNoMarketingIsPostedAndOtherThingsAre) {
  given_listed("receipt", "UTILITY");
  const auto first = given_template_message();
  send();
  status_fails(first, 131049);
  EXPECT_EQ(person().embargo_until, clock.now() + store::kEmbargo);
  const auto second = given_template_message();
  const auto receipt = given_template_message("receipt");
  const auto text = given_message("hi");
  const auto posts = graph.posts.size();
  send();
  EXPECT_EQ(reason_of(second), "marketing_embargo");
  EXPECT_EQ(message(second).failure->code, std::nullopt);
  EXPECT_EQ(message(second).attempt, 0);
  EXPECT_EQ(state_of(receipt), MessageState::Accepted);
  EXPECT_EQ(state_of(text), MessageState::Accepted);
  EXPECT_EQ(graph.posts.size(), posts + 2);
  pass(hours(24));
  const auto third = given_template_message();
  send();
  EXPECT_EQ(state_of(third), MessageState::Accepted);
}

TEST_F(Refusals, AStatusThatCameBeforeTheAnswerLaysItToo) {
  const auto id = given_template_message();
  graph.meanwhile([&] {
    in_store([&](sql::Connection& connection) {
      store::Status said{.wamid = "wamid.1", .word = MetaWord::Failed, .at = clock.now()};
      said.content = {{"errors", Json::array({{{"code", 131049}, {"title", "no"}}})}};
      said.failure = store::failure_of(said.content);
      store::apply_status(connection, {.tenant = tenant, .channel = channel_id}, said, clock.now());
    });
  });
  send();
  EXPECT_EQ(state_of(id), MessageState::Failed);
  EXPECT_TRUE(person().embargo_until);
}

// --- Addresses and files -----------------------------------------------------------------------------------------

TEST_F(Refusals, AUserIdThatIsRefusedIsTriedByPhoneOnce) {
  auto who = person();
  who.phone.reset();
  who.user_id = "US.1";
  in_store([&](sql::Connection& connection) { store::update_contact(connection, who, clock.now()); });
  const auto id = given_template_message();
  graph.answers(131062);
  graph.answers(131062);
  send();
  ASSERT_EQ(graph.posts.size(), 2U);
  EXPECT_EQ(graph.posts[0].message["recipient"], "US.1");
  EXPECT_EQ(graph.posts[1].message["to"], "+491701234567");
  EXPECT_EQ(reason_of(id), "needs_phone");
}

TEST_F(Refusals, AUserIdWithoutAPhoneFails) {
  auto who = person();
  who.phone.reset();
  who.user_id = "US.1";
  in_store([&](sql::Connection& connection) {
    connection.run("DELETE FROM contact_alias WHERE kind = 'phone'");
    store::update_contact(connection, who, clock.now());
  });
  const auto id = given_template_message();
  graph.answers(131062);
  send();
  EXPECT_EQ(reason_of(id), "needs_phone");
  EXPECT_EQ(graph.posts.size(), 1U);
}

TEST_F(Refusals, EveryAttemptsExchangeIsKept) {
  const auto id = given_message("one");
  for (int i = 0; i < 3; ++i) graph.answers(130429);
  send_until(id, MessageState::Accepted);
  const auto kept = in_store([&](sql::Connection& connection) {
    return connection
        .run("SELECT count(*) FROM message_exchange WHERE tenant_id = $1 AND message_id = $2", {tenant, id})
        .front()
        .number(0);
  });
  EXPECT_EQ(kept, 3);
  EXPECT_EQ(message(id).exchange["number"], 4);
}

TEST_F(Refusals, OfManyExchangesTheLatestAreKept) {
  const auto id = given_message("one");
  for (int i = 0; i < 40; ++i) graph.is_unreachable();
  send_until(id, MessageState::Accepted);
  const auto kept = in_store([&](sql::Connection& connection) {
    const auto rows = connection.run("SELECT count(*), min(attempt) FROM message_exchange");
    return std::pair(rows.front().number(0), rows.front().number(1));
  });
  EXPECT_EQ(kept, std::pair(store::kExchangesKept, std::int64_t{40 - store::kExchangesKept + 1}));
}

}  // namespace
}  // namespace waypost::test
