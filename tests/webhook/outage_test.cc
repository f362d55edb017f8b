#include <gtest/gtest.h>

#include <atomic>
#include <functional>

#include "tests/webhook/gateway.h"

namespace waypost {
namespace {

using test::Text;

// Hands on to a real database, but for the writes that `refuse` or `refuse_key` answers itself. Any thread.
class FlakyDatabase final : public sql::Database {
 public:
  explicit FlakyDatabase(sql::Database& real) : real_(real) {}
  sql::Engine engine() const override { return real_.engine(); }

  void submit_write(sql::LaneKey key, sql::Urgency urgency, sql::Job job) override {
    auto error = refuse(++writes_);
    if (!error && refuse_key) error = refuse_key(key);
    if (error) return job.done(std::move(error));
    real_.submit_write(key, urgency, std::move(job));
  }
  void submit_read(sql::Job job) override { real_.submit_read(std::move(job)); }

  std::function<std::optional<Error>(int)> refuse = [](int) { return std::nullopt; };
  std::function<std::optional<Error>(sql::LaneKey)> refuse_key;

 private:
  sql::Database& real_;
  std::atomic<int> writes_ = 0;
};

class Outage : public testing::Test {
 protected:
  ~Outage() override { gateway.stop(); }

  void given_posts(int posts) {
    for (int i = 0; i < posts; ++i) {
      gateway.post(test::body_of(Text{.id = "wamid." + std::to_string(i), .body = std::to_string(i)}));
    }
  }
  void apply(std::function<std::optional<Error>(int)> refuse) {
    start(std::move(refuse));
    gateway.settle();
    gateway.stop();
  }
  void start(std::function<std::optional<Error>(int)> refuse) {
    flaky.refuse = std::move(refuse);
    gateway.applier = Applier::make({*gateway.journal, flaky, gateway.signals, gateway.store.clock},
                                    {.note_file = gateway.store.folder.file("applying"),
                                     .first_pause = milliseconds(1),
                                     .longest_pause = milliseconds(4)});
    gateway.start();
  }
  static bool comes_true(const std::function<bool()>& fact) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!fact() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(milliseconds(1));
    return fact();
  }
  // Of one customer, whose updates the store refuses as often with `error`; the others' go through.
  void given_refused(int times, const Error& error) {
    gateway.post(test::body_of(Text{.id = "wamid.refused", .from = "", .user_id = "US.refused"}));
    const auto key = std::hash<std::string>()(test::kNumber) ^ std::hash<std::string>()("US.refused");
    flaky.refuse_key = [this, key, times, error](sql::LaneKey asked) -> std::optional<Error> {
      if (asked != key || ++refused_ > times) return std::nullopt;
      return error;
    };
  }
  std::int64_t count(const std::string& of) { return gateway.store.number("SELECT count(*) FROM " + of); }

  std::atomic<int> refused_ = 0;
  test::Gateway gateway;
  FlakyDatabase flaky{*gateway.store.database};
};

// Law 3: an error of the store is nobody's dead letter, and nobody's turn is lost.
TEST_F(Outage, AStoreThatComesAndGoesLosesNothingAndKeepsTheOrder) {
  given_posts(200);
  apply([](int write) -> std::optional<Error> {
    if (write % 7 != 0 && write % 11 != 0) return std::nullopt;
    return Error(ErrorKind::Unavailable, "the disk is full");
  });
  EXPECT_EQ(count("message"), 200);
  EXPECT_EQ(count("message WHERE text <> CAST(seq - 1 AS text)"), 0);
  EXPECT_EQ(count("dead_letter"), 0);
}

TEST_F(Outage, WhatTheStoreRefusesForItsDataIsADeadLetterAlone) {
  given_posts(20);
  apply([](int write) -> std::optional<Error> {
    if (write != 5) return std::nullopt;
    return Error(ErrorKind::Internal, "a constraint");
  });
  EXPECT_EQ(count("message"), 19);
  EXPECT_EQ(count("dead_letter WHERE reason = 'wrong_shape' AND words = 'a constraint'"), 1);
}

const auto kNothing = [](int) -> std::optional<Error> { return std::nullopt; };

TEST_F(Outage, ALostRaceIsNobodysDeadLetter) {
  given_refused(3, Error(ErrorKind::Conflict, "a unique key"));
  given_posts(20);
  apply(kNothing);
  EXPECT_EQ(count("message"), 21);
  EXPECT_EQ(count("dead_letter"), 0);
}

TEST_F(Outage, ARaceThatIsAlwaysLostIsTheDataToBlame) {
  given_refused(4, Error(ErrorKind::Conflict, "a unique key"));
  given_posts(20);
  apply(kNothing);
  EXPECT_EQ(count("message"), 20);
  EXPECT_EQ(count("dead_letter WHERE words = 'a unique key'"), 1);
}

// Law 3: what others hold for ever harms only the update that wants it.
TEST_F(Outage, WhatIsAlwaysContendedHoldsUpNobodyElse) {
  given_refused(1'000'000, Error(ErrorKind::Unavailable, "deadlock").with_code(std::string(sql::kContended)));
  given_posts(20);
  start(kNothing);
  EXPECT_TRUE(comes_true([this] { return count("message") == 20 && refused_ > 8; }));
  EXPECT_EQ(count("dead_letter"), 0) << "nobody got through between its last two tries";
  EXPECT_EQ(gateway.applier->mark(), 0U) << "no mark passes what is not applied";
  gateway.stop();
}

TEST_F(Outage, WhatIsContendedWhileOthersGetThroughIsADeadLetter) {
  given_refused(8, Error(ErrorKind::Unavailable, "deadlock").with_code(std::string(sql::kContended)));
  start(kNothing);
  EXPECT_TRUE(comes_true([this] { return refused_ >= 4; }));
  for (int post = 0; gateway.applier->mark() == 0 && post < 5'000; ++post) {
    gateway.post(test::body_of(Text{.id = "wamid." + std::to_string(post), .body = std::to_string(post)}));
  }
  gateway.settle();
  gateway.stop();
  EXPECT_EQ(count("dead_letter WHERE words = 'deadlock'"), 1);
  EXPECT_EQ(count("message WHERE wamid = 'wamid.refused'"), 0);
}

}  // namespace
}  // namespace waypost
