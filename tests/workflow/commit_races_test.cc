// A sprint's commit against what else may happen to its conversation meanwhile.

#include <gmock/gmock.h>

#include "store/inbound.h"
#include "store/locks.h"
#include "store/merge.h"
#include "tests/support/interleaving.h"
#include "tests/support/whole_store.h"
#include "tests/workflow/workshop.h"
#include "workflow/commit.h"
#include "workflow/replay.h"

namespace waypost::workflow {
namespace {

using namespace waypost::test;  // NOLINT(google-build-using-namespace): the fixture's words
using testing::IsEmpty;

class CommitRaces : public testing::Test {
 protected:
  CommitRaces() {
    if (shop.inner->engine() == sql::Engine::Postgres) patient = shop.place.open();
  }

  static Sprint doing(Effect effect) {
    Plan plan;
    plan.effects.push_back(std::move(effect));
    return {.steps = {{.node_id = "m", .node_type = "any", .plan = std::move(plan)}}};
  }
  static Sprint saying_hi() { return doing(SendEffect{.type = "text", .text = "hi", .content = {{"body", "hi"}}}); }
  static Sprint setting(FieldOwner owner) { return doing(SetFieldEffect{.owner = owner, .key = "set", .value = true}); }

  // What a worker that has just read would commit for the oldest trigger.
  SprintCommit begin(Sprint sprint) {
    const auto trigger =
        shop.given([&](sql::Connection& c) { return store::pending_triggers(c, shop.tenant, shop.conversation, 1); })
            .at(0);
    return {.run = {.tenant = shop.tenant,
                    .id = RunId::make(shop.now()),
                    .workflow = workflow,
                    .version = 1,
                    .conversation = shop.conversation,
                    .contact = shop.contact,
                    .channel = shop.channel,
                    .message = trigger.message,
                    .status = "running",
                    .created_at = shop.now(),
                    .updated_at = shop.now()},
            .begins = true,
            .trigger = trigger,
            .sprint = std::move(sprint),
            .now = shop.now()};
  }
  // A run that is under way, and the sprint with which it ends.
  SprintCommit go_on(Sprint sprint) {
    auto first = begin(saying_hi());
    first.sprint.next = "m";
    auto committed = shop.given([&](sql::Connection& c) { return commit_sprint(c, first); });
    return {.run = std::move(committed.run), .sprint = std::move(sprint), .now = shop.now()};
  }
  Unit commits(SprintCommit what) {
    return [what = std::move(what)](sql::Connection& c) {
      const auto done = commit_sprint(c, what);
      EXPECT_TRUE(done || done.error().kind() == ErrorKind::Conflict) << done.error().words();
    };
  }
  Unit hands_off() {
    return [this](sql::Connection& c) {
      auto talk = store::lock_surviving_conversation(c, shop.tenant, shop.conversation).value();
      talk.status = "handoff";
      store::update_conversation(c, talk, shop.now());
    };
  }
  Unit opts_out() {
    return [this](sql::Connection& c) {
      auto contact = store::lock_contact(c, shop.tenant, shop.contact).value();
      contact.opted_out = true;
      store::update_contact(c, contact, shop.now());
    };
  }
  Unit says_stop() {
    store::Inbound inbound{.phone_number_id = "1", .sender = {.phone = shop.customer().phone}};
    inbound.message.tenant = shop.tenant;
    inbound.message.channel = shop.channel;
    inbound.message.text = "stop";
    inbound.message.wamid = "wamid.stop." + shop.contact.text();
    inbound.message.happened_at = shop.now();
    inbound.spoken = "stop";
    return [this, inbound](sql::Connection& c) { store::receive_message(c, inbound, shop.now()); };
  }
  // The customer turns out to be another contact, which has a conversation of its own.
  void given_another_contact() {
    other = shop.given([&](sql::Connection& c) {
      const auto contact = store::create_contact(c, {.tenant = shop.tenant}, {}, shop.now()).value();
      store::open_conversation(c, shop.tenant, contact.id, shop.channel, shop.now());
      return contact.id;
    });
  }
  Unit is_merged_away() {
    return [this](sql::Connection& c) {
      store::merge_contacts(c, {.tenant = shop.tenant, .survivor = other, .lost = shop.contact}, shop.now());
    };
  }
  // The customer of the next round.
  void given_customer() {
    shop.given([&](sql::Connection& c) {
      const auto phone = "4917" + std::to_string(++customers);
      shop.contact = store::create_contact(c, {.tenant = shop.tenant, .phone = phone},
                                           {{.kind = AliasKind::Phone, .value = phone}}, shop.now())
                         .value()
                         .id;
      shop.conversation = store::open_conversation(c, shop.tenant, shop.contact, shop.channel, shop.now()).id;
    });
    shop.given_message("x");
  }

  void in_every_order(const std::function<std::pair<Unit, Unit>()>& units, const std::function<void()>& check) {
    Interleaving meeting(shop.place, patient ? *patient : *shop.inner);
    for (const bool turned : {false, true}) {
      SCOPED_TRACE(turned ? "turned round" : "as written");
      meeting.at_every_step([&] {
        given_customer();
        auto [first, second] = units();
        if (turned) std::swap(first, second);
        meeting.meet(first, second);
        EXPECT_THAT(wrongs_of(*shop.inner), IsEmpty());
        check();
      });
    }
  }
  std::int64_t sent_by_workflows() {
    return shop.given([&](sql::Connection& c) {
      return c
          .run("SELECT count(*) FROM message WHERE author = 'workflow' AND contact_id IN ($1, $2)",
               {shop.contact, other})
          .front()
          .number(0);
    });
  }

  Workshop shop;
  std::unique_ptr<sql::Database> patient;  // PostgreSQL's; a workshop's own gives up at once
  WorkflowId workflow = shop.given_published(say("hi"));
  ContactId other{};
  int customers = 0;
};

TEST_F(CommitRaces, AFieldOfTheConversationDoesNotUndoAHandoff) {
  in_every_order([&] { return std::pair(commits(go_on(setting(FieldOwner::Conversation))), hands_off()); },
                 [&] {
                   EXPECT_EQ(shop.talk().status, "handoff");
                   // Behind the handoff the run, which a message started, writes no more.
                   const auto fields = shop.talk().fields;
                   EXPECT_TRUE(fields == (Json{{"set", true}}) || fields.empty()) << fields;
                 });
}

TEST_F(CommitRaces, AFieldOfTheContactDoesNotUndoAWish) {
  in_every_order([&] { return std::pair(commits(go_on(setting(FieldOwner::Contact))), opts_out()); },
                 [&] {
                   EXPECT_TRUE(shop.customer().opted_out);
                   EXPECT_EQ(shop.customer().fields, (Json{{"set", true}}));
                 });
}

// Whichever comes first: nothing is under way behind a stop, and the confirmation is queued once.
TEST_F(CommitRaces, ARunThatMeetsAStopEnds) {
  const auto check = [&] {
    EXPECT_TRUE(shop.customer().opted_out);
    EXPECT_EQ(shop.triggers(), 0U);
    const auto of_customer = [&](std::string_view text) {
      return shop.given([&](sql::Connection& c) { return c.run(text, {shop.contact}).front().number(0); });
    };
    EXPECT_EQ(of_customer("SELECT count(*) FROM run WHERE contact_id = $1 AND (status = 'queued' OR status = 'running' "
                          "OR status = 'waiting')"),
              0);
    EXPECT_EQ(of_customer("SELECT count(*) FROM message WHERE contact_id = $1 AND author = 'opt_out'"), 1);
  };
  in_every_order([&] { return std::pair(commits(begin(saying_hi())), says_stop()); }, check);
  in_every_order([&] { return std::pair(commits(go_on(saying_hi())), says_stop()); }, check);
}

TEST_F(CommitRaces, OfTwoWorkersWithOneTriggerOneCommits) {
  in_every_order([&] { return std::pair(commits(begin(saying_hi())), commits(begin(saying_hi()))); },
                 [&] { EXPECT_EQ(sent_by_workflows(), 1); });
}

TEST_F(CommitRaces, OfTwoWorkersWithOneRunOneCommits) {
  in_every_order(
      [&] {
        const auto what = go_on(saying_hi());
        return std::pair(commits(what), commits(what));
      },
      [&] { EXPECT_EQ(sent_by_workflows(), 2); });
}

TEST_F(CommitRaces, ASprintThatMeetsAMergeIsWholeOrStale) {
  in_every_order(
      [&] {
        given_another_contact();
        return std::pair(commits(begin(saying_hi())), is_merged_away());
      },
      [&] { EXPECT_LE(sent_by_workflows(), 1); });
}

TEST_F(CommitRaces, AContactsFieldFollowsAMergeOrTheSprintIsStale) {
  in_every_order(
      [&] {
        given_another_contact();
        return std::pair(commits(go_on(setting(FieldOwner::Contact))), is_merged_away());
      },
      [&] { EXPECT_TRUE(shop.customer().merged_into.has_value()); });
}

TEST_F(CommitRaces, AReplayIsARunOfTheSurvivor) {
  in_every_order(
      [&] {
        given_another_contact();
        const auto run = go_on(saying_hi()).run.id;
        return std::pair(Unit([this, run](sql::Connection& c) {
                           EXPECT_TRUE(replay_run(c, {.tenant = shop.tenant, .original = run}, shop.now()));
                         }),
                         is_merged_away());
      },
      [&] { EXPECT_TRUE(shop.customer().merged_into.has_value()); });
}

}  // namespace
}  // namespace waypost::workflow
