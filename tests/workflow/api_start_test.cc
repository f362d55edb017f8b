#include "workflow/api_start.h"

#include <gmock/gmock.h>

#include "tests/workflow/workshop.h"
#include "workflow/replay.h"

namespace waypost::workflow {
namespace {

using namespace waypost::test;  // NOLINT(google-build-using-namespace): the fixture's words

Json called_by_api(const Json& config = Json::object()) {
  return {{"nodes", {node("t", "trigger.api", config), node("e", "logic.end")}},
          {"edges", {edge("t", "e")}},
          {"entry", "t"}};
}

class ApiStartOf : public testing::Test {
 protected:
  Result<ApiStarted> start(WorkflowId id, const Json& data = Json::object()) { return start_in(shop.tenant, id, data); }
  Result<ApiStarted> start_in(TenantId tenant, WorkflowId id, const Json& data) {
    return shop.inner->write_and_wait(1, [&, tenant, id](sql::Connection& c) -> Result<ApiStarted> {
      auto workflow = callable_workflow(c, tenant, id, data);
      if (!workflow) return fail(std::move(workflow).error());
      return start_by_api(
          c, {.tenant = tenant, .workflow = *std::move(workflow), .conversation = shop.conversation, .data = data},
          shop.now());
    });
  }
  std::string code_of(const Result<ApiStarted>& refused) {
    EXPECT_FALSE(refused.has_value());
    return refused ? "" : refused.error().code();
  }

  Workshop shop;
};

TEST_F(ApiStartOf, ACallQueuesARunWithItsData) {
  const auto id = shop.given_published(called_by_api());
  const auto started = start(id, {{"orderId", 17}});
  ASSERT_TRUE(started.has_value()) << started.error().words();
  EXPECT_EQ(started->signal.queue, QueueName::Runs);
  EXPECT_EQ(started->signal.key, shop.key());
  const auto run = shop.runs().at(0);
  EXPECT_EQ(run.id, started->run.id);
  EXPECT_EQ(run.status, "queued");
  EXPECT_EQ(run.version, 1);
  EXPECT_EQ(run.message, std::nullopt);
  EXPECT_EQ(run.contact, shop.contact);
  EXPECT_EQ(run.due_at, shop.now());
  EXPECT_EQ(run.state, Json({{"trigger", {{"data", {{"orderId", 17}}}}}}));
}

TEST_F(ApiStartOf, CallsAreManyRuns) {
  const auto id = shop.given_published(called_by_api());
  ASSERT_TRUE(start(id).has_value());
  ASSERT_TRUE(start(id).has_value());
  EXPECT_EQ(shop.runs().size(), 2U);
}

TEST_F(ApiStartOf, ItExecutesWhatIsPublishedNow) {
  const auto id = shop.given_published(called_by_api());
  shop.redraw(id, called_by_api({{"variables", Json::array()}}));
  shop.publish(id);
  EXPECT_EQ(start(id)->run.version, 2);
}

TEST_F(ApiStartOf, OnlyAPublishedWorkflowOfThatTriggerIsStarted) {
  EXPECT_EQ(code_of(start(shop.given_workflow(called_by_api()))), "not_published");
  EXPECT_EQ(code_of(start(shop.given_published(echo()))), "not_api_trigger");
  const auto deleted = shop.given_published(called_by_api());
  shop.given([&](sql::Connection& c) { return delete_workflow(c, shop.tenant, deleted, shop.now()); });
  EXPECT_EQ(start(deleted).error().kind(), ErrorKind::NotFound);
  EXPECT_EQ(start(WorkflowId::make(shop.now())).error().kind(), ErrorKind::NotFound);
  const auto theirs = shop.given([&](sql::Connection& c) { return store::create_tenant(c, "Other", shop.now()).id; });
  const auto mine = shop.given_published(called_by_api());
  EXPECT_EQ(start_in(theirs, mine, Json::object()).error().kind(), ErrorKind::NotFound);
  EXPECT_TRUE(shop.runs().empty());
}

TEST_F(ApiStartOf, RequiredVariablesMustBeThere) {
  const Json config{{"variables",
                     {{{"name", "orderId"}, {"required", true}},
                      {{"name", "city"}, {"required", true}},
                      {{"name", "note"}, {"required", false}},
                      {{"name", "colour"}}}}};
  const auto id = shop.given_published(called_by_api(config));
  const auto refused = start(id, {{"city", nullptr}});
  EXPECT_EQ(code_of(refused), "missing_variables");
  EXPECT_THAT(refused.error().fields(),
              testing::ElementsAre(FieldError{"data.orderId", "is required"}, FieldError{"data.city", "is required"}));
  EXPECT_TRUE(start(id, {{"orderId", 0}, {"city", ""}, {"more", 1}}).has_value());
}

TEST_F(ApiStartOf, AContactsMinuteHoldsSoManyRuns) {
  const auto id = shop.given_published(called_by_api());
  for (int n = 0; n < 30; ++n) ASSERT_TRUE(start(id).has_value());
  const auto refused = start(id);
  ASSERT_EQ(code_of(refused), "too_many_runs");
  EXPECT_EQ(refused.error().kind(), ErrorKind::RateLimited);
  EXPECT_EQ(shop.runs().size(), 30U);
  shop.pass(std::chrono::minutes(1));
  EXPECT_TRUE(start(id).has_value());
}

TEST_F(ApiStartOf, AnOptedOutContactIsLeftAlone) {
  const auto id = shop.given_published(called_by_api());
  auto contact = shop.customer();
  contact.opted_out = true;
  shop.change(contact);
  EXPECT_EQ(code_of(start(id)), "opted_out");
  EXPECT_TRUE(shop.runs().empty());
}

}  // namespace
}  // namespace waypost::workflow
