#include "store/work_failures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/contacts.h"
#include "store/conversations.h"
#include "store/due.h"
#include "store/merge.h"
#include "store/messages.h"
#include "store/runs.h"
#include "store/triggers.h"
#include "tests/support/temp_store.h"

namespace waypost::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr FailureRules kRules{.attempts = 3, .first_pause = milliseconds(1'000), .longest_pause = milliseconds(1'500)};

class WorkFailures : public ::testing::Test {
 protected:
  WorkFailures() { talk_ = given_conversation("491701"); }

  Conversation given_conversation(const std::string& phone) {
    return store_.run([&](sql::Connection& c) {
      const Alias alias{.kind = AliasKind::Phone, .value = phone};
      const auto contact = create_contact(c, {.tenant = store_.tenant}, {alias}, now()).value();
      return open_conversation(c, store_.tenant, contact.id, store_.channel, now());
    });
  }
  MessageId given_message(const std::string& text, const std::string& stream = "reply") {
    return store_.run([&](sql::Connection& c) {
      return queue_message(c, talk_, {.text = text, .author = "api", .stream = stream}, now()).id;
    });
  }
  Message message(MessageId id) {
    return store_.run([&](sql::Connection& c) { return find_message(c, store_.tenant, id).value(); });
  }
  void given_trigger(std::int64_t seq) {
    store_.run([&](sql::Connection& c) {
      insert_trigger(c, {.tenant = store_.tenant,
                         .conversation = talk_.id,
                         .seq = seq,
                         .message = MessageId::make(now()),
                         .created_at = now()});
    });
  }
  RunId given_run() {
    return store_.run([&](sql::Connection& c) {
      store::Run run{.tenant = store_.tenant,
                     .id = RunId::make(now()),
                     .workflow = WorkflowId::make(now()),
                     .version = 1,
                     .conversation = talk_.id,
                     .contact = talk_.contact,
                     .channel = talk_.channel,
                     .message = MessageId::make(now()),
                     .status = "running",
                     .due_at = now(),
                     .created_at = now()};
      insert_run(c, run);
      return run.id;
    });
  }
  WorkKey key(WorkQueue queue, const std::string& stream = "reply") {
    return {.tenant = store_.tenant, .queue = queue, .conversation = talk_.id, .stream = stream};
  }
  BuriedKeys keys(WorkQueue queue) { return {.tenant = store_.tenant, .queue = queue, .conversation = talk_.id}; }
  std::optional<Time> fails(const WorkKey& of, const std::string& words = "it broke") {
    return store_.run(
        [&](sql::Connection& c) { return record_failure(c, {.key = of, .words = words}, kRules, now()); });
  }
  void given_buried(const WorkKey& of) {
    while (fails(of)) store_.clock.pass(milliseconds(10));
  }
  std::vector<WorkFailure> buried(std::optional<WorkQueue> queue = std::nullopt, const Page& page = {}) {
    return store_.run([&](sql::Connection& c) { return list_buried(c, queue, page); });
  }
  std::vector<WorkKey> revived(WorkQueue queue) {
    return store_.run([&](sql::Connection& c) { return revive(c, keys(queue)); });
  }
  std::vector<Dropped> dropped(WorkQueue queue) {
    return store_.run([&](sql::Connection& c) { return drop_first(c, keys(queue), now()); });
  }
  void clear() {
    store_.run([&](sql::Connection& c) { clear_settled(c, settled_failures(c, 100, now()), now()); });
  }
  std::int64_t rows() { return store_.number("SELECT count(*) FROM work_failure"); }
  std::size_t due(DuePage (*read)(sql::Connection&, const DueCursor&, Time, std::size_t), Time until) {
    return store_.run([&](sql::Connection& c) { return read(c, {}, until, 100); }).due.size();
  }
  Time now() const { return store_.clock.now(); }

  test::TempStore store_;
  Conversation talk_;
};

TEST_F(WorkFailures, PausesDoubleUpToTheLongestAndThenItIsBuried) {
  const auto of = key(WorkQueue::Sends);
  EXPECT_EQ(fails(of), now() + milliseconds(1'000));
  EXPECT_THAT(buried(), IsEmpty());
  EXPECT_EQ(fails(of), now() + milliseconds(1'500));
  EXPECT_EQ(fails(of, "for good"), std::nullopt);
  const auto found = buried();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].key, of);
  EXPECT_EQ(found[0].attempts, 3);
  EXPECT_EQ(found[0].words, "for good");
  EXPECT_EQ(found[0].workspace, "one");
}

TEST_F(WorkFailures, ManyFailuresDoNotOverflow) {
  const FailureRules rules{.attempts = 1'000, .first_pause = milliseconds(1), .longest_pause = milliseconds(9)};
  EXPECT_EQ(next_try(999, rules, now()), now() + milliseconds(9));
  EXPECT_EQ(next_try(1'000, rules, now()), std::nullopt);
}

TEST_F(WorkFailures, ABuriedKeyThatFailsAgainStaysBuriedSinceItWas) {
  const auto of = key(WorkQueue::Sends);
  given_buried(of);
  const auto since = buried().at(0).buried_at;
  store_.clock.pass(std::chrono::hours(1));
  EXPECT_EQ(fails(of), std::nullopt);
  EXPECT_EQ(buried().at(0).buried_at, since);
  EXPECT_EQ(buried().at(0).last_at, now());
}

TEST_F(WorkFailures, StreamsAndQueuesAreCountedApart) {
  given_buried(key(WorkQueue::Sends));
  EXPECT_TRUE(fails(key(WorkQueue::Sends, "bulk")));
  EXPECT_TRUE(fails(key(WorkQueue::Runs)));
  given_buried(key(WorkQueue::Runs));
  EXPECT_THAT(buried(WorkQueue::Runs), SizeIs(1));
  EXPECT_THAT(buried(), SizeIs(2));
  EXPECT_THAT(buried(std::nullopt, {.limit = 1, .offset = 1}), SizeIs(1));
}

TEST_F(WorkFailures, WordsAreCutAndStorable) {
  fails(key(WorkQueue::Sends), std::string(2'000, 'x') + std::string(1, '\0') + "\xff");
  EXPECT_EQ(store_.number("SELECT length(words) FROM work_failure"), 500);
}

TEST_F(WorkFailures, TheSweepLeavesOutWhatIsBuriedOrToBeTriedLater) {
  given_message("a");
  EXPECT_EQ(due(due_sends, now()), 1U);
  const auto next = fails(key(WorkQueue::Sends));
  EXPECT_EQ(due(due_sends, now()), 0U);
  EXPECT_EQ(due(due_sends, *next), 1U);
  EXPECT_EQ(due(due_sends, Time::max()), 1U);
  given_buried(key(WorkQueue::Sends));
  EXPECT_EQ(due(due_sends, Time::max()), 0U);
  given_message("b", "bulk");
  EXPECT_EQ(due(due_sends, Time::max()), 1U);
}

TEST_F(WorkFailures, WhatFailedIsDueWhenItIsToBeTriedAgain) {
  given_message("a");
  given_trigger(1);
  given_run();
  const auto before = now();
  store_.clock.pass(seconds(10));
  const auto next = fails(key(WorkQueue::Sends));
  ASSERT_EQ(fails(key(WorkQueue::Runs)), next);
  for (const auto read : {due_sends, due_triggers, due_runs}) {
    const auto page = store_.run([&](sql::Connection& c) { return read(c, {}, *next, 1); });
    ASSERT_THAT(page.due, SizeIs(1));
    EXPECT_EQ(page.due[0].due_at, next);
    ASSERT_TRUE(page.next);
  }
  const auto sends = store_.run([&](sql::Connection& c) { return due_sends(c, {}, *next, 1); });
  EXPECT_EQ(sends.next->due_at, to_millis(before));  // the next page goes on behind the row, whenever that is due
}

TEST_F(WorkFailures, TheSweepLeavesOutBuriedTriggersAndRuns) {
  given_trigger(1);
  given_run();
  EXPECT_EQ(due(due_triggers, now()) + due(due_runs, now()), 2U);
  given_buried(key(WorkQueue::Runs));
  EXPECT_EQ(due(due_triggers, Time::max()) + due(due_runs, Time::max()), 0U);
  EXPECT_THAT(revived(WorkQueue::Runs), ElementsAre(key(WorkQueue::Runs)));
  EXPECT_EQ(due(due_triggers, now()) + due(due_runs, now()), 2U);
}

TEST_F(WorkFailures, OnlyWhatIsBuriedIsRevived) {
  fails(key(WorkQueue::Sends));
  EXPECT_THAT(revived(WorkQueue::Sends), IsEmpty());
  given_buried(key(WorkQueue::Sends));
  given_buried(key(WorkQueue::Sends, "bulk"));
  EXPECT_THAT(revived(WorkQueue::Sends), ElementsAre(key(WorkQueue::Sends), key(WorkQueue::Sends, "bulk")));
  EXPECT_EQ(rows(), 0);
}

TEST_F(WorkFailures, OfSendsTheFirstMessageIsDropped) {
  const auto first = given_message("a");
  const auto second = given_message("b");
  EXPECT_THAT(dropped(WorkQueue::Sends), IsEmpty());
  given_buried(key(WorkQueue::Sends));
  const auto gone = dropped(WorkQueue::Sends);
  ASSERT_THAT(gone, SizeIs(1));
  EXPECT_EQ(gone[0].what, "message");
  EXPECT_EQ(gone[0].id, first.uuid);
  EXPECT_EQ(message(first).state, MessageState::Failed);
  EXPECT_EQ(message(first).failure->reason, "dropped");
  EXPECT_FALSE(message(first).is_guess());
  EXPECT_EQ(message(second).state, MessageState::Queued);
  EXPECT_EQ(rows(), 0);
  EXPECT_EQ(store_.number("SELECT count(*) FROM event WHERE type = 'message.failed'"), 1);
}

TEST_F(WorkFailures, OfRunsOneUnderWayGoesBeforeTriggers) {
  given_trigger(1);
  const auto run = given_run();
  given_buried(key(WorkQueue::Runs));
  EXPECT_EQ(dropped(WorkQueue::Runs).at(0).what, "run");
  const auto ended = store_.run([&](sql::Connection& c) { return find_run(c, store_.tenant, run).value(); });
  EXPECT_EQ(ended.status, "failed");
  EXPECT_EQ(ended.error->code, "dropped");
  EXPECT_EQ(store_.number("SELECT count(*) FROM event WHERE type = 'run.failed'"), 1);
  given_buried(key(WorkQueue::Runs));
  EXPECT_EQ(dropped(WorkQueue::Runs).at(0).what, "trigger");
  given_buried(key(WorkQueue::Runs));
  EXPECT_EQ(dropped(WorkQueue::Runs).at(0).what, "nothing");
  EXPECT_EQ(rows(), 0);
}

TEST_F(WorkFailures, AreForgottenWhenNothingIsDueAnyMore) {
  const auto id = given_message("a");
  given_trigger(1);
  fails(key(WorkQueue::Sends));
  fails(key(WorkQueue::Runs));
  clear();
  EXPECT_EQ(rows(), 2);
  store_.run([&](sql::Connection& c) {
    drop_triggers(c, store_.tenant, talk_.id, 1);
    c.run("UPDATE message SET state = 'accepted' WHERE id = $1", {id});
  });
  clear();
  EXPECT_EQ(rows(), 0);
}

TEST_F(WorkFailures, ASuccessForgetsThem) {
  fails(key(WorkQueue::Sends));
  store_.run([&](sql::Connection& c) { forget_failure(c, key(WorkQueue::Sends)); });
  EXPECT_EQ(fails(key(WorkQueue::Sends)), now() + milliseconds(1'000));
}

TEST_F(WorkFailures, GoWithAnErasedContact) {
  given_buried(key(WorkQueue::Sends));
  store_.run([&](sql::Connection& c) { return delete_contact(c, store_.tenant, talk_.contact, now()); });
  EXPECT_EQ(rows(), 0);
}

TEST_F(WorkFailures, GoWithAMergedConversation) {
  const auto survivor = given_conversation("491702");
  given_buried(key(WorkQueue::Sends));
  store_.run([&](sql::Connection& c) {
    merge_contacts(c, {.tenant = store_.tenant, .survivor = survivor.contact, .lost = talk_.contact}, now());
  });
  EXPECT_EQ(rows(), 0);
}

}  // namespace
}  // namespace waypost::store
