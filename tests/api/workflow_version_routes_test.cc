#include <set>

#include "tests/api/api_fixture.h"
#include "workflow/graph.h"
#include "workflow/node_family.h"

namespace waypost::test {
namespace {

class WorkflowVersions : public ApiTest {
 protected:
  WorkflowVersions() : tenant_(given_workspace()), admin_(as_admin(tenant_)) {
    path_ =
        "/api/workflows/" + ask("POST", "/api/workflows", admin_, {{"name", "Greeting"}}).json["id"].get<std::string>();
  }
  // Publishes what says `text`.
  void publish(const std::string& text) {
    EXPECT_EQ(ask("PUT", path_ + "/draft", admin_, {{"draftGraph", saying(text)}}).status, 200);
    const auto answer = ask("POST", path_ + "/publish", admin_, Json::object());
    EXPECT_EQ(answer.status, 200) << answer.body;
  }
  static Json saying(const std::string& text) {
    return {{"nodes",
             {{{"id", "t"}, {"type", "trigger.inbound_message"}},
              {{"id", "m"}, {"type", "wa.send_message"}, {"data", {{"body", text}}}}}},
            {"edges", {{{"source", "t"}, {"target", "m"}}}},
            {"entry", "t"}};
  }
  Answer restore(const std::string& version, const HeaderList& who) {
    return ask("POST", path_ + "/versions/" + version + "/restore", who, Json::object());
  }
  HeaderList as_stranger() { return as_admin(given_workspace("Other")); }

  TenantId tenant_;
  HeaderList admin_;
  std::string path_{};
};

TEST_F(WorkflowVersions, AreListedNewestFirst) {
  EXPECT_EQ(ask("GET", path_ + "/versions", admin_).json, Json({{"items", Json::array()}, {"total", 0}}));
  publish("one");
  publish("two");
  const auto answer = ask("GET", path_ + "/versions", as_agent(tenant_));
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.json["total"], 2);
  ASSERT_EQ(answer.json["items"].size(), 2U);
  const auto& newest = answer.json["items"][0];
  EXPECT_EQ(newest["version"], 2);
  EXPECT_EQ(newest["isPublished"], true);
  EXPECT_EQ(newest["publishedAt"], iso8601(clock_.now()));
  EXPECT_TRUE(newest["publishedBy"].is_string());
  EXPECT_EQ(answer.json["items"][1]["isPublished"], false);
  EXPECT_EQ(ask("GET", path_ + "/versions?limit=1&offset=1", admin_).json["items"][0]["version"], 1);
  EXPECT_EQ(ask("GET", path_ + "/versions?limit=none", admin_).status, 400);
  EXPECT_EQ(ask("GET", path_ + "/versions", as_stranger()).status, 404);
}

TEST_F(WorkflowVersions, OneIsShownWithItsGraph) {
  publish("one");
  publish("two");
  const auto answer = ask("GET", path_ + "/versions/1", admin_);
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.json["version"], 1);
  EXPECT_EQ(answer.json["graph"], saying("one"));
  for (const auto* version : {"0", "3", "one", "1.5", "99999999999999999999", "-1"})
    EXPECT_EQ(ask("GET", path_ + "/versions/" + version, admin_).status, 404) << version;
  EXPECT_EQ(ask("GET", path_ + "/versions/1", as_stranger()).status, 404);
}

TEST_F(WorkflowVersions, OneBecomesTheDraftAgain) {
  publish("one");
  publish("two");
  const auto answer = restore("1", as_agent(tenant_));
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.json["draftGraph"], saying("one"));
  EXPECT_EQ(answer.json["publishedVersion"], 2);
  EXPECT_EQ(answer.json["hasUnpublishedChanges"], true);
  EXPECT_EQ(ask("GET", path_, admin_).json["draftGraph"], saying("one"));
  EXPECT_EQ(restore("7", admin_).status, 404);
  EXPECT_EQ(restore("x", admin_).status, 404);
  EXPECT_EQ(restore("1", as_stranger()).status, 404);
}

TEST_F(WorkflowVersions, UnpublishingIsForAdmins) {
  publish("one");
  const auto unpublish = [&](const HeaderList& who) { return ask("POST", path_ + "/unpublish", who, Json::object()); };
  EXPECT_EQ(unpublish(as_agent(tenant_)).status, 403);
  EXPECT_EQ(unpublish(as_stranger()).status, 404);
  const auto answer = unpublish(admin_);
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.json["ok"], true);
  EXPECT_EQ(answer.json["status"], "draft");
  EXPECT_EQ(answer.json["publishedVersion"], Json());
  EXPECT_EQ(ask("GET", path_ + "/versions/1", admin_).json["isPublished"], false);
  EXPECT_EQ(unpublish(admin_).status, 200);
}

TEST_F(WorkflowVersions, AFileGoesOutAndComesInAgain) {
  publish("one");
  const auto file = ask("GET", path_ + "/export", as_agent(tenant_));
  ASSERT_EQ(file.status, 200) << file.body;
  EXPECT_EQ(
      file.json,
      Json({{"waypost", "workflow"}, {"version", 1}, {"name", "Greeting"}, {"priority", 0}, {"graph", saying("one")}}));
  EXPECT_EQ(ask("GET", path_ + "/export", as_stranger()).status, 404);
  const auto other = given_workspace("Branch");
  const auto taken = ask("POST", "/api/workflows/import", as_agent(other), file.json);
  ASSERT_EQ(taken.status, 201) << taken.body;
  EXPECT_EQ(taken.json["status"], "draft");
  EXPECT_EQ(taken.json["draftGraph"], saying("one"));
  const std::string there = "/api/workflows/" + taken.json["id"].get<std::string>();
  EXPECT_EQ(ask("POST", there + "/publish", as_admin(other), Json::object()).status, 200);
}

TEST_F(WorkflowVersions, WhatIsNoSuchFileIsRefusedWithEveryFault) {
  const auto answer = ask("POST", "/api/workflows/import", admin_, {{"name", 1}, {"graph", Json::array()}});
  EXPECT_EQ(answer.status, 400) << answer.body;
  std::set<std::string> paths;
  for (const auto& detail : answer.json["details"]) paths.insert(detail["path"]);
  EXPECT_EQ(paths, (std::set<std::string>{"waypost", "version", "name", "graph"}));
  EXPECT_EQ(ask("POST", "/api/workflows/import", admin_, Json::array()).status, 400);
  EXPECT_EQ(rows_of("workflow"), 1);
}

TEST_F(WorkflowVersions, AnEditorIsToldOfEveryTypeOfNode) {
  const auto answer = ask("GET", "/api/node-types", as_agent(tenant_));
  ASSERT_EQ(answer.status, 200) << answer.body;
  ASSERT_EQ(answer.json["items"].size(), workflow::all_families().size());
  std::set<std::string> types;
  for (const auto& item : answer.json["items"]) {
    types.insert(item["type"]);
    EXPECT_FALSE(item["label"].get<std::string>().empty()) << item;
    EXPECT_FALSE(item["description"].get<std::string>().empty()) << item;
    EXPECT_TRUE(item["handles"].is_array()) << item;
    EXPECT_TRUE(item["schema"].is_object()) << item;
    EXPECT_TRUE(item["waits"].is_boolean()) << item;
  }
  EXPECT_EQ(types.size(), answer.json["items"].size()) << "each once";
  EXPECT_EQ(answer.json["items"][0]["type"], "trigger.inbound_message");
  EXPECT_EQ(answer.json["items"][0]["kind"], "trigger");
  EXPECT_EQ(answer.json["items"][0]["handles"], Json::array({"out"}));
  EXPECT_EQ(ask("GET", "/api/node-types").status, 401);
}

}  // namespace
}  // namespace waypost::test
