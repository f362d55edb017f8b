// "No number ever appears behind one already read", and what it costs: many lanes of two databases write, a reader
// follows. On SQLite, which has one lane, the same with one database and without a stamper.

#include "bridge/stamper.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <set>
#include <thread>
#include <vector>

#include "bridge/hub.h"
#include "net/loop.h"
#include "store/event_numbers.h"
#include "store/events.h"
#include "store/lease_keeper.h"
#include "store/tenants.h"
#include "tests/support/run_loop.h"
#include "tests/support/store_place.h"
#include "tests/support/temp_folder.h"

namespace waypost::test {
namespace {

using std::chrono::steady_clock;

constexpr int kTenants = 3;
constexpr int kTalks = 150;  // of one writer; talk 0 is of all, on both nodes
constexpr int kEventsOfAUnit = 10;

// A node: its lanes, and its part in numbering.
struct NodeOfTest {
  explicit NodeOfTest(const StorePlace& place) : database(place.open()) {}
  std::unique_ptr<sql::Database> database;
  std::unique_ptr<store::LeaseKeeper> lease;
  std::unique_ptr<bridge::Stamper> stamper;
};

class Numbers : public ::testing::Test {
 protected:
  template <class Unit>
  auto run(Unit unit) {
    return std::move(nodes_.front()->database->write_and_wait(0, std::move(unit))).value();
  }
  Numbers() {
    for (std::size_t n = 0; n < (is_postgres() ? 2U : 1U); ++n) nodes_.push_back(std::make_unique<NodeOfTest>(place_));
    run([this](sql::Connection& c) {
      c.script("CREATE TABLE talk (id bigint PRIMARY KEY, said bigint NOT NULL)");
      for (int n = 0; n < kTenants; ++n)
        tenants_.push_back(store::create_tenant(c, "T" + std::to_string(n), clock_.now()).id);
    });
  }
  ~Numbers() override { stop(); }

  static bool is_postgres() { return engine_of_tests() == sql::Engine::Postgres; }
  void start_with_leases() {
    for (std::size_t n = 0; n < nodes_.size(); ++n) {
      auto& node = *nodes_.at(n);
      node.lease = std::make_unique<store::LeaseKeeper>(
          store::LeaseKeeperParts{.loop = loop_.executor(), .database = *node.database, .clock = clock_},
          store::LeaseKeeperSettings{.name = "stamping", .holder = std::to_string(n)});
      node.lease->start();
      start_stamper(node, [lease = node.lease.get()] { return lease->held(); });
    }
  }
  void start_stamper(NodeOfTest& node, std::function<bool()> mine) {
    node.stamper = std::make_unique<bridge::Stamper>(loop_.executor(), *node.database, std::move(mine));
    node.stamper->start();
  }
  void stop() {
    loop_.stop();
    nodes_.clear();
  }

  // Says something in a conversation, under its row's lock: the events carry what the lock has counted.
  void say(sql::Connection& connection, int talk) {
    const auto said = connection
                          .run(
                              "INSERT INTO talk (id, said) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET said = "
                              "talk.said + $2 RETURNING said",
                              {talk, kEventsOfAUnit})
                          .front()
                          .number(0);
    Uuid id;
    id.bytes[14] = static_cast<std::uint8_t>(talk >> 8);
    id.bytes[15] = static_cast<std::uint8_t>(talk);
    for (int n = 1; n <= kEventsOfAUnit; ++n) {
      store::append_event(connection, tenants_.at(static_cast<std::size_t>(talk % kTenants)),
                          {.type = "message.received",
                           .conversation = ConversationId{id},
                           .payload = R"({"place":)" + std::to_string(said - kEventsOfAUnit + n) + "}"},
                          clock_.now());
    }
  }
  // Writer `writer` of `writers` says `units` things, submitted without waiting, by all lanes of its node.
  void write(int writer, int units) {
    auto& database = *nodes_.at(static_cast<std::size_t>(writer) % nodes_.size())->database;
    std::atomic<int> open = units;
    for (int n = 0; n < units; ++n) {
      const int talk = n % 100 == 99 ? 0 : 1 + writer * kTalks + n % kTalks;
      database.submit_write(static_cast<std::uint64_t>(talk), sql::Urgency::Urgent,
                            {.unit =
                                 [this, talk](sql::Connection& connection) {
                                   say(connection, talk);
                                   return std::optional<Error>();
                                 },
                             .done =
                                 [&open](const std::optional<Error>& error) {
                                   EXPECT_FALSE(error) << (error ? error->words() : "");
                                   --open;
                                 }});
      if (n % 200 == 199) {
        while (open > units - n + 800) std::this_thread::yield();
      }
    }
    while (open > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  // Follows all feeds until `events` were read; what it reads must go on where it was, and in each conversation too.
  void follow(int events) {
    std::map<TenantId, std::int64_t> last;
    std::map<ConversationId, std::int64_t> places;
    const auto end = steady_clock::now() + std::chrono::seconds(100);
    for (int read = 0; read < events && steady_clock::now() < end && !HasFailure();) {
      for (const auto tenant : tenants_) {
        const auto page = nodes_.back()->database->read_and_wait([&, tenant](sql::Connection& connection) {
          return store::events_after(connection, tenant, last[tenant], 1'000);
        });
        for (const auto& event : page.value()) {
          EXPECT_EQ(event.number, ++last[tenant]);
          EXPECT_EQ(event.payload["place"], ++places[*event.conversation]);
        }
        read += static_cast<int>(page->size());
      }
    }
    std::int64_t all = 0;
    for (const auto& [tenant, number] : last) all += number;
    EXPECT_EQ(all, events);
  }

  void write_and_follow(int writers, int units) {
    const auto begun = steady_clock::now();
    std::vector<std::jthread> threads;
    for (int writer = 0; writer < writers; ++writer) threads.emplace_back([=, this] { write(writer, units); });
    const int events = writers * units * kEventsOfAUnit;
    follow(events);
    threads.clear();
    const auto took = std::chrono::duration<double>(steady_clock::now() - begun).count();
    std::printf("%d events written, numbered and read in %.1f s: %.0f a second\n", events, took, events / took);
    EXPECT_EQ(run([](sql::Connection& c) { return c.run("SELECT count(*) FROM event_pending").front().number(0); }), 0);
  }

  TempFolder folder_{Storage::Memory};
  FakeClock clock_;
  StorePlace place_{folder_.file("waypost.db")};
  std::vector<std::unique_ptr<NodeOfTest>> nodes_;
  std::vector<TenantId> tenants_;
  Loop loop_{"stampers"};
};

TEST_F(Numbers, NeverAppearBehindOneAlreadyRead) {
  start_with_leases();
  write_and_follow(4, 2'500);
}

TEST_F(Numbers, AreGoodWithTwoStampersAtOnce) {
  if (is_postgres()) {
    for (const auto& node : nodes_) start_stamper(*node, [] { return true; });
  }
  write_and_follow(4, 250);
}

// The next number is one more than the newest kept, so that one is kept.
TEST_F(Numbers, GoOnBehindTheNewestThatIsKept) {
  const auto numbered = [this] {
    return run([this](sql::Connection& c) {
      say(c, 0);
      store::number_events(c, 1'000);
      return store::event_range(c, tenants_.front());
    });
  };
  EXPECT_EQ(numbered().newest, kEventsOfAUnit);
  run([](sql::Connection& c) { c.run("DELETE FROM event WHERE number < $1", {kEventsOfAUnit}); });
  const auto range = numbered();
  EXPECT_EQ(range.oldest, kEventsOfAUnit);
  EXPECT_EQ(range.newest, 2 * kEventsOfAUnit);
}

// PostgreSQL: the lower id commits last.
TEST_F(Numbers, WhoCommitsLateComesLate) {
  if (!is_postgres()) GTEST_SKIP() << "SQLite has one write lane";
  std::promise<void> written;
  std::promise<void> may_commit;
  auto& late = *nodes_.back()->database;
  std::promise<void> committed;
  late.submit_write(1, sql::Urgency::Urgent,
                    {.unit =
                         [&, once = false](sql::Connection& c) mutable {
                           say(c, 0);
                           if (!std::exchange(once, true)) written.set_value();
                           may_commit.get_future().wait();
                           return std::optional<Error>();
                         },
                     .done = [&](const std::optional<Error>&) { committed.set_value(); }});
  written.get_future().wait();
  run([&](sql::Connection& c) { say(c, kTenants); });  // the same workspace
  const auto newest = [&] {
    return run([&](sql::Connection& c) {
      store::number_events(c, 1'000);
      return store::events_after(c, tenants_.front(), 0, 1'000);
    });
  };
  const auto first = newest();
  may_commit.set_value();
  committed.get_future().wait();
  const auto both = newest();
  ASSERT_EQ(first.size(), static_cast<std::size_t>(kEventsOfAUnit));
  ASSERT_EQ(both.size(), static_cast<std::size_t>(2 * kEventsOfAUnit));
  for (std::size_t n = 0; n < first.size(); ++n) EXPECT_EQ(both.at(n).conversation, first.at(n).conversation);
}

// What follows a feed on one node sees what another node wrote.
TEST_F(Numbers, AreSeenOnAnotherNodeSoon) {
  start_with_leases();
  RunLoop loop;
  bridge::Hub hub(*nodes_.back()->database);
  const auto seat = hub.sit(tenants_.front());
  std::vector<double> waits;
  for (int round = 0; round < 20; ++round) {
    run([&](sql::Connection& c) { say(c, 0); });
    const auto begun = steady_clock::now();
    const bool seen =
        loop.run_until([&] { return *loop.wait(hub.newest(tenants_.front())) == (round + 1) * kEventsOfAUnit; },
                       std::chrono::seconds(10));
    EXPECT_TRUE(seen);
    waits.push_back(std::chrono::duration<double, std::milli>(steady_clock::now() - begun).count());
  }
  std::ranges::sort(waits);
  std::printf("seen on another node after %.0f ms (median), %.0f ms (worst of 20)\n", waits.at(10), waits.back());
  EXPECT_LT(waits.at(10), 300);  // 80 ms where nothing else runs
}

TEST(Stamper, RestsAsLongAsTheLastPassesSay) {
  using std::chrono::milliseconds;
  const bridge::StamperSettings settings;
  EXPECT_EQ(bridge::rest_behind(settings.most, milliseconds(0), settings), milliseconds(0));
  EXPECT_EQ(bridge::rest_behind(1, milliseconds(0), settings), milliseconds(20));
  EXPECT_EQ(bridge::rest_behind(0, milliseconds(4'999), settings), milliseconds(50));
  EXPECT_EQ(bridge::rest_behind(0, milliseconds(5'000), settings), milliseconds(100));
}

}  // namespace
}  // namespace waypost::test
