#include "workflow/exchange.h"

#include "tests/workflow/workshop.h"
#include "workflow/graph.h"

namespace waypost::workflow {
namespace {

using namespace waypost::test;  // NOLINT(google-build-using-namespace): the fixture's words

class Exchange : public testing::Test {
 protected:
  Result<store::Workflow> take(const Json& file) {
    return shop.inner->write_and_wait(
        1, [&](sql::Connection& c) { return import_workflow(c, shop.tenant, file, shop.now()); });
  }
  Texts paths_of(const Json& file) {
    const auto taken = take(file);
    EXPECT_FALSE(taken.has_value()) << file;
    Texts paths;
    if (taken) return paths;
    EXPECT_EQ(taken.error().kind(), ErrorKind::InvalidInput);
    for (const auto& field : taken.error().fields()) paths.push_back(field.path);
    return paths;
  }
  static Json file() {
    return {{"waypost", "workflow"}, {"version", 1}, {"name", "Greeting"}, {"priority", 7}, {"graph", echo()}};
  }

  Workshop shop;
};

TEST_F(Exchange, WhatIsExportedIsTakenInAsADraft) {
  const auto id = shop.given_workflow(echo(), 7);
  const auto original =
      shop.given([&](sql::Connection& c) { return store::find_workflow(c, shop.tenant, id).value(); });
  EXPECT_EQ(exported(original), file());
  const auto taken = take(exported(original));
  ASSERT_TRUE(taken.has_value());
  EXPECT_NE(taken->id, id);
  EXPECT_EQ(taken->name, "Greeting");
  EXPECT_EQ(taken->priority, 7);
  EXPECT_EQ(taken->draft, echo());
  EXPECT_EQ(taken->published_version, std::nullopt);
  EXPECT_EQ(exported(*taken), file());
}

TEST_F(Exchange, ADraftMayBeUnfinishedAndItsPriorityLeftOut) {
  Json unfinished = file();
  unfinished["graph"] = {{"nodes", Json::array()}, {"edges", Json::array()}};
  unfinished.erase("priority");
  const auto taken = take(unfinished);
  ASSERT_TRUE(taken.has_value());
  EXPECT_EQ(taken->priority, 0);
}

TEST_F(Exchange, EveryFaultIsNamedAtOnce) {
  EXPECT_EQ(paths_of(Json::object()), (Texts{"waypost", "version", "name", "graph"}));
  EXPECT_EQ(paths_of({{"waypost", 1}, {"version", "1"}, {"name", 3}, {"priority", "high"}, {"graph", 5}}),
            (Texts{"waypost", "version", "name", "priority", "graph"}));
}

TEST_F(Exchange, EachMemberIsChecked) {
  const auto with = [](const char* key, Json value) {
    Json changed = file();
    changed[key] = std::move(value);
    return changed;
  };
  EXPECT_EQ(paths_of(with("version", 2)), Texts{"version"});
  EXPECT_EQ(paths_of(with("name", " ")), Texts{"name"});
  EXPECT_EQ(paths_of(with("name", std::string(201, 'x'))), Texts{"name"});
  EXPECT_EQ(paths_of(with("priority", 1'000'001)), Texts{"priority"});
  EXPECT_EQ(paths_of(with("priority", 1.5)), Texts{"priority"});
  EXPECT_EQ(paths_of(with("graph", {{"nodes", 1}, {"edges", Json::array()}})), Texts{"graph.nodes"});
  EXPECT_EQ(paths_of(with("graph", {{"nodes", Json(kDraftNodes + 1, Json::object())}, {"edges", Json::array()}})),
            Texts{"graph.nodes"});
  EXPECT_TRUE(shop.given([&](sql::Connection& c) { return store::list_workflows(c, shop.tenant); }).empty());
}

}  // namespace
}  // namespace waypost::workflow
