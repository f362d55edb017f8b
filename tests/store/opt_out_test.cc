#include "store/opt_out.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "store/event_numbers.h"
#include "store/events.h"
#include "store/locks.h"
#include "store/merge.h"
#include "store/runs.h"
#include "store/tenants.h"
#include "store/triggers.h"
#include "tests/support/interleaving.h"
#include "tests/support/whole_store.h"

namespace waypost::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class OptOuts : public testing::Test {
 protected:
  struct Said {
    std::string text{};
    int second = 0;
    std::string wamid{};  // "": a new one
  };

  Inbound inbound_of(const Said& said) {
    Inbound inbound{.phone_number_id = test::kNumber, .sender = {.phone = phone_}};
    inbound.message.tenant = store.tenant;
    inbound.message.channel = store.channel;
    inbound.message.text = said.text;
    inbound.message.wamid = said.wamid.empty() ? "wamid." + std::to_string(++wamids_) : said.wamid;
    inbound.message.happened_at = store.clock.now() + seconds(said.second);
    inbound.spoken = spoken_words({{"type", "text"}, {"text", {{"body", said.text}}}});
    return inbound;
  }
  Received says(const Said& said) {
    const auto inbound = inbound_of(said);
    return store.run([&](sql::Connection& connection) { return receive_message(connection, inbound, now()); });
  }
  Contact contact() {
    return store.run([&](sql::Connection& connection) {
      const auto id = contact_of_alias(connection, store.tenant, {.kind = AliasKind::Phone, .value = phone_});
      return find_contact(connection, store.tenant, *id).value();
    });
  }
  Conversation conversation() {
    const auto whose = contact().id;
    return store.run([&](sql::Connection& connection) {
      return conversation_of(connection, store.tenant, whose, store.channel).value();
    });
  }
  // Of the opt-out's own author, by sequence.
  std::vector<Message> confirmations() {
    const auto where = conversation().id;
    return store.run([&](sql::Connection& connection) {
      auto all = pending_messages(connection, store.tenant, where, "reply", 100);
      std::erase_if(all, [](const Message& each) { return each.author != kOptOutAuthor; });
      return all;
    });
  }
  std::size_t triggers() {
    const auto where = conversation().id;
    return store
        .run([&](sql::Connection& connection) { return pending_triggers(connection, store.tenant, where, 100); })
        .size();
  }
  std::vector<Event> events() {
    return store.run([&](sql::Connection& connection) {
      number_events(connection, 1'000);
      return events_after(connection, store.tenant, 0, 1'000);
    });
  }
  std::vector<std::string> event_types(std::int64_t after = 0) {
    std::vector<std::string> types;
    for (const auto& event : events()) {
      if (event.number > after) types.push_back(event.type);
    }
    return types;
  }
  RunId given_run(const Conversation& where, const std::string& status) {
    return store.run([&](sql::Connection& connection) {
      const store::Run run{.tenant = store.tenant,
                           .id = RunId::make(now()),
                           .workflow = WorkflowId::make(now()),
                           .version = 1,
                           .conversation = where.id,
                           .contact = where.contact,
                           .channel = where.channel,
                           .message = MessageId::make(now()),
                           .status = status,
                           .due_at = status == "waiting" ? std::nullopt : std::optional(now()),
                           .created_at = now()};
      EXPECT_TRUE(insert_run(connection, run));
      return run.id;
    });
  }
  store::Run run_of(RunId id) {
    return store.run([&](sql::Connection& connection) { return find_run(connection, store.tenant, id).value(); });
  }
  void set_rules(const Json& opt_out) {
    store.run([&](sql::Connection& connection) { set_setting(connection, store.tenant, "optOut", opt_out, now()); });
  }
  Time now() const { return store.clock.now(); }

  test::TempStore store;
  std::string phone_ = "491701234567";
  int wamids_ = 0;
};

TEST_F(OptOuts, AStopIsConfirmedThenTheContactIsOptedOut) {
  says({"hello"});
  const auto before = events().back().number;
  const auto received = says({"Stop!", 1});
  EXPECT_THAT(event_types(before),
              ElementsAre("message.received", "message.queued", "contact.updated", "contact.opted_out"));
  EXPECT_TRUE(contact().opted_out);
  EXPECT_EQ(contact().opt_said_at, now() + seconds(1));
  EXPECT_FALSE(contact().marketing_stopped);
  ASSERT_THAT(confirmations(), SizeIs(1));
  const auto confirmation = confirmations().front();
  EXPECT_EQ(confirmation.text, "You will receive no more messages from us. Reply START to receive them again.");
  EXPECT_EQ(confirmation.content, (Json{{"body", *confirmation.text}}));
  EXPECT_EQ(confirmation.policy, WindowPolicy::Reject);
  EXPECT_EQ(confirmation.stream, "reply");
  EXPECT_THAT(received.sends, ElementsAre(conversation().id));
  EXPECT_THAT(received.runs, IsEmpty());
  EXPECT_EQ(events().back().payload["by"], "contact");
  EXPECT_EQ(events().back().payload["contact"]["optedOut"], true);
  EXPECT_TRUE(events().back().payload["messageId"].is_string());
  EXPECT_EQ(store.number("SELECT count(*) FROM message WHERE direction = 'in'"), 2);
}

TEST_F(OptOuts, WhatIsUnderWayForTheContactEndsOnAllNumbers) {
  says({"hello"});
  const auto here = conversation();
  const auto other_channel = store.add_channel(store.tenant, "2");
  const auto there = store.run([&](sql::Connection& connection) {
    return open_conversation(connection, store.tenant, here.contact, other_channel, now());
  });
  const std::vector runs{given_run(here, "waiting"), given_run(here, "running"), given_run(there, "queued")};
  const auto done = given_run(here, "completed");
  EXPECT_EQ(triggers(), 1U);
  says({"baja", 1});
  for (const auto id : runs) {
    const auto run = run_of(id);
    EXPECT_EQ(run.status, "cancelled");
    EXPECT_EQ(run.error.value_or(Complaint{}).code, "opted_out");
    EXPECT_EQ(run.ended_at, now());
    EXPECT_EQ(run.due_at, std::nullopt);
    EXPECT_GT(run.revision, 0);
  }
  EXPECT_EQ(run_of(done).status, "completed");
  EXPECT_EQ(triggers(), 0U);
  EXPECT_EQ(std::ranges::count(event_types(), "run.cancelled"), 3);
}

TEST_F(OptOuts, AStartUndoesItAndStartsNoRunItself) {
  says({"stop"});
  says({"hello?", 1});
  EXPECT_EQ(triggers(), 0U);
  const auto before = events().back().number;
  says({"START", 2});
  EXPECT_THAT(event_types(before),
              ElementsAre("message.received", "message.queued", "contact.updated", "contact.opted_in"));
  EXPECT_FALSE(contact().opted_out);
  EXPECT_EQ(triggers(), 0U);
  ASSERT_THAT(confirmations(), SizeIs(2));
  EXPECT_EQ(confirmations().back().text, "You will receive our messages again. Reply STOP to stop them.");
  says({"hello again", 3});
  EXPECT_EQ(triggers(), 1U);
}

TEST_F(OptOuts, AStartOfWhoIsNotOptedOutIsAnyMessage) {
  const auto received = says({"start"});
  EXPECT_EQ(triggers(), 1U);
  EXPECT_THAT(received.runs, SizeIs(1));
  EXPECT_THAT(confirmations(), IsEmpty());
  EXPECT_EQ(std::ranges::count(event_types(), "contact.updated"), 0);
}

TEST_F(OptOuts, ASecondStopAndARepeatedOneAreNotConfirmedAgain) {
  says({"stop", 1, "wamid.stop"});
  says({"stop", 1, "wamid.stop"});
  says({"STOP!!", 2});
  says({"baja", 3});
  EXPECT_THAT(confirmations(), SizeIs(1));
  EXPECT_EQ(std::ranges::count(event_types(), "contact.opted_out"), 1);
  EXPECT_EQ(contact().opt_said_at, now() + seconds(3));
}

TEST_F(OptOuts, AStopOfBeforeTheLastStartDoesNotWin) {
  says({"stop", 1});
  says({"start", 3});
  says({"stop", 2});
  EXPECT_FALSE(contact().opted_out);
  EXPECT_EQ(triggers(), 0U);
  EXPECT_THAT(confirmations(), SizeIs(2));
}

TEST_F(OptOuts, WordsEndTheSameInAnyOrderTheyCome) {
  std::vector<Said> words{{"stop", 1}, {"start", 2}, {"stop", 3}, {"start", 4}, {"hello", 5}};
  const auto by_time = [](const Said& a, const Said& b) { return a.second < b.second; };
  do {
    phone_ += "1";
    if (phone_.size() > 40) phone_ = std::to_string(++wamids_);
    for (const auto& word : words) says(word);
    EXPECT_FALSE(contact().opted_out);
    EXPECT_EQ(contact().opt_said_at, now() + seconds(4));
  } while (std::ranges::next_permutation(words, by_time).found);
}

TEST_F(OptOuts, APersonsChangeIsAWordOfItsMoment) {
  says({"stop", 1});
  const auto whose = contact().id;
  store.run([&](sql::Connection& connection) {
    const auto before = lock_contact(connection, store.tenant, whose).value();
    auto changed = before;
    changed.opted_out = false;
    changed.opt_said_at = now() + seconds(10);
    update_contact(connection, changed, now());
    settle_opting(connection, before, changed, {.by = "user"});
  });
  EXPECT_EQ(events().back().type, "contact.opted_in");
  EXPECT_EQ(events().back().payload["by"], "user");
  says({"stop", 9});
  EXPECT_FALSE(contact().opted_out);
  says({"stop", 11});
  EXPECT_TRUE(contact().opted_out);
}

TEST_F(OptOuts, AWorkspaceMaySayNothingOrTakeNoWords) {
  set_rules({{"confirmation", ""}, {"startConfirmation", ""}});
  const auto received = says({"stop", 1});
  EXPECT_TRUE(contact().opted_out);
  EXPECT_THAT(received.sends, IsEmpty());
  says({"start", 2});
  EXPECT_FALSE(contact().opted_out);
  EXPECT_THAT(confirmations(), IsEmpty());
  set_rules({{"enabled", false}});
  says({"stop", 3});
  EXPECT_FALSE(contact().opted_out);
  EXPECT_EQ(triggers(), 1U);
}

TEST_F(OptOuts, SettingsOfOneKeyLeaveTheOthers) {
  store.run([&](sql::Connection& connection) {
    set_setting(connection, store.tenant, "a", {{"x", 1}}, now());
    set_setting(connection, store.tenant, "b", 2, now());
    set_setting(connection, store.tenant, "c", 3, now());
    set_setting(connection, store.tenant, "b", nullptr, now());
    EXPECT_EQ(find_tenant(connection, store.tenant)->settings, (Json{{"a", {{"x", 1}}}, {"c", 3}}));
  });
}

// Messages received together leave what they leave one by one.
TEST_F(OptOuts, WordsAmongOtherMessagesReceivedTogether) {
  says({"first"});
  std::vector<Inbound> inbounds;
  for (const auto& said :
       std::vector<Said>{{"a", 1}, {"b", 2}, {"stop", 3}, {"c", 4}, {"start", 5}, {"d", 6}, {"e", 7}})
    inbounds.push_back(inbound_of(said));
  std::vector<const Inbound*> together;
  for (const auto& inbound : inbounds) together.push_back(&inbound);
  store.run([&](sql::Connection& connection) { receive_messages(connection, together, now()); });
  EXPECT_FALSE(contact().opted_out);
  EXPECT_THAT(confirmations(), SizeIs(2));
  EXPECT_EQ(triggers(), 2U);
  EXPECT_EQ(store.number("SELECT count(*) FROM run_trigger AS t JOIN message AS m ON m.id = t.message_id WHERE m.text "
                         "IN ('d', 'e')"),
            2);
  EXPECT_EQ(store.number("SELECT next_seq FROM conversation"), 11);
  EXPECT_THAT(test::wrongs_of(*store.database), IsEmpty());
}

TEST_F(OptOuts, OfTwoContactsWhoAreOneTheLaterWordStands) {
  struct Case {
    Said survivor;
    Said lost;
    bool is_opted_out;
  };
  for (const auto& [survivor_said, lost_said, is_opted_out] :
       {Case{{"stop", 1}, {"start", 2}, false}, Case{{"start", 1}, {"stop", 2}, true},
        Case{{"stop", 2}, {"start", 1}, true}, Case{{"start", 2}, {"stop", 1}, false},
        Case{{"start", 1}, {"stop", 1}, true}, Case{{"hello", 3}, {"stop", 1}, true}}) {
    SCOPED_TRACE(survivor_said.text + "/" + lost_said.text);
    phone_ = "4917" + std::to_string(++wamids_);
    says(survivor_said);
    const auto survivor = contact();
    phone_ = "4918" + std::to_string(++wamids_);
    says(lost_said);
    const auto lost = contact();
    store.run([&](sql::Connection& connection) {
      merge_contacts(connection, {.tenant = store.tenant, .survivor = survivor.id, .lost = lost.id}, now());
      EXPECT_EQ(find_contact(connection, store.tenant, survivor.id)->opted_out, is_opted_out);
    });
  }
}

// A stop on one node beside what another one does to the same person.
class OptOutRaces : public OptOuts {
 protected:
  void in_every_order(const std::function<std::pair<test::Unit, test::Unit>()>& units,
                      const std::function<void()>& check) {
    test::Interleaving meeting(store.place, *store.database);
    for (const bool turned : {false, true}) {
      SCOPED_TRACE(turned ? "turned round" : "as written");
      meeting.at_every_step([&] {
        phone_ = "4917" + std::to_string(++wamids_);
        says({"hello"});
        auto [first, second] = units();
        if (turned) std::swap(first, second);
        meeting.meet(first, second);
        EXPECT_THAT(test::wrongs_of(*store.database), IsEmpty());
        check();
      });
    }
  }
  test::Unit receives(const Said& said) {
    return [this, inbound = inbound_of(said)](sql::Connection& connection) {
      receive_message(connection, inbound, now());
    };
  }
};

TEST_F(OptOutRaces, OfTwoStopsOneIsConfirmed) {
  in_every_order([&] { return std::pair(receives({"stop", 1}), receives({"stop", 2})); },
                 [&] {
                   EXPECT_TRUE(contact().opted_out);
                   EXPECT_THAT(confirmations(), SizeIs(1));
                   EXPECT_EQ(contact().opt_said_at, now() + seconds(2));
                 });
}

TEST_F(OptOutRaces, OfOneWebhookThatTwoNodesApplyOneCounts) {
  in_every_order(
      [&] {
        const auto same = receives({"stop", 1, "wamid.same." + std::to_string(wamids_)});
        return std::pair(same, same);
      },
      [&] { EXPECT_THAT(confirmations(), SizeIs(1)); });
}

TEST_F(OptOutRaces, AStopAndALaterStartLeaveTheContactIn) {
  in_every_order([&] { return std::pair(receives({"stop", 1}), receives({"start", 2})); },
                 [&] { EXPECT_FALSE(contact().opted_out); });
}

TEST_F(OptOutRaces, AStopAndAMessageLeaveNoTriggerOfBefore) {
  in_every_order([&] { return std::pair(receives({"stop", 1}), receives({"one more", 2})); },
                 [&] {
                   EXPECT_TRUE(contact().opted_out);
                   EXPECT_LE(triggers(), 1U);
                 });
}

TEST_F(OptOutRaces, AStopIsNotLostInAMerge) {
  ContactId older{};
  in_every_order(
      [&] {
        older = contact().id;
        store.clock.pass(milliseconds(1));
        phone_ += "0";
        says({"hello"});
        const auto lost = contact().id;
        const auto merges = [this, survivor = older, lost](sql::Connection& connection) {
          merge_contacts(connection, {.tenant = store.tenant, .survivor = survivor, .lost = lost}, now());
        };
        return std::pair(receives({"stop", 1}), test::Unit(merges));
      },
      [&] {
        store.run([&](sql::Connection& connection) {
          EXPECT_TRUE(surviving_contact(connection, store.tenant, older)->opted_out);
        });
      });
}

}  // namespace
}  // namespace waypost::store
