#include "store/queue_sight.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/contacts.h"
#include "store/conversations.h"
#include "store/messages.h"
#include "store/queue_pauses.h"
#include "store/runs.h"
#include "store/triggers.h"
#include "store/work_failures.h"
#include "tests/support/temp_store.h"

namespace waypost::store {
namespace {

using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class Sight : public ::testing::Test {
 protected:
  Sight() { talk_ = given_conversation(store_.tenant, store_.channel, "491701"); }

  Conversation given_conversation(TenantId tenant, ChannelId channel, const std::string& phone) {
    return store_.run([&](sql::Connection& c) {
      const Alias alias{.kind = AliasKind::Phone, .value = phone};
      const auto contact = create_contact(c, {.tenant = tenant}, {alias}, now()).value();
      return open_conversation(c, tenant, contact.id, channel, now());
    });
  }
  // Queued in `talk`, then changed to "state = …".
  void given_message(const Conversation& talk, std::string_view changed = "attempt = 0") {
    store_.run([&](sql::Connection& c) {
      const auto id = queue_message(c, talk, {.text = "hi", .author = "api"}, now()).id;
      const std::string text = "UPDATE message SET " + std::string(changed) + " WHERE id = $1";
      c.run(text, {id});
    });
  }
  std::string at(milliseconds from_now) { return "due_at = " + std::to_string(to_millis(now() + from_now)); }
  QueueSight look(WorkQueue queue) {
    return store_.run([&](sql::Connection& c) { return look_at_queue(c, queue, now()); });
  }
  // Without the zeros.
  std::map<std::string, std::int64_t> waiting(WorkQueue queue) {
    auto counts = look(queue).waiting;
    std::erase_if(counts, [](const auto& one) { return one.second == 0; });
    return counts;
  }
  void given_pause(WorkQueue queue) {
    store_.run([&](sql::Connection& c) {
      pause(c, {.reach = {.tenant = store_.tenant},
                .queue = queue,
                .paused_by = "admin",
                .reason = "x",
                .created_at = now()});
    });
  }
  void given_buried(WorkQueue queue) {
    store_.run([&](sql::Connection& c) {
      const FailedTry failed{.key = {.tenant = store_.tenant, .queue = queue, .conversation = talk_.id}, .words = "x"};
      record_failure(c, failed, {.attempts = 1}, now());
    });
  }
  void given_trigger() {
    store_.run([&](sql::Connection& c) {
      insert_trigger(c, {.tenant = store_.tenant,
                         .conversation = talk_.id,
                         .seq = 1,
                         .message = MessageId::make(now()),
                         .created_at = now()});
    });
  }
  void given_run(const std::string& status, std::optional<Time> due) {
    store_.run([&](sql::Connection& c) {
      insert_run(c, {.tenant = store_.tenant,
                     .id = RunId::make(now()),
                     .workflow = WorkflowId::make(now()),
                     .conversation = talk_.id,
                     .contact = talk_.contact,
                     .channel = talk_.channel,
                     .message = MessageId::make(now()),
                     .status = status,
                     .due_at = due,
                     .created_at = now()});
    });
  }
  Time now() const { return store_.clock.now(); }

  test::TempStore store_;
  Conversation talk_;
};

TEST_F(Sight, NothingWaitsByEveryReason) {
  const auto sends = look(WorkQueue::Sends);
  EXPECT_EQ(sends.waiting.size(), 11U);
  EXPECT_THAT(waiting(WorkQueue::Sends), IsEmpty());
  EXPECT_EQ(look(WorkQueue::Runs).waiting.size(), 5U);
  EXPECT_FALSE(sends.is_at_least);
  EXPECT_EQ(sends.buried, 0);
}

TEST_F(Sight, SendsAreCountedByWhyTheyWait) {
  given_message(talk_);
  given_message(talk_, "failures = 2");
  given_message(talk_, "failures = 1, " + at(minutes(1)));
  given_message(talk_, at(minutes(1)));
  given_message(talk_, "state = 'unknown', " + at(minutes(1)));
  given_message(talk_, "state = 'held', due_at = NULL");
  given_message(talk_, "state = 'held', " + at(minutes(1)));
  given_message(talk_, "due_at = " + std::to_string(to_millis(kHeldAfterRestore)));
  EXPECT_THAT(waiting(WorkQueue::Sends),
              ElementsAre(Pair("due", 1), Pair("held", 2), Pair("later", 1), Pair("outcome_unknown", 1),
                          Pair("restored", 1), Pair("retry", 2)));
}

TEST_F(Sight, AChannelWithoutATokenBlockedOrPausedIsTheReason) {
  given_message(talk_);
  store_.run([&](sql::Connection& c) { c.run("UPDATE channel SET state = 'needs_token'"); });
  EXPECT_THAT(waiting(WorkQueue::Sends), ElementsAre(Pair("token", 1)));
  EXPECT_THAT(look(WorkQueue::Sends).oldest, ElementsAre(Pair(store_.tenant, now())));
  store_.run([&](sql::Connection& c) { c.run("UPDATE channel SET state = 'blocked'"); });
  EXPECT_THAT(waiting(WorkQueue::Sends), ElementsAre(Pair("blocked", 1)));
  store_.run([&](sql::Connection& c) { c.run("UPDATE channel SET state = 'paused'"); });
  EXPECT_THAT(waiting(WorkQueue::Sends), ElementsAre(Pair("paused", 1)));
  EXPECT_THAT(look(WorkQueue::Sends).oldest, IsEmpty());
}

TEST_F(Sight, AStoppedChannelAndAStoppedInstallationAreTheReason) {
  given_message(talk_);
  given_trigger();
  given_run("queued", now());
  const auto stop = [&](WorkQueue queue, const PauseReach& reach) {
    store_.run([&](sql::Connection& c) { pause(c, {.reach = reach, .queue = queue, .created_at = now()}); });
  };
  const PauseReach channel{.tenant = store_.tenant, .channel = talk_.channel};
  stop(WorkQueue::Sends, {.tenant = store_.tenant, .channel = ChannelId::make(now())});
  EXPECT_THAT(waiting(WorkQueue::Sends), ElementsAre(Pair("due", 1)));
  stop(WorkQueue::Sends, channel);
  stop(WorkQueue::Runs, channel);
  EXPECT_THAT(waiting(WorkQueue::Sends), ElementsAre(Pair("paused", 1)));
  EXPECT_THAT(waiting(WorkQueue::Runs), ElementsAre(Pair("paused", 2)));
  stop(WorkQueue::Runs, {});
  EXPECT_THAT(waiting(WorkQueue::Runs), ElementsAre(Pair("paused", 2)));  // each once
  store_.run([&](sql::Connection& c) { EXPECT_TRUE(resume(c, channel, WorkQueue::Runs)); });
  EXPECT_THAT(waiting(WorkQueue::Runs), ElementsAre(Pair("paused", 2)));
  store_.run([&](sql::Connection& c) { EXPECT_TRUE(resume(c, {}, WorkQueue::Runs)); });
  EXPECT_THAT(waiting(WorkQueue::Runs), ElementsAre(Pair("due", 2)));
}

TEST_F(Sight, APausedWorkspaceAndABuriedKeyAreTheReason) {
  given_message(talk_);
  given_trigger();
  given_run("queued", now());
  given_pause(WorkQueue::Runs);
  EXPECT_THAT(waiting(WorkQueue::Sends), ElementsAre(Pair("due", 1)));
  EXPECT_THAT(waiting(WorkQueue::Runs), ElementsAre(Pair("paused", 2)));
  EXPECT_THAT(look(WorkQueue::Runs).oldest, IsEmpty());
  given_buried(WorkQueue::Sends);
  given_buried(WorkQueue::Runs);
  EXPECT_THAT(waiting(WorkQueue::Sends), ElementsAre(Pair("buried", 1)));
  EXPECT_THAT(waiting(WorkQueue::Runs), ElementsAre(Pair("buried", 2)));
  EXPECT_EQ(look(WorkQueue::Runs).buried, 1);
  EXPECT_THAT(look(WorkQueue::Sends).oldest, IsEmpty());
}

TEST_F(Sight, RunsAreCountedByWhyTheyWait) {
  given_trigger();
  given_run("running", now());
  given_run("running", now() + minutes(1));
  given_run("waiting", std::nullopt);
  EXPECT_THAT(waiting(WorkQueue::Runs), ElementsAre(Pair("due", 2), Pair("later", 1), Pair("waiting", 1)));
}

TEST_F(Sight, TheOldestOfEachWorkspaceIsFound) {
  const auto other = store_.run([&](sql::Connection& c) { return create_tenant(c, "two", now()); }).id;
  const auto channel = store_.add_channel(other, "2");
  const auto theirs = given_conversation(other, channel, "491702");
  const Time first = now();
  given_message(talk_);
  store_.clock.pass(minutes(1));
  given_message(talk_);
  given_message(theirs);
  given_trigger();
  const auto sight = look(WorkQueue::Sends);
  EXPECT_EQ(sight.oldest.at(store_.tenant), first);
  EXPECT_EQ(sight.oldest.at(other), now());
  EXPECT_THAT(look(WorkQueue::Runs).oldest, ElementsAre(Pair(store_.tenant, now())));
  const auto names =
      store_.run([&](sql::Connection& c) { return names_of_workspaces(c, {other, TenantId::make(now())}); });
  EXPECT_THAT(names, ElementsAre(Pair(other, "two")));
}

TEST_F(Sight, CountsEndAndSaySo) {
  given_trigger();
  store_.run([&](sql::Connection& c) {
    for (std::int64_t seq = 2; seq <= kMostCounted + 5; ++seq) {
      insert_trigger(c, {.tenant = store_.tenant,
                         .conversation = talk_.id,
                         .seq = seq,
                         .message = MessageId::make(now()),
                         .created_at = now()});
    }
  });
  const auto sight = look(WorkQueue::Runs);
  EXPECT_EQ(sight.waiting.at("due"), kMostCounted);
  EXPECT_TRUE(sight.is_at_least);
}

TEST_F(Sight, APauseIsOneAndEndsOnce) {
  given_pause(WorkQueue::Sends);
  const auto since = now();
  store_.clock.pass(minutes(1));
  store_.run([&](sql::Connection& c) {
    pause(c, {.reach = {.tenant = store_.tenant},
              .queue = WorkQueue::Sends,
              .paused_by = "a@b.c",
              .reason = "y",
              .created_at = now()});
  });
  const auto rows = store_.run([](sql::Connection& c) { return paused(c, WorkQueue::Sends); });
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].reason, "y");
  EXPECT_EQ(rows[0].created_at, since);
  EXPECT_EQ(to_json(rows[0])["workspace"], "one");
  EXPECT_TRUE(store_.run([](sql::Connection& c) { return paused(c, WorkQueue::Runs); }).empty());
  const auto end = [&] {
    return store_.run([&](sql::Connection& c) { return resume(c, {.tenant = store_.tenant}, WorkQueue::Sends); });
  };
  EXPECT_TRUE(end());
  EXPECT_FALSE(end());
}

}  // namespace
}  // namespace waypost::store
