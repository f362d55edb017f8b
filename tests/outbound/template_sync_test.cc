#include "outbound/template_sync.h"

#include <gmock/gmock.h>

#include "outbound/template_row.h"
#include "store/templates.h"
#include "tests/outbound/stage.h"

namespace waypost::test {
namespace {

using std::chrono::hours;
using testing::ElementsAre;

class TemplateSyncTest : public Stage {
 protected:
  TemplateSyncTest() {
    templates = std::make_unique<TemplateSync>(TemplateSyncParts{.database = database.get(),
                                                                 .graph = &graph,
                                                                 .clock = &clock,
                                                                 .keyring = &keyring,
                                                                 .first_pause = milliseconds(1)});
  }
  static Json listed(const char* name, const char* status = "APPROVED") {
    return {{"id", std::string("m-") + name},
            {"name", name},
            {"language", "en_US"},
            {"category", "UTILITY"},
            {"status", status},
            {"parameter_format", "POSITIONAL"},
            {"quality_score", {{"score", "GREEN"}}},
            {"rejected_reason", "NONE"},
            {"components", Json::array({{{"type", "BODY"}, {"text", "Hi {{1}}"}}})}};
  }
  Result<SyncedTemplates> sync() { return loop.wait(templates->sync(channel())); }
  std::vector<std::string> known() {
    std::vector<std::string> names;
    const auto rows = in_store([&](sql::Connection& connection) { return store::list_templates(connection, tenant); });
    for (const auto& row : rows) names.push_back(row.name + " " + row.status);
    return names;
  }

  std::unique_ptr<TemplateSync> templates;
};

TEST_F(TemplateSyncTest, ReadsAllPages) {
  graph.pages = {TemplatePage{.templates = {listed("a"), listed("b")}, .after = "c1"},
                 TemplatePage{.templates = {listed("c", "PAUSED")}, .after = "c2"}, TemplatePage{}};
  const auto synced = sync();
  ASSERT_TRUE(synced.has_value());
  EXPECT_EQ(synced->listed, 3U);
  EXPECT_EQ(synced->changed, 3U);
  EXPECT_THAT(graph.listed_behind, ElementsAre("", "c1", "c2"));
  EXPECT_THAT(known(), ElementsAre("a APPROVED", "b APPROVED", "c PAUSED"));
  EXPECT_EQ(channel().templates_synced_at, clock.now());
  EXPECT_EQ(events("template.updated"), 3);
}

TEST_F(TemplateSyncTest, ChangesAreToldAndWhatIsNoLongerListedIsDeleted) {
  graph.pages = {TemplatePage{.templates = {listed("a"), listed("b"), listed("c")}}};
  ASSERT_TRUE(sync().has_value());
  pass(hours(24));
  graph.pages = {TemplatePage{.templates = {listed("a"), listed("b", "REJECTED")}}};
  const auto synced = sync();
  ASSERT_TRUE(synced.has_value());
  EXPECT_EQ(synced->changed, 1U);
  EXPECT_EQ(synced->deleted, 1U);
  EXPECT_THAT(known(), ElementsAre("a APPROVED", "b REJECTED", "c DELETED"));
  EXPECT_EQ(events("template.updated"), 5);
}

TEST_F(TemplateSyncTest, APageIsTriedAgainWhenItsErrorMayPass) {
  graph.pages = {fail(ErrorKind::Unavailable, "503"), TemplatePage{.templates = {listed("a")}}};
  EXPECT_TRUE(sync().has_value());
  EXPECT_THAT(known(), ElementsAre("a APPROVED"));
}

// Meta counts an account's requests by the hour: to ask on would only prolong it.
TEST_F(TemplateSyncTest, AnAccountThatIsAskedTooOftenIsLeftAlone) {
  const auto limited = [&] { graph.pages.emplace_back(fail(ErrorKind::RateLimited, "80007")); };
  limited();
  EXPECT_EQ(sync().error().kind(), ErrorKind::RateLimited);
  EXPECT_EQ(sync().error().kind(), ErrorKind::RateLimited);
  EXPECT_EQ(graph.listed_behind.size(), 1U);
  pass(std::chrono::minutes(1));
  limited();
  EXPECT_FALSE(sync().has_value());
  EXPECT_EQ(graph.listed_behind.size(), 2U);
  pass(std::chrono::minutes(1));
  loop.wait(templates->sync_due(hours(24)));
  EXPECT_EQ(graph.listed_behind.size(), 2U);
  pass(std::chrono::minutes(1));
  graph.pages.emplace_back(TemplatePage{.templates = {listed("a")}});
  EXPECT_TRUE(sync().has_value());
}

TEST_F(TemplateSyncTest, AnExpiredCursorBeginsAnew) {
  graph.pages = {TemplatePage{.templates = {listed("a")}, .after = "c1"}, fail(ErrorKind::Conflict, "131059"),
                 TemplatePage{.templates = {listed("a")}, .after = "c2"}, TemplatePage{.templates = {listed("b")}}};
  EXPECT_TRUE(sync().has_value());
  EXPECT_THAT(graph.listed_behind, ElementsAre("", "c1", "", "c2"));
  EXPECT_THAT(known(), ElementsAre("a APPROVED", "b APPROVED"));
}

TEST_F(TemplateSyncTest, AListThatAlwaysExpiresEnds) {
  for (int n = 0; n < 10; ++n) {
    graph.pages.emplace_back(TemplatePage{.templates = {listed("a")}, .after = "c1"});
    graph.pages.emplace_back(fail(ErrorKind::Conflict, "131059"));
  }
  EXPECT_EQ(sync().error().kind(), ErrorKind::Conflict);
  EXPECT_EQ(graph.listed_behind.size(), 6U);
}

// A list that broke off says nothing about what it did not come to.
TEST_F(TemplateSyncTest, ABrokenListDeletesNothing) {
  graph.pages = {TemplatePage{.templates = {listed("a"), listed("b")}}};
  ASSERT_TRUE(sync().has_value());
  pass(hours(24));
  graph.pages = {TemplatePage{.templates = {listed("a", "PAUSED")}, .after = "c1"},
                 fail(ErrorKind::Unauthorised, "190")};
  const auto synced = sync();
  EXPECT_EQ(synced.error().kind(), ErrorKind::Unauthorised);
  EXPECT_THAT(known(), ElementsAre("a PAUSED", "b APPROVED"));
}

TEST_F(TemplateSyncTest, AnOlderListingOverwritesNothing) {
  const auto newer = *template_row(channel(), listed("a", "PAUSED"), clock.now());
  const auto older = *template_row(channel(), listed("a"), clock.now() - seconds(1));
  in_store([&](sql::Connection& connection) { return store::upsert_template(connection, newer, clock.now()); });
  in_store([&](sql::Connection& connection) { return store::upsert_template(connection, older, clock.now()); });
  EXPECT_THAT(known(), ElementsAre("a PAUSED"));
}

TEST_F(TemplateSyncTest, SyncsWhatIsDueOnly) {
  graph.pages = {TemplatePage{.templates = {listed("a")}}};
  loop.wait(templates->sync_due(hours(24)));
  loop.wait(templates->sync_due(hours(24)));
  EXPECT_EQ(graph.listed_behind.size(), 1U);
  pass(hours(24));
  graph.pages = {TemplatePage{.templates = {listed("a")}}};
  loop.wait(templates->sync_due(hours(24)));
  EXPECT_EQ(graph.listed_behind.size(), 2U);
}

TEST_F(TemplateSyncTest, AnEntryThatCannotBeReadIsLeftOut) {
  graph.pages = {TemplatePage{.templates = {Json{{"name", 7}}, Json::object(), listed("a")}}};
  EXPECT_EQ(sync()->listed, 1U);
}

TEST_F(TemplateSyncTest, ShowsATemplateAsTheApiDoes) {
  graph.pages = {TemplatePage{.templates = {listed("a")}}};
  ASSERT_TRUE(sync().has_value());
  const auto shown = store::to_json(
      in_store([&](sql::Connection& connection) { return store::list_templates(connection, tenant); }).front());
  EXPECT_EQ(shown["name"], "a");
  EXPECT_EQ(shown["quality"], "GREEN");
  EXPECT_EQ(shown["rejectedReason"], Json());
  EXPECT_EQ(shown["wabaId"], "waba");
  EXPECT_EQ(shown["metaId"], "m-a");
  EXPECT_EQ(shown["syncedAt"], iso8601(clock.now()));
}

}  // namespace
}  // namespace waypost::test
