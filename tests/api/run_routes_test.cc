#include "store/counters.h"
#include "store/run_counts.h"
#include "store/runs.h"
#include "store/workflows.h"
#include "tests/api/api_fixture.h"
#include "workflow/catalogue.h"

namespace waypost::test {
namespace {

using Ids = std::vector<std::string>;

class RunRoutes : public ApiTest {
 protected:
  RunRoutes() : tenant_(given_workspace()), admin_(as_admin(tenant_)), talk_(given_conversation(tenant_)) {
    workflow_ = given_published();
  }
  WorkflowId given_published() {
    return write([&](sql::Connection& c) -> Result<WorkflowId> {
      auto made = workflow::create_workflow(c, tenant_, "Greeting", clock_.now());
      if (!made) return fail(made.error());
      auto published = workflow::publish_workflow(c, {.tenant = tenant_, .workflow = made->id}, clock_.now());
      if (!published) return fail(published.error());
      return made->id;
    });
  }
  store::Run given_run(const std::string& status = "queued", const std::optional<store::Conversation>& with = {}) {
    const auto& talk = with ? *with : talk_;
    store::Run run{.tenant = tenant_,
                   .id = RunId::make(clock_.now()),
                   .workflow = workflow_,
                   .version = 1,
                   .conversation = talk.id,
                   .contact = talk.contact,
                   .channel = talk.channel,
                   .state = {{"trigger", {{"data", Json::object()}}}},
                   .created_at = clock_.now(),
                   .updated_at = clock_.now()};
    write([&](sql::Connection& c) {
      EXPECT_TRUE(store::insert_run(c, run));
      run.status = status;
      if (store::is_final_run_status(status)) run.ended_at = clock_.now();
      if (status != "queued") EXPECT_TRUE(store::advance_run(c, run, clock_.now()));
    });
    return run;
  }
  Ids listed(const std::string& query) {
    const auto answer = ask("GET", "/api/runs" + query, admin_);
    EXPECT_EQ(answer.status, 200) << answer.body;
    Ids ids;
    for (const auto& item : answer.json["items"]) ids.push_back(item["id"]);
    return ids;
  }
  Answer cancel(const store::Run& run, const HeaderList& who) {
    return ask("POST", "/api/runs/" + run.id.text() + "/cancel", who, Json::object());
  }
  Answer replay(const store::Run& run, const Json& body) {
    return ask("POST", "/api/runs/" + run.id.text() + "/replay", admin_, body);
  }

  TenantId tenant_;
  HeaderList admin_;
  store::Conversation talk_;
  WorkflowId workflow_{};
};

TEST_F(RunRoutes, AListIsFiltered) {
  const auto queued = given_run();
  clock_.pass(seconds(1));
  const auto done = given_run("completed");
  const auto other = given_conversation(tenant_);
  clock_.pass(seconds(1));
  const auto theirs = given_run("waiting", other);
  EXPECT_EQ(listed(""), (Ids{theirs.id.text(), done.id.text(), queued.id.text()}));
  EXPECT_EQ(listed("?status=all").size(), 3U);
  EXPECT_EQ(listed("?status=completed"), Ids{done.id.text()});
  EXPECT_EQ(listed("?contactId=" + other.contact.text()), Ids{theirs.id.text()});
  EXPECT_EQ(listed("?workflowId=" + workflow_.text() + "&version=1").size(), 3U);
  EXPECT_TRUE(listed("?version=2").empty());
  EXPECT_TRUE(listed("?workflowId=" + Uuid{}.text()).empty());
  EXPECT_EQ(listed("?from=" + iso8601(done.created_at) + "&to=" + iso8601(theirs.created_at)), Ids{done.id.text()});
  EXPECT_EQ(listed("?limit=1&offset=1"), Ids{done.id.text()});
}

TEST_F(RunRoutes, ATotalSaysWhetherItIsWhole) {
  given_run();
  given_run("completed");
  const auto whole = ask("GET", "/api/runs", admin_);
  EXPECT_EQ(whole.json["total"], 2);
  EXPECT_FALSE(whole.json.contains("totalIsAtLeast"));
  const auto filtered = ask("GET", "/api/runs?status=queued", admin_);
  EXPECT_EQ(filtered.json["total"], 1);
  EXPECT_EQ(filtered.json["totalIsAtLeast"], false);
  EXPECT_EQ(ask("GET", "/api/runs?status=completed", admin_).json["total"], 1);
}

TEST_F(RunRoutes, ABadFilterIsNamed) {
  const std::vector<std::pair<std::string, std::string>> wrong{
      {"status=done", "status"},    {"workflowId=7", "workflowId"}, {"version=one", "version"},
      {"contactId=x", "contactId"}, {"from=yesterday", "from"},     {"to=2026-13-01T00:00:00Z", "to"},
      {"version=-1", "version"},    {"limit=0", "limit"},           {"offset=10001", "offset"}};
  for (const auto& [query, path] : wrong) {
    const auto answer = ask("GET", "/api/runs?" + query, admin_);
    EXPECT_EQ(answer.status, 400) << query;
    EXPECT_EQ(answer.json["details"][0]["path"], path) << answer.body;
  }
}

TEST_F(RunRoutes, CountsAreByState) {
  given_run();
  given_run("waiting");
  given_run("failed");
  const auto answer = ask("GET", "/api/runs/counts", admin_);
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.json,
            Json({{"queued", 1}, {"running", 0}, {"waiting", 1}, {"completed", 0}, {"failed", 1}, {"cancelled", 0}}));
  EXPECT_EQ(ask("GET", "/api/runs/counts", as_agent(tenant_)).status, 200);
  const auto other = given_workspace("Other");
  EXPECT_EQ(ask("GET", "/api/runs/counts", as_admin(other)).json["queued"], 0);
}

TEST_F(RunRoutes, ARunIsCancelledOnce) {
  const auto run = given_run("waiting");
  EXPECT_EQ(cancel(run, as_agent(tenant_)).status, 403);
  EXPECT_EQ(cancel(run, as_admin(given_workspace("Other"))).status, 404);
  const auto answer = cancel(run, admin_);
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.json["ok"], true);
  EXPECT_EQ(answer.json["status"], "cancelled");
  EXPECT_EQ(answer.json["error"], Json({{"code", "cancelled"}, {"message", "cancelled by Someone"}}));
  EXPECT_EQ(answer.json["endedAt"], iso8601(clock_.now()));
  ASSERT_EQ(signals_.offered.size(), 1U) << "what waited for its end goes on";
  EXPECT_EQ(signals_.offered[0].queue, QueueName::Runs);
  EXPECT_EQ(signals_.offered[0].key.key, talk_.id);
  const auto again = cancel(run, admin_);
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.json["code"], "run_ended");
  EXPECT_EQ(ask("GET", "/api/runs/counts", admin_).json["cancelled"], 1);
  EXPECT_EQ(signals_.offered.size(), 1U);
}

TEST_F(RunRoutes, ARunThatHasEndedIsNotCancelled) {
  const auto answer = cancel(given_run("completed"), admin_);
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(answer.json["code"], "run_ended");
}

TEST_F(RunRoutes, AReplayTakesTheVersionThatIsAskedFor) {
  const auto run = given_run("completed");
  write([&](sql::Connection& c) {
    return workflow::publish_workflow(c, {.tenant = tenant_, .workflow = workflow_}, clock_.now());
  });
  const auto version_of = [&](const Answer& answer) {
    EXPECT_EQ(answer.status, 200) << answer.body;
    return ask("GET", "/api/runs/" + answer.json.value("jobId", ""), admin_).json["workflowVersion"];
  };
  EXPECT_EQ(version_of(replay(run, Json::object())), 1);
  EXPECT_EQ(version_of(replay(run, {{"version", "original"}})), 1);
  EXPECT_EQ(version_of(replay(run, {{"version", "latest"}})), 2);
  EXPECT_EQ(signals_.offered.size(), 3U);
  for (const Json& version : {Json("newest"), Json(2)}) {
    const auto refused = replay(run, {{"version", version}});
    EXPECT_EQ(refused.status, 400) << version;
    EXPECT_EQ(refused.json["details"][0]["path"], "version");
  }
  write([&](sql::Connection& c) { return workflow::unpublish_workflow(c, tenant_, workflow_, clock_.now()); });
  const auto refused = replay(run, {{"version", "latest"}});
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(refused.json["code"], "not_replayable");
}

}  // namespace
}  // namespace waypost::test
