// Requests that come again: one after the other, and at the same time on several lanes.

#include "store/idempotency.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "store/contacts.h"
#include "store/merge.h"
#include "store/outbox.h"
#include "tests/support/temp_store.h"

namespace waypost::store {
namespace {

class Idempotency : public ::testing::Test {
 protected:
  RequestKey key(char of = 'a') const { return {.tenant = store_.tenant, .key = "k-1", .hash = std::string(32, of)}; }
  Time now() const { return store_.clock.now(); }
  Conversation given_conversation(const std::string& digits) {
    return store_.run([&](sql::Connection& c) {
      const Alias phone{.kind = AliasKind::Phone, .value = digits};
      const auto contact = create_contact(c, {.tenant = store_.tenant, .phone = digits}, {phone}, now());
      return open_conversation(c, store_.tenant, contact->id, store_.channel, now());
    });
  }
  // A send as the API carries it out: "sent" where a message was queued, else the answer that was kept.
  Result<std::string> send(sql::LaneKey lane, const Conversation& conversation) {
    return store_.database->write_and_wait(lane, [&](sql::Connection& c) -> Result<std::string> {
      const auto kept = claim_request(c, key(), now());
      if (!kept) return fail(kept.error());
      if (*kept) return (*kept)->body;
      queue_message(c, conversation, {.type = "text", .text = "Hi", .content = {{"body", "Hi"}}}, now());
      keep_answer(c, key(), conversation.id, {.status = 201, .body = "kept"});
      return "sent";
    });
  }

  test::TempStore store_;
};

TEST_F(Idempotency, OfTwinsAtTheSameTimeOneIsSent) {
  const auto conversation = given_conversation("4915112345671");
  constexpr int kTwins = 8;
  std::atomic<int> sent = 0;
  std::atomic<int> kept = 0;
  std::vector<std::thread> threads;
  for (int twin = 0; twin < kTwins; ++twin) {
    threads.emplace_back([&, twin] {
      const auto answer = send(static_cast<std::uint64_t>(twin), conversation);
      EXPECT_TRUE(answer) << (answer ? "" : answer.error().words());
      sent += answer && *answer == "sent";
      kept += answer && *answer == "kept";
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(sent, 1);
  EXPECT_EQ(kept, kTwins - 1);
  EXPECT_EQ(store_.number("SELECT count(*) FROM message"), 1);
}

TEST_F(Idempotency, AnotherRequestIsRefused) {
  const auto conversation = given_conversation("4915112345671");
  ASSERT_TRUE(send(0, conversation));
  const auto other =
      store_.database->write_and_wait(0, [&](sql::Connection& c) { return claim_request(c, key('b'), now()); });
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code(), "idempotency_key_reused");
}

TEST_F(Idempotency, AClaimGoesWithARefusal) {
  const auto refused = store_.database->write_and_wait(0, [&](sql::Connection& c) -> Result<bool> {
    const auto kept = claim_request(c, key(), now());
    EXPECT_TRUE(kept && !*kept);
    return fail(ErrorKind::Rejected, "refused");
  });
  EXPECT_FALSE(refused);
  EXPECT_EQ(store_.number("SELECT count(*) FROM idempotency_key"), 0);
}

TEST_F(Idempotency, AnAnswerGoesWhereItsConversationGoes) {
  const auto survivor = given_conversation("4915112345671");
  const auto lost = given_conversation("4915112345672");
  ASSERT_TRUE(send(0, lost));
  store_.run([&](sql::Connection& c) {
    move_answers(c, lost, survivor.id);
    erase_answers(c, store_.tenant, lost.contact);
  });
  EXPECT_EQ(store_.number("SELECT count(*) FROM idempotency_key"), 1);
  store_.run([&](sql::Connection& c) { erase_answers(c, store_.tenant, survivor.contact); });
  EXPECT_EQ(store_.number("SELECT count(*) FROM idempotency_key"), 0);
}

TEST_F(Idempotency, OldAnswersAreDroppedInSmallUnits) {
  store_.run([&](sql::Connection& c) {
    for (const std::string_view name : {"k-1", "k-2", "k-3"}) {
      const RequestKey one{.tenant = store_.tenant, .key = std::string(name), .hash = std::string(32, 'a')};
      EXPECT_TRUE(claim_request(c, one, now()));
    }
  });
  const auto drop = [&] { return store_.run([&](sql::Connection& c) { return drop_old_answers(c, now(), 2); }); };
  store_.clock.pass(kAnswersKept);
  EXPECT_EQ(drop(), 0);
  store_.clock.pass(milliseconds(1));
  EXPECT_EQ(drop(), 2);
  EXPECT_EQ(drop(), 1);
}

}  // namespace
}  // namespace waypost::store
