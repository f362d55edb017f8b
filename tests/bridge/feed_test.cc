#include "bridge/feed.h"

#include <gtest/gtest.h>

#include "bridge/hub.h"
#include "store/event_numbers.h"
#include "store/tenants.h"
#include "tests/support/run_loop.h"
#include "tests/support/store_place.h"
#include "tests/support/temp_folder.h"

namespace waypost::test {
namespace {

using bridge::FeedGap;
using bridge::FeedPage;

class Feed : public ::testing::Test {
 protected:
  Feed() {
    tenant_ = *database_->write_and_wait(
        0, [this](sql::Connection& connection) { return store::create_tenant(connection, "A", clock_.now()).id; });
  }
  void given_events(int many) {
    const auto written = database_->write_and_wait(0, [&](sql::Connection& connection) {
      for (int i = 0; i < many; ++i)
        store::append_event(connection, tenant_, {.type = "contact.created", .payload = "{}"}, clock_.now());
      store::number_events(connection, 1'000);
    });
    EXPECT_TRUE(written);
  }
  void forget_up_to(std::int64_t number) {
    const auto written = database_->write_and_wait(
        0, [&](sql::Connection& connection) { connection.run("DELETE FROM event WHERE number <= $1", {number}); });
    EXPECT_TRUE(written);
  }
  bridge::FeedAnswer read(std::optional<std::int64_t> after, std::size_t most = 100) {
    return *database_->read_and_wait(
        [&](sql::Connection& connection) { return bridge::read_feed(connection, tenant_, after, most); });
  }
  static std::vector<std::int64_t> numbers_of(const bridge::FeedAnswer& answer) {
    std::vector<std::int64_t> numbers;
    for (const auto& event : std::get<FeedPage>(answer).events) numbers.push_back(event.number);
    return numbers;
  }
  using Numbers = std::vector<std::int64_t>;

  TempFolder folder_{Storage::Memory};
  FakeClock clock_;
  StorePlace place_{folder_.file("waypost.db")};
  std::unique_ptr<sql::Database> database_{place_.open({.readers = 1})};
  TenantId tenant_;
};

TEST_F(Feed, AnEmptyOneIsReadFromTheStart) {
  EXPECT_EQ(numbers_of(read(std::nullopt)), Numbers());
  EXPECT_EQ(std::get<FeedPage>(read(0)).next, 0);
}

TEST_F(Feed, IsReadInOrderBehindANumber) {
  given_events(4);
  EXPECT_EQ(numbers_of(read(0, 3)), (Numbers{1, 2, 3}));
  EXPECT_EQ(std::get<FeedPage>(read(0, 3)).next, 3);
  EXPECT_EQ(numbers_of(read(3)), (Numbers{4}));
  EXPECT_EQ(numbers_of(read(4)), Numbers());
}

TEST_F(Feed, ANumberToComeKeepsItsPlace) {
  given_events(2);
  EXPECT_EQ(std::get<FeedPage>(read(9)).next, 9);
}

TEST_F(Feed, AGapNamesTheOldest) {
  given_events(6);
  forget_up_to(4);
  EXPECT_EQ(std::get<FeedGap>(read(3)).oldest, 5);
  EXPECT_EQ(numbers_of(read(4)), (Numbers{5, 6}));
  EXPECT_EQ(numbers_of(read(std::nullopt)), (Numbers{5, 6}));
}

TEST_F(Feed, AServerSentEventHasItsNumberAndOneLineOfData) {
  const store::Event event{.number = 7, .type = "x", .payload = {{"text", "a\nb"}}, .created_at = from_millis(0)};
  EXPECT_EQ(bridge::server_sent(event),
            "id: 7\ndata: {\"conversationId\":null,\"createdAt\":\"1970-01-01T00:00:00.000Z\",\"id\":\"7\","
            "\"number\":7,\"payload\":{\"text\":\"a\\nb\"},\"type\":\"x\"}\n\n");
}

TEST_F(Feed, TheHubKnowsTheNewestWithinAMoment) {
  bridge::Hub hub(*database_);
  RunLoop loop;
  const auto seat = hub.sit(tenant_);
  given_events(1);
  EXPECT_EQ(*loop.wait(hub.newest(tenant_)), 1);
  given_events(1);
  const bool seen = loop.run_until([&] { return *loop.wait(hub.newest(tenant_)) == 2; }, std::chrono::seconds(5));
  EXPECT_TRUE(seen);
}

}  // namespace
}  // namespace waypost::test
