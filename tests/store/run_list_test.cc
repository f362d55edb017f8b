#include "store/run_list.h"

#include "store/merge.h"
#include "store/run_counts.h"
#include "tests/store/run_stage.h"

namespace waypost::store {
namespace {

class RunList : public test::RunStage {
 protected:
  std::vector<RunId> found(const RunFilter& filter, const Page& page = {}) {
    return store.run([&](sql::Connection& c) {
      std::vector<RunId> ids;
      for (const auto& run : list_runs(c, store.tenant, filter, page)) ids.push_back(run.id);
      return ids;
    });
  }
  RunTotal total_of(const RunFilter& filter, std::int64_t most = 10'000) {
    return store.run([&](sql::Connection& c) { return total_of_runs(c, store.tenant, filter, most); });
  }
  RunCounts counts() {
    return store.run([&](sql::Connection& c) { return count_runs(c, store.tenant, 10'000); });
  }
};

using Ids = std::vector<RunId>;

TEST_F(RunList, TheNewestComesFirst) {
  const auto first = given_run();
  store.clock.pass(seconds(1));
  const auto second = given_run();
  store.clock.pass(seconds(1));
  const auto third = given_run();
  EXPECT_EQ(found({}), (Ids{third.id, second.id, first.id}));
  EXPECT_EQ(found({}, {.limit = 1, .offset = 1}), Ids{second.id});
  EXPECT_EQ(total_of({}).runs, 3);
}

TEST_F(RunList, EachFilterFindsItsOwn) {
  const auto plain = given_run();
  const auto begin = now();
  store.clock.pass(seconds(1));
  const auto other_talk = given_conversation("15550002");
  const auto of_other = given(queued(other_talk));
  auto other_workflow = queued(talk);
  other_workflow.workflow = given_workflow();
  given(other_workflow);
  const auto second_version = given(queued(talk, 2));
  EXPECT_EQ(found({.contact = other_talk.contact}), Ids{of_other.id});
  EXPECT_EQ(found({.workflow = other_workflow.workflow}), Ids{other_workflow.id});
  EXPECT_EQ(found({.workflow = workflow, .version = 2}), Ids{second_version.id});
  EXPECT_EQ(found({.to = now()}), Ids{plain.id});
  EXPECT_EQ(found({.from = begin, .to = now()}), Ids{plain.id});
  EXPECT_EQ(found({.from = now()}).size(), 3U);
  EXPECT_EQ(found({.workflow = workflow, .version = 1, .contact = talk.contact, .from = begin}), Ids{plain.id});
  EXPECT_TRUE(found({.status = "completed"}).empty());
  EXPECT_EQ(found({.status = "queued"}).size(), 4U);
}

TEST_F(RunList, AnotherWorkspacesRunsAreNotInIt) {
  given_run();
  const auto stranger = store.run([&](sql::Connection& c) { return create_tenant(c, "other", now()); }).id;
  store.run([&](sql::Connection& c) {
    EXPECT_TRUE(list_runs(c, stranger, {.workflow = workflow}, {}).empty());
    EXPECT_EQ(total_of_runs(c, stranger, {.status = "queued"}, 10).runs, 0);
    return true;
  });
}

TEST_F(RunList, ATotalIsCountedUpToAMark) {
  for (int n = 0; n < 5; ++n) given_run();
  const auto marked = total_of({.workflow = workflow}, 4);
  EXPECT_EQ(marked.runs, 4);
  EXPECT_TRUE(marked.is_at_least);
  const auto whole = total_of({.status = "queued"}, 10);
  EXPECT_EQ(whole.runs, 5);
  EXPECT_FALSE(whole.is_at_least);
}

TEST_F(RunList, RunsAreCountedByTheirState) {
  auto done = given_run();
  auto failed = given_run();
  auto waits = given_run();
  given_run();
  becomes(done, "running");
  becomes(done, "completed");
  becomes(failed, "failed");
  becomes(waits, "waiting");
  const auto by_state = counts();
  EXPECT_EQ(to_json(by_state),
            Json({{"queued", 1}, {"running", 0}, {"waiting", 1}, {"completed", 1}, {"failed", 1}, {"cancelled", 0}}));
  EXPECT_EQ(total_of({.status = "completed"}).runs, 1);
  EXPECT_EQ(total_of({}).runs, 4);
}

TEST_F(RunList, AnEndIsCountedOnceWhoeverBringsIt) {
  auto run = given_run();
  const Complaint why{.code = "cancelled", .words = "cancelled by Jo"};
  store.run([&](sql::Connection& c) {
    EXPECT_TRUE(cancel_run(c, store.tenant, run.id, why, now()));
    EXPECT_FALSE(cancel_run(c, store.tenant, run.id, why, now()));
    run.status = "completed";
    run.ended_at = now();
    EXPECT_FALSE(advance_run(c, run, now())) << "a worker that had it in hand";
    return true;
  });
  EXPECT_EQ(counts().cancelled, 1);
  EXPECT_EQ(counts().completed, 0);
  EXPECT_EQ(counts().queued, 0);
}

TEST_F(RunList, AnErasedContactsRunsAreCountedNoMore) {
  auto ended = given_run();
  becomes(ended, "completed");
  given_run();
  const auto stays = given(queued(given_conversation("15550002")));
  store.run([&](sql::Connection& c) {
    c.run(
        "INSERT INTO node_count (tenant_id, workflow_id, node_id, subject, began_at, ends_at, count) VALUES ($1, $2, "
        "'n', $3, 1, 2, 1)",
        {store.tenant, workflow, talk.contact});
    EXPECT_TRUE(delete_contact(c, store.tenant, talk.contact, now()));
    return true;
  });
  EXPECT_EQ(found({}), Ids{stays.id});
  EXPECT_EQ(total("runs"), 1);
  EXPECT_EQ(total("runs.completed"), 0);
  EXPECT_EQ(store.number("SELECT count(*) FROM node_count"), 0);
}

TEST_F(RunList, AMergeTakesRunsAndCountsAlong) {
  const auto lost = given_conversation("15550002");
  auto waits = given(queued(lost));
  becomes(waits, "waiting");
  auto own = given_run();
  becomes(own, "waiting");
  const auto counted = [&](ContactId subject, std::int64_t ends, std::int64_t n) {
    store.run([&](sql::Connection& c) {
      c.run(
          "INSERT INTO node_count (tenant_id, workflow_id, node_id, subject, began_at, ends_at, count) VALUES ($1, $2, "
          "'n', $3, 1, $4, $5)",
          {store.tenant, workflow, subject, ends, n});
      return true;
    });
  };
  counted(talk.contact, 500, 2);
  counted(lost.contact, 700, 3);
  store.run([&](sql::Connection& c) {
    merge_contacts(c, {.tenant = store.tenant, .survivor = talk.contact, .lost = lost.contact}, now());
    return true;
  });
  EXPECT_EQ(found({.status = "waiting", .contact = talk.contact}).size(), 2U);
  store.run([&](sql::Connection& c) {
    EXPECT_EQ(waiting_runs(c, store.tenant, talk.id).size(), 2U);
    return true;
  });
  EXPECT_EQ(store.number("SELECT count(*) FROM node_count"), 1);
  EXPECT_EQ(store.number("SELECT count FROM node_count"), 5);
  EXPECT_EQ(store.number("SELECT ends_at FROM node_count"), 700);
}

TEST_F(RunList, AMergedConversationThatMovesWholeTakesItsRuns) {
  const auto lost = given_conversation("15550002");
  const auto bare = store.run([&](sql::Connection& c) {
    return create_contact(c, {.tenant = store.tenant}, {{.kind = AliasKind::Bsuid, .value = "US.1"}}, now());
  });
  const auto run = given(queued(lost));
  store.run([&](sql::Connection& c) {
    merge_contacts(c, {.tenant = store.tenant, .survivor = bare.id, .lost = lost.contact}, now());
    return true;
  });
  EXPECT_EQ(found({.contact = bare.id}), Ids{run.id});
}

}  // namespace
}  // namespace waypost::store
