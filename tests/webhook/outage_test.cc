#include <gtest/gtest.h>

#include <atomic>
#include <functional>

#include "tests/webhook/gateway.h"

namespace waypost {
namespace {

using test::Text;

// Hands on to a real database, but for the writes that `refuse` answers itself. Any thread.
class FlakyDatabase final : public sql::Database {
 public:
  explicit FlakyDatabase(sql::Database& real) : real_(real) {}
  sql::Engine engine() const override { return real_.engine(); }

  void submit_write(sql::LaneKey key, sql::Urgency urgency, sql::Job job) override {
    auto error = refuse(++writes_);
    if (error) return job.done(std::move(error));
    real_.submit_write(key, urgency, std::move(job));
  }
  void submit_read(sql::Job job) override { real_.submit_read(std::move(job)); }

  std::function<std::optional<Error>(int)> refuse;

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
    flaky.refuse = std::move(refuse);
    gateway.applier = Applier::make({*gateway.journal, flaky, gateway.signals, gateway.store.clock},
                                    {.note_file = gateway.store.folder.file("applying"),
                                     .first_pause = milliseconds(1),
                                     .longest_pause = milliseconds(4)});
    gateway.start();
    gateway.settle();
    gateway.stop();
  }
  std::int64_t count(const std::string& of) { return gateway.store.number("SELECT count(*) FROM " + of); }

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

}  // namespace
}  // namespace waypost
