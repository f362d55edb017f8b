// The window as a conversation keeps it: since when, until when, its notice, and free entry beside it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "conversation/window_closing.h"
#include "store/contacts.h"
#include "store/event_numbers.h"
#include "store/events.h"
#include "store/free_entry.h"
#include "store/inbound.h"
#include "store/merge.h"
#include "store/place.h"
#include "store/statuses.h"
#include "store/window_closing.h"
#include "tests/support/interleaving.h"

namespace waypost::store {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::IsEmpty;
using testing::SizeIs;

class Windows : public testing::Test {
 protected:
  Inbound inbound_at(Time at, const std::string& type = "text") {
    Inbound inbound{.phone_number_id = test::kNumber, .sender = {.phone = phone_}};
    inbound.message.tenant = store.tenant;
    inbound.message.channel = store.channel;
    inbound.message.type = type;
    inbound.message.text = "hello";
    inbound.message.wamid = "wamid." + std::to_string(++wamids_);
    inbound.message.happened_at = at;
    return inbound;
  }
  void receive(const Inbound& inbound) {
    store.run([&](sql::Connection& connection) { receive_message(connection, inbound, now()); });
  }
  void writes(Time at, const std::string& type = "text") { receive(inbound_at(at, type)); }
  void comes_from_an_ad(Time at) {
    auto inbound = inbound_at(at);
    inbound.is_referred = true;
    receive(inbound);
  }
  Conversation conversation() {
    return store.run([&](sql::Connection& connection) {
      const auto whose = contact_of_alias(connection, store.tenant, {.kind = AliasKind::Phone, .value = phone_});
      return conversation_of(connection, store.tenant, whose.value(), store.channel).value();
    });
  }
  Message given_sent() {
    const auto where = conversation();
    return store.run([&](sql::Connection& connection) {
      auto message = queue_message(connection, where, {.text = "out", .author = "api"}, now());
      message.wamid = "wamid.out." + message.id.text();
      connection.run("UPDATE message SET state = 'accepted', wamid = $3 WHERE tenant_id = $1 AND id = $2",
                     {message.tenant, message.id, message.wamid});
      return message;
    });
  }
  void status_says(const Message& message, Time at, const Json& besides = Json::object(),
                   MetaWord word = MetaWord::Sent) {
    Status status{.wamid = *message.wamid, .word = word, .at = at, .content = besides};
    status.content["timestamp"] = std::to_string(to_millis(at) / 1'000);
    store.run([&](sql::Connection& connection) {
      apply_status(connection, {.tenant = store.tenant, .channel = store.channel}, status, now());
    });
  }
  std::optional<FreeEntryWindow> free_entry() {
    const auto where = conversation();
    return store.run([&](sql::Connection& connection) { return free_entry_of(connection, where); });
  }

  // One round of whoever watches.
  std::size_t look(milliseconds notice = hours(1)) {
    return store.run([&](sql::Connection& connection) {
      return look_at_closing(connection, due_closing_looks(connection, now(), 100), notice, now());
    });
  }
  // Rounds a minute apart until then; how many were told.
  std::size_t watch_until(Time until) {
    std::size_t told = 0;
    for (; now() < until; store.clock.pass(minutes(1))) told += look();
    return told;
  }
  std::vector<Event> told() {
    auto events = store.run([&](sql::Connection& connection) {
      number_events(connection, 10'000);
      return events_after(connection, store.tenant, 0, 10'000);
    });
    std::erase_if(events, [](const Event& event) { return event.type != "window.closing"; });
    return events;
  }
  Time now() const { return store.clock.now(); }

  test::TempStore store;
  std::string phone_ = "491701234567";
  int wamids_ = 0;
  const Time start_ = store.clock.now();
};

void expect_window(const Conversation& conversation, Time opened, Time expires) {
  EXPECT_EQ(conversation.window_opened_at, opened);
  EXPECT_EQ(conversation.window_expires_at, expires);
}

TEST_F(Windows, OpensWithTheFirstMessageAndIsRenewedWithoutABreak) {
  writes(start_);
  expect_window(conversation(), start_, start_ + hours(24));
  writes(start_ + hours(20));
  expect_window(conversation(), start_, start_ + hours(44));
  writes(start_ + hours(30), "edit");
  expect_window(conversation(), start_, start_ + hours(44));
  writes(start_ + hours(50));
  expect_window(conversation(), start_ + hours(50), start_ + hours(74));
}

TEST_F(Windows, ALateMessageMovesItsBeginningOnly) {
  writes(start_ + hours(40));
  writes(start_ + hours(20));
  expect_window(conversation(), start_ + hours(20), start_ + hours(64));
  writes(start_ - hours(10));
  expect_window(conversation(), start_ + hours(20), start_ + hours(64));
}

TEST_F(Windows, TogetherAsOneByOne) {
  std::vector<Inbound> inbounds;
  for (const auto hour : {0, 20, 50, 10, 60}) inbounds.push_back(inbound_at(start_ + hours(hour)));
  std::vector<const Inbound*> together;
  for (const auto& inbound : inbounds) together.push_back(&inbound);
  store.run([&](sql::Connection& connection) { receive_messages(connection, together, now()); });
  expect_window(conversation(), start_ + hours(50), start_ + hours(84));
  EXPECT_EQ(conversation().window_look_at, start_ + kFirstLook);
}

TEST_F(Windows, ItsEndIsToldOnceAnHourBefore) {
  writes(start_);
  EXPECT_EQ(watch_until(start_ + hours(23) - kClosingSpread), 0U);
  EXPECT_EQ(watch_until(start_ + hours(23) + minutes(1)), 1U);
  EXPECT_EQ(watch_until(start_ + hours(30)), 0U);
  ASSERT_THAT(told(), SizeIs(1));
  const auto event = told().front();
  EXPECT_EQ(event.conversation, conversation().id);
  EXPECT_EQ(event.payload["window"], (Json{{"opensAt", iso8601(start_)}, {"expiresAt", iso8601(start_ + hours(24))}}));
  EXPECT_EQ(event.payload["conversation"]["id"], conversation().id.text());
  EXPECT_EQ(conversation().window_look_at, std::nullopt);
}

TEST_F(Windows, ARenewedWindowIsToldOfBeforeItsNewEnd) {
  writes(start_);
  store.clock.pass(hours(20));
  EXPECT_EQ(look(), 0U);
  writes(now());
  EXPECT_EQ(watch_until(start_ + hours(42)), 0U);
  EXPECT_EQ(watch_until(start_ + hours(44)), 1U);
  // Told, and then renewed: told again of the new end.
  writes(start_ + hours(43) + minutes(30));
  EXPECT_EQ(watch_until(start_ + hours(66)), 0U);
  EXPECT_EQ(watch_until(start_ + hours(68)), 1U);
}

TEST_F(Windows, ALateMessageAfterTheNoticeBringsNoSecondOne) {
  writes(start_ + hours(2));
  EXPECT_EQ(watch_until(start_ + hours(25) + minutes(1)), 1U);
  writes(start_ + hours(1));
  EXPECT_EQ(watch_until(start_ + hours(30)), 0U);
}

TEST_F(Windows, AfterAnOutageItIsToldWhileItIsOpenAndNeverBehind) {
  writes(start_);
  store.clock.pass(hours(23) + minutes(59));
  EXPECT_EQ(look(), 1U);
  phone_ = "491709999999";
  writes(now());
  store.clock.pass(hours(24));
  EXPECT_EQ(look(), 0U);
  EXPECT_EQ(conversation().window_look_at, std::nullopt);
  writes(now());
  EXPECT_EQ(watch_until(now() + hours(24)), 1U);
}

TEST_F(Windows, AWindowThatMetaClosedIsNotTold) {
  writes(start_);
  store.run([&](sql::Connection& connection) {
    connection.run("UPDATE conversation SET window_expires_at = $1", {start_ + hours(2)});
  });
  EXPECT_EQ(watch_until(start_ + hours(26)), 0U);
}

TEST_F(Windows, OfAFloodOfManyEachIsToldOnceAtItsOwnMoment) {
  for (int person = 0; person < 60; ++person) {
    phone_ = "4917" + std::to_string(1'000 + person);
    writes(start_);
  }
  store.clock.set(start_ + hours(23) - kClosingSpread);
  std::vector<std::size_t> a_minute;
  for (int minute = 0; minute <= 6; ++minute) {
    a_minute.push_back(look());
    store.clock.pass(minutes(1));
  }
  EXPECT_EQ(told().size(), 60U);
  EXPECT_LT(*std::ranges::max_element(a_minute), 40U);
}

TEST_F(Windows, TwoConversationsThatBecomeOneAreToldOnce) {
  writes(start_);
  const auto survivor = conversation();
  phone_ = "491709999999";
  store.clock.pass(hours(1));
  writes(start_ + hours(1));
  const auto lost = conversation();
  store.run([&](sql::Connection& connection) {
    merge_contacts(connection, {.tenant = store.tenant, .survivor = survivor.contact, .lost = lost.contact}, now());
  });
  expect_window(conversation(), start_, start_ + hours(25));
  EXPECT_EQ(watch_until(start_ + hours(30)), 1U);
  EXPECT_EQ(told().front().conversation, survivor.id);
}

// Two nodes that both believe to be the one that watches.
TEST_F(Windows, TwoWatchersTellOnce) {
  test::Interleaving meeting(store.place, *store.database);
  meeting.at_every_step([&] {
    phone_ = "4917" + std::to_string(++wamids_);
    writes(now());
    const auto before = told().size();
    store.clock.pass(hours(23));
    const test::Unit looks = [this](sql::Connection& connection) {
      look_at_closing(connection, due_closing_looks(connection, now(), 100), hours(1), now());
    };
    meeting.meet(looks, looks);
    EXPECT_EQ(told().size(), before + 1);
  });
}

TEST_F(Windows, AMessageThatMeetsTheNoticeLosesNeither) {
  test::Interleaving meeting(store.place, *store.database);
  for (const bool turned : {false, true}) {
    meeting.at_every_step([&] {
      phone_ = "4917" + std::to_string(++wamids_);
      writes(now());
      store.clock.pass(hours(23));
      const auto inbound = inbound_at(now());
      test::Unit receives = [&](sql::Connection& connection) { receive_message(connection, inbound, now()); };
      test::Unit looks = [this](sql::Connection& connection) {
        look_at_closing(connection, due_closing_looks(connection, now(), 100), hours(1), now());
      };
      if (turned) std::swap(receives, looks);
      meeting.meet(receives, looks);
      EXPECT_EQ(conversation().window_expires_at, now() + hours(24));
      EXPECT_TRUE(conversation().window_look_at) << "nobody would look at it any more";
    });
  }
}

const Json kFree{{"pricing", {{"type", "free_entry_point"}}}};

TEST_F(Windows, TheAnswerToAnAdOpensTheFreeEntryPoint) {
  comes_from_an_ad(start_);
  EXPECT_FALSE(free_entry());
  store.clock.pass(hours(1));
  const auto answer = given_sent();
  EXPECT_FALSE(free_entry());
  status_says(answer, start_ + hours(2));
  ASSERT_TRUE(free_entry());
  EXPECT_EQ(free_entry()->opens_at, start_ + hours(2));
  EXPECT_EQ(free_entry()->expires_at, start_ + hours(74));
  expect_window(conversation(), start_, start_ + hours(24));
}

TEST_F(Windows, TheFreeEntryPointIsTheSameInWhateverOrderItsNewsCome) {
  const Json exact{{"conversation",
                    {{"origin", {{"type", "referral_conversion"}}},
                     {"expiration_timestamp", std::to_string(to_millis(start_ + hours(75)) / 1'000)}}}};
  std::vector<int> news{0, 1, 2, 3};
  do {
    phone_ = "4917" + std::to_string(++wamids_);
    writes(start_ - hours(30));
    const auto first = given_sent();
    const auto second = given_sent();
    for (const int one : news) {
      if (one == 0) comes_from_an_ad(start_);
      if (one == 1) status_says(first, start_ + hours(2));
      if (one == 2) status_says(second, start_ + hours(3), exact);
      if (one == 3) status_says(second, start_ + hours(4), kFree, MetaWord::Delivered);
    }
    ASSERT_TRUE(free_entry());
    EXPECT_EQ(free_entry()->opens_at, start_ + hours(2));
    EXPECT_EQ(free_entry()->expires_at, start_ + hours(75));
  } while (std::ranges::next_permutation(news).found);
}

TEST_F(Windows, WithoutAnAdNothingIsFreeUnlessMetaSaysSo) {
  writes(start_);
  status_says(given_sent(), start_ + hours(1));
  EXPECT_FALSE(free_entry());
  status_says(given_sent(), start_ + hours(2), kFree);
  EXPECT_TRUE(free_entry());
}

TEST_F(Windows, AMergeAndAnErasureTakeTheFreeEntryAlong) {
  writes(start_);
  const auto survivor = conversation();
  phone_ = "491709999999";
  store.clock.pass(seconds(1));
  comes_from_an_ad(start_);
  status_says(given_sent(), start_ + hours(2));
  const auto lost = conversation();
  store.run([&](sql::Connection& connection) {
    merge_contacts(connection, {.tenant = store.tenant, .survivor = survivor.contact, .lost = lost.contact}, now());
  });
  ASSERT_TRUE(free_entry());
  EXPECT_EQ(free_entry()->opens_at, start_ + hours(2));
  EXPECT_EQ(store.number("SELECT count(*) FROM free_entry"), 1);
  store.run([&](sql::Connection& connection) {
    EXPECT_TRUE(delete_contact(connection, store.tenant, survivor.contact, now()));
  });
  EXPECT_EQ(store.number("SELECT count(*) FROM free_entry"), 0);
}

}  // namespace
}  // namespace waypost::store
