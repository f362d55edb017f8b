#include "workflow/catalogue.h"

#include "store/workflow_versions.h"
#include "tests/workflow/workshop.h"

namespace waypost::workflow {
namespace {

using namespace waypost::test;  // NOLINT(google-build-using-namespace): the fixture's words

class Catalogue : public testing::Test {
 protected:
  Result<store::Workflow> create(const std::string& name) {
    return shop.inner->write_and_wait(
        1, [&](sql::Connection& c) { return create_workflow(c, shop.tenant, name, shop.now()); });
  }
  Result<store::Workflow> save(WorkflowId id, const Json& drawn) {
    return shop.inner->write_and_wait(
        1, [&](sql::Connection& c) { return save_draft(c, shop.tenant, id, drawn, shop.now()); });
  }
  Result<store::Workflow> publish(WorkflowId id, TenantId tenant) {
    return shop.inner->write_and_wait(
        1, [&](sql::Connection& c) { return publish_workflow(c, {.tenant = tenant, .workflow = id}, shop.now()); });
  }
  std::optional<store::Workflow> found(WorkflowId id) {
    return shop.given([&](sql::Connection& c) { return store::find_workflow(c, shop.tenant, id); });
  }

  Workshop shop;
};

TEST_F(Catalogue, ANewWorkflowCanBePublishedAsItIs) {
  const auto made = create("  My New Workflow ");
  ASSERT_TRUE(made.has_value());
  const auto json = store::to_json(*made);
  EXPECT_EQ(json.at("name"), "My New Workflow");
  EXPECT_EQ(json.at("status"), "draft");
  EXPECT_EQ(json.at("publishedVersion"), nullptr);
  EXPECT_EQ(json.at("hasUnpublishedChanges"), true);
  EXPECT_EQ(json.at("draftGraph").at("nodes").at(0).at("type"), "trigger.inbound_message");
  const auto published = publish(made->id, shop.tenant);
  ASSERT_TRUE(published.has_value());
  EXPECT_EQ(published->published_version, 1);
  EXPECT_EQ(store::to_json(*found(made->id)), store::to_json(*published));
  EXPECT_EQ(store::to_json(*published).at("status"), "published");
  EXPECT_EQ(shop.event_types().back(), "workflow.published");
}

TEST_F(Catalogue, ANameIsNeeded) {
  const auto nameless = create(" ");
  ASSERT_FALSE(nameless.has_value());
  EXPECT_EQ(nameless.error().kind(), ErrorKind::InvalidInput);
  EXPECT_EQ(nameless.error().fields().at(0).path, "name");
  EXPECT_FALSE(create(std::string(201, 'x')).has_value());
  EXPECT_TRUE(create(std::string(200, 'x')).has_value());
}

TEST_F(Catalogue, ADraftMayBeUnfinishedButNotPublishedSo) {
  const auto id = create("A")->id;
  const Json unfinished{{"nodes", {node("m", "wa.send_message"), node("n", "logic.nope")}}, {"edges", Json::array()}};
  ASSERT_TRUE(save(id, unfinished).has_value());
  const auto refused = publish(id, shop.tenant);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind(), ErrorKind::Rejected);
  EXPECT_EQ(refused.error().code(), kInvalidGraph);
  EXPECT_EQ(refused.error().fields().size(), 4U);
  EXPECT_EQ(found(id)->published_version, std::nullopt);
  EXPECT_EQ(found(id)->draft, unfinished);
}

TEST_F(Catalogue, AnAiNodeNeedsAModelToAsk) {
  const auto id = create("A")->id;
  ASSERT_TRUE(save(id, graph({node("a", "ai.respond")}, {edge("t", "a")})).has_value());
  const auto refused = publish(id, shop.tenant);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code(), kInvalidGraph);
  EXPECT_EQ(refused.error().fields().at(0).path, "nodes.1");
  shop.given([&](sql::Connection& c) {
    store::set_setting(c, shop.tenant, "ai", {{"baseUrl", "http://localhost:11434/v1"}}, shop.now());
  });
  EXPECT_TRUE(publish(id, shop.tenant).has_value());
}

TEST_F(Catalogue, WhatIsNoGraphIsNotKept) {
  const auto id = create("A")->id;
  const auto refused = save(id, Json::array());
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind(), ErrorKind::InvalidInput);
  EXPECT_EQ(found(id)->draft, first_draft());
}

TEST_F(Catalogue, KnowsWhetherTheDraftDiffers) {
  const auto id = create("A")->id;
  ASSERT_TRUE(publish(id, shop.tenant).has_value());
  EXPECT_FALSE(found(id)->has_changes);
  EXPECT_TRUE(save(id, say("x"))->has_changes);
  EXPECT_FALSE(save(id, first_draft())->has_changes);
  EXPECT_TRUE(save(id, say("x"))->has_changes);
  EXPECT_EQ(publish(id, shop.tenant)->published_version, 2);
  EXPECT_FALSE(found(id)->has_changes);
}

TEST_F(Catalogue, AVersionNeverChanges) {
  const auto id = shop.given_published(say("one"));
  shop.redraw(id, say("two"));
  shop.publish(id);
  const auto version = [&](std::int64_t number) {
    return shop.given([&](sql::Connection& c) { return store::graph_of_version(c, shop.tenant, id, number); });
  };
  EXPECT_EQ(version(1), say("one"));
  EXPECT_EQ(version(2), say("two"));
  EXPECT_EQ(version(3), std::nullopt);
}

TEST_F(Catalogue, ADeletedWorkflowIsGoneForAll) {
  const auto id = shop.given_published(say("one"));
  const auto remove = [&] {
    return shop.inner->write_and_wait(
        1, [&](sql::Connection& c) { return delete_workflow(c, shop.tenant, id, shop.now()); });
  };
  EXPECT_TRUE(remove().has_value());
  EXPECT_EQ(remove().error().kind(), ErrorKind::NotFound);
  EXPECT_FALSE(found(id).has_value());
  EXPECT_EQ(publish(id, shop.tenant).error().kind(), ErrorKind::NotFound);
  EXPECT_EQ(save(id, first_draft()).error().kind(), ErrorKind::NotFound);
  EXPECT_TRUE(shop.given([&](sql::Connection& c) { return store::list_workflows(c, shop.tenant); }).empty());
  EXPECT_FALSE(shop.given([&](sql::Connection& c) { return store::has_published(c, shop.tenant); }));
}

TEST_F(Catalogue, AnotherWorkspacesIdIsNotFound) {
  const auto id = create("A")->id;
  const auto stranger = shop.given([&](sql::Connection& c) { return store::create_tenant(c, "Other", shop.now()).id; });
  EXPECT_EQ(publish(id, stranger).error().kind(), ErrorKind::NotFound);
  EXPECT_FALSE(shop.given([&](sql::Connection& c) { return store::find_workflow(c, stranger, id); }).has_value());
  const auto edited = shop.inner->write_and_wait(
      1, [&](sql::Connection& c) { return edit_workflow(c, stranger, id, {.name = "Mine"}, shop.now()); });
  EXPECT_EQ(edited.error().kind(), ErrorKind::NotFound);
  EXPECT_EQ(found(id)->name, "A");
}

TEST_F(Catalogue, VersionsAreListedNewestFirst) {
  const auto id = shop.given_published(say("one"));
  shop.clock.pass(seconds(1));
  shop.redraw(id, say("two"));
  shop.publish(id);
  const auto listed = [&](const store::Page& page) {
    return shop.given([&](sql::Connection& c) {
      Json items = Json::array();
      const auto workflow = store::find_workflow(c, shop.tenant, id).value();
      for (const auto& version : store::list_versions(c, workflow, page)) items.push_back(store::to_json(version));
      return items;
    });
  };
  EXPECT_EQ(
      listed({}),
      Json::array(
          {{{"version", 2}, {"publishedAt", iso8601(shop.now())}, {"publishedBy", nullptr}, {"isPublished", true}},
           {{"version", 1},
            {"publishedAt", iso8601(shop.now() - seconds(1))},
            {"publishedBy", nullptr},
            {"isPublished", false}}}));
  EXPECT_EQ(listed({.limit = 1, .offset = 1}).at(0).at("version"), 1);
}

TEST_F(Catalogue, AVersionBecomesTheDraftAgain) {
  const auto id = shop.given_published(say("one"));
  shop.redraw(id, say("two"));
  shop.publish(id);
  shop.redraw(id, say("three"));
  const auto restore = [&](TenantId tenant, std::int64_t version) {
    return shop.inner->write_and_wait(1, [&, tenant, version](sql::Connection& c) {
      return restore_version(c, {.tenant = tenant, .workflow = id, .version = version}, shop.now());
    });
  };
  const auto first = restore(shop.tenant, 1);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(found(id)->draft, say("one"));
  EXPECT_TRUE(first->has_changes);
  EXPECT_EQ(first->published_version, 2) << "what runs stays";
  EXPECT_FALSE(restore(shop.tenant, 2)->has_changes);
  EXPECT_EQ(restore(shop.tenant, 3).error().kind(), ErrorKind::NotFound);
  const auto stranger = shop.given([&](sql::Connection& c) { return store::create_tenant(c, "Other", shop.now()).id; });
  EXPECT_EQ(restore(stranger, 1).error().kind(), ErrorKind::NotFound);
}

TEST_F(Catalogue, AnUnpublishedWorkflowStartsNothing) {
  const auto id = shop.given_published(echo());
  const auto unpublish = [&](TenantId tenant) {
    return shop.inner->write_and_wait(
        1, [&, tenant](sql::Connection& c) { return unpublish_workflow(c, tenant, id, shop.now()); });
  };
  const auto stranger = shop.given([&](sql::Connection& c) { return store::create_tenant(c, "Other", shop.now()).id; });
  EXPECT_EQ(unpublish(stranger).error().kind(), ErrorKind::NotFound);
  const auto done = unpublish(shop.tenant);
  ASSERT_TRUE(done.has_value());
  EXPECT_EQ(done->published_version, std::nullopt);
  EXPECT_TRUE(found(id)->has_changes);
  EXPECT_EQ(shop.event_types().back(), "workflow.unpublished");
  shop.given_message("hi");
  shop.work();
  EXPECT_TRUE(shop.runs().empty());
  const auto events = shop.event_types().size();
  EXPECT_TRUE(unpublish(shop.tenant).has_value()) << "it is not published: that is what was asked for";
  EXPECT_EQ(shop.event_types().size(), events);
  EXPECT_EQ(publish(id, shop.tenant)->published_version, 2) << "a version's number is never used again";
}

TEST_F(Catalogue, PublishedOnesComeByPriorityThenAge) {
  const auto old = shop.given_published(say("old"));
  shop.clock.pass(milliseconds(1));
  const auto young = shop.given_published(say("young"));
  shop.clock.pass(milliseconds(1));
  const auto first = shop.given_published(say("first"), 5);
  shop.given_workflow(say("draft"), 9);
  std::vector<WorkflowId> order;
  for (const auto& each : shop.given([&](sql::Connection& c) { return store::published_workflows(c, shop.tenant); })) {
    order.push_back(each.id);
  }
  EXPECT_EQ(order, (std::vector{first, old, young}));
}

}  // namespace
}  // namespace waypost::workflow
