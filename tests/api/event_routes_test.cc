#include "store/events.h"
#include "tests/api/api_fixture.h"

namespace waypost::test {
namespace {

class Events : public ApiTest {
 protected:
  Events() : tenant_(given_workspace()), agent_(as_agent(tenant_)) {}
  void given_events(int many) {
    write([&](sql::Connection& connection) {
      for (int i = 0; i < many; ++i)
        store::append_event(connection, tenant_, {.type = "contact.updated", .payload = R"({"contact":{}})"},
                            clock_.now());
    });
  }
  void forget_up_to(std::int64_t number) {
    write([&](sql::Connection& connection) {
      connection.run("DELETE FROM event WHERE tenant_id = $1 AND number <= $2", {tenant_, number});
    });
  }

  TenantId tenant_;
  HeaderList agent_;
};

TEST_F(Events, AreReadByPagesInOrder) {
  given_events(5);
  const auto first = ask("GET", "/api/events?after=0&limit=3", agent_);
  ASSERT_EQ(first.status, 200) << first.body;
  ASSERT_EQ(first.json["items"].size(), 3U);
  EXPECT_EQ(first.json["items"][0]["number"], 1);
  EXPECT_EQ(first.json["items"][0]["id"], "1");
  EXPECT_EQ(first.json["items"][0]["type"], "contact.updated");
  EXPECT_EQ(first.json["items"][0]["payload"], Json({{"contact", Json::object()}}));
  EXPECT_EQ(first.json["items"][0]["createdAt"], iso8601(clock_.now()));
  EXPECT_EQ(first.json["next"], 3);
  const auto second = ask("GET", "/api/events?after=3&limit=3", agent_);
  EXPECT_EQ(second.json["items"].size(), 2U);
  EXPECT_EQ(second.json["next"], 5);
  const auto end = ask("GET", "/api/events?after=5", agent_);
  EXPECT_TRUE(end.json["items"].empty());
  EXPECT_EQ(end.json["next"], 5);
}

TEST_F(Events, OlderThanKeptIs410WithTheOldest) {
  given_events(5);
  forget_up_to(3);
  const auto answer = ask("GET", "/api/events?after=1", agent_);
  EXPECT_EQ(answer.status, 410);
  EXPECT_EQ(answer.json["oldest"], 4);
  EXPECT_EQ(ask("GET", "/api/events?after=3", agent_).json["items"].size(), 2U);
  EXPECT_EQ(ask("GET", "/api/events", agent_).json["items"].size(), 2U);
  EXPECT_EQ(ask("GET", "/api/events/stream?after=1", agent_).status, 410);
}

TEST_F(Events, BadNumbersAre400) {
  for (const auto query : {"after=x", "after=-1", "limit=0", "limit=x"})
    EXPECT_EQ(ask("GET", "/api/events?" + std::string(query), agent_).status, 400) << query;
  auto headers = agent_;
  headers.emplace_back("Last-Event-ID", "x");
  EXPECT_EQ(ask("GET", "/api/events/stream", headers).status, 400);
}

TEST_F(Events, AChangeOverTheApiIsTold) {
  ask("POST", "/api/contacts", agent_, {{"phone", "+14155551234"}});
  const auto answer = ask("GET", "/api/events?after=0", agent_);
  ASSERT_EQ(answer.json["items"].size(), 1U);
  EXPECT_EQ(answer.json["items"][0]["type"], "contact.created");
  EXPECT_EQ(answer.json["items"][0]["payload"]["contact"]["phone"], "+14155551234");
}

}  // namespace
}  // namespace waypost::test
