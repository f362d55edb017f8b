// Everything at once: two nodes with four write lanes each (on SQLite one with its one lane), few people, and all that
// can happen to them. What must always be true is true at the end.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <thread>
#include <vector>

#include "store/contacts.h"
#include "store/inbound.h"
#include "store/locks.h"
#include "store/outbox.h"
#include "store/sending.h"
#include "store/statuses.h"
#include "tests/support/temp_store.h"
#include "tests/support/whole_store.h"

namespace waypost::store {
namespace {

class Stress : public testing::Test {
 protected:
  static constexpr int kThreads = 6;
  static constexpr int kDeeds = 40;  // of each thread
  static constexpr unsigned kPeople = 4;

  Stress() {
    if (store_.database->engine() == sql::Engine::Postgres) other_node_ = store_.place.open();
  }

  // One thread's, with its own dice.
  struct Actor {
    sql::Database& node;
    int number = 0;
    std::minstd_rand dice;
    int deeds = 0;

    unsigned roll(unsigned below) { return std::uniform_int_distribution(0U, below - 1)(dice); }
    std::string name() { return std::to_string(number) + "." + std::to_string(++deeds); }
  };

  // A caller whose patience has ended asks again.
  template <class Work>
  void persist(Actor& actor, Work work) {
    Error last(ErrorKind::Unavailable, "");
    for (int tries = 0; tries < 10; ++tries) {
      const auto done = actor.node.write_and_wait(actor.roll(1'000), work);
      if (done) return;
      last = done.error();
      if (last.kind() != ErrorKind::Unavailable) break;
    }
    ADD_FAILURE() << last.words();
  }

  // A person shows the phone, the user id, or both.
  Inbound any_inbound(Actor& actor) {
    const auto person = std::to_string(actor.roll(kPeople));
    const auto shows = actor.roll(3);
    Inbound inbound{.phone_number_id = test::kNumber};
    if (shows != 0) inbound.sender.phone = "4917" + person;
    if (shows != 1) inbound.sender.user_id = "US." + person;
    inbound.sender.profile_name = "name " + std::to_string(actor.roll(2));
    inbound.message.tenant = store_.tenant;
    inbound.message.channel = store_.channel;
    inbound.message.text = "in";
    inbound.message.wamid = "in." + actor.name();
    inbound.message.happened_at = now();
    return inbound;
  }
  // By themselves, or a few together.
  void arrive(Actor& actor) {
    std::vector<Inbound> inbounds;
    const auto count = actor.roll(2) == 0 ? 1 : 2 + actor.roll(5);
    while (inbounds.size() < count) inbounds.push_back(any_inbound(actor));
    std::vector<const Inbound*> together;
    for (const auto& inbound : inbounds) together.push_back(&inbound);
    persist(actor, [&](sql::Connection& connection) { receive_messages(connection, together, now()); });
  }
  std::optional<ConversationId> any_conversation(sql::Connection& connection, unsigned at) {
    const auto rows = connection.run("SELECT id FROM conversation WHERE tenant_id = $1 ORDER BY id", {store_.tenant});
    if (rows.empty()) return std::nullopt;
    return rows[at % rows.size()].id<ConversationId>(0);
  }
  // The API queues, also into conversations that were merged.
  void queue(Actor& actor) {
    const auto at = actor.roll(100);
    persist(actor, [&](sql::Connection& connection) {
      const auto id = any_conversation(connection, at);
      if (!id) return;
      const auto conversation = lock_surviving_conversation(connection, store_.tenant, *id);
      if (!conversation) return;
      (void)accept_message(connection, *conversation, {.type = "template", .text = "out"}, {}, now());
    });
  }
  // A sender takes a head to its end; a status comes beside it.
  void send(Actor& actor) {
    const auto at = actor.roll(100);
    std::optional<Message> begun;
    persist(actor, [&](sql::Connection& connection) {
      begun.reset();
      const auto id = any_conversation(connection, at);
      if (!id) return;
      const auto view = read_sends(connection, {.tenant = store_.tenant, .conversation = *id}, now());
      if (view && view->head) begun = begin_send(connection, *view->head, now(), now());
    });
    if (!begun) return;
    const Receipt receipt{.wamid = "out." + begun->id.text(), .wa_id = "1" + std::to_string(actor.roll(kPeople))};
    Status status{.wamid = receipt.wamid, .word = actor.roll(2) == 0 ? MetaWord::Delivered : MetaWord::Failed};
    status.at = now();
    if (status.word == MetaWord::Failed) {
      status.failure = Failure{.reason = "window_closed", .code = kOutsideWindowCode, .words = "late"};
    }
    std::jthread beside([&, seed = actor.roll(1'000)] {
      Actor meta{.node = *store_.database, .number = -1, .dice = std::minstd_rand(seed + 1)};
      persist(meta, [&](sql::Connection& connection) {
        apply_status(connection, {.tenant = store_.tenant, .channel = store_.channel}, status, now());
      });
    });
    persist(actor, [&](sql::Connection& connection) { record_accepted(connection, *begun, receipt, now()); });
  }
  void change_somebody(Actor& actor, bool erases) {
    const auto at = actor.roll(100);
    persist(actor, [&](sql::Connection& connection) {
      const auto rows = connection.run("SELECT id FROM contact WHERE tenant_id = $1 ORDER BY id", {store_.tenant});
      if (rows.empty()) return;
      const auto id = rows[at % rows.size()].id<ContactId>(0);
      if (erases) {
        const auto contact = surviving_contact(connection, store_.tenant, id);
        if (contact) delete_contact(connection, store_.tenant, contact->id, now());
      } else if (auto contact = lock_contact(connection, store_.tenant, id)) {
        contact->fields["touched"] = at;
        update_contact(connection, *contact, now());
      }
    });
  }
  void act(Actor& actor, bool erases) {
    switch (actor.roll(6)) {
      case 0:
        return queue(actor);
      case 1:
        return send(actor);
      case 2:
        return change_somebody(actor, erases && actor.roll(3) == 0);
      default:
        return arrive(actor);
    }
  }
  void let_everything_happen(bool erases) {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      auto& node = other_node_ && thread % 2 == 1 ? *other_node_ : *store_.database;
      threads.emplace_back([this, &node, thread, erases] {
        Actor actor{.node = node, .number = thread, .dice = std::minstd_rand(static_cast<unsigned>(thread) + 1)};
        for (int deed = 0; deed < kDeeds; ++deed) act(actor, erases);
      });
    }
  }
  Time now() const { return store_.clock.now(); }

  test::TempStore store_;
  std::unique_ptr<sql::Database> other_node_;
};

TEST_F(Stress, NothingIsLostNorDoubledWherePeopleAreMerged) {
  let_everything_happen(false);
  EXPECT_THAT(test::wrongs_of(*store_.database), testing::IsEmpty());
  EXPECT_EQ(store_.number("SELECT count(*) FROM message WHERE direction = 'in'"),
            store_.number("SELECT count(*) FROM seen_message"));
  EXPECT_EQ(store_.number("SELECT count(*) FROM parked_status"), 0);
  EXPECT_EQ(store_.number("SELECT count(*) FROM event WHERE type = 'message.received'"),
            store_.number("SELECT count(*) FROM seen_message"));
}

TEST_F(Stress, NothingIsLeftOfThePeopleWhoAreErased) {
  let_everything_happen(true);
  EXPECT_THAT(test::wrongs_of(*store_.database), testing::IsEmpty());
}

}  // namespace
}  // namespace waypost::store
