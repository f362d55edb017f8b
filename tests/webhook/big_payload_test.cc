// The most that Meta sends in one POST: 1,000 updates, 3 MB (facts 1.4).

#include <gtest/gtest.h>

#include <chrono>

#include "tests/webhook/gateway.h"
#include "webhook/payload.h"

namespace waypost {
namespace {

using Steady = std::chrono::steady_clock;

// Messages of as many people, each with its entry in contacts[].
std::string many_messages(std::size_t count, std::size_t words) {
  Json contacts = Json::array();
  Json messages = Json::array();
  for (std::size_t at = 0; at < count; ++at) {
    const auto number = std::to_string(at);
    contacts.push_back(
        {{"profile", {{"name", "P" + number}}}, {"wa_id", "1650" + number}, {"user_id", "US." + number}});
    messages.push_back(test::message_json({.id = "wamid." + number,
                                           .from = "1650" + number,
                                           .user_id = "US." + number,
                                           .body = std::string(words, 'w')}));
  }
  return test::envelope_of({{"contacts", contacts}, {"messages", messages}});
}

// The best of several tries, because the machine may be busy.
double nanoseconds_a_byte(const std::string& body, int tries) {
  auto best = Steady::duration::max();
  for (int at = 0; at < tries; ++at) {
    const auto began = Steady::now();
    const auto read = read_payload(body);
    best = std::min(best, Steady::now() - began);
    EXPECT_TRUE(read.malformed.empty());
  }
  return std::chrono::duration<double, std::nano>(best).count() / static_cast<double>(body.size());
}

TEST(BigPayload, AThousandUpdatesAreEachApplied) {
  test::Gateway gateway;
  gateway.start();
  gateway.post_and_settle(many_messages(1'000, 10));
  EXPECT_EQ(gateway.store.number("SELECT count(*) FROM message"), 1'000);
  EXPECT_EQ(gateway.store.number("SELECT count(*) FROM contact"), 1'000);
  EXPECT_EQ(gateway.store.number("SELECT count(*) FROM contact WHERE profile_name = 'P' || substr(phone, 5)"), 1'000);
  EXPECT_EQ(gateway.store.number("SELECT count(*) FROM run_trigger"), 1'000);
}

// Nothing in the reader grows faster than the body.
TEST(BigPayload, AByteOfThreeMegabytesCostsAtMostTwentyTimesAByteOfThreeKilobytes) {
  const auto small = many_messages(1, 2'500);
  const auto small_updates = many_messages(8, 50);
  const double least = std::min(nanoseconds_a_byte(small, 50), nanoseconds_a_byte(small_updates, 50));
  for (const auto& big : {many_messages(1'000, 2'600), many_messages(9'000, 100), many_messages(1, 3'000'000)}) {
    EXPECT_GT(big.size(), 2'500'000U);
    EXPECT_LT(nanoseconds_a_byte(big, 2), 20 * least) << big.size() << " bytes";
  }
}

// The same for what is wrong in each of its parts.
TEST(BigPayload, NonsenseCostsNoMore) {
  const double least = nanoseconds_a_byte(many_messages(8, 50), 50);
  const std::string list = R"({"entry":[{"id":"9","changes":[{"field":"messages","value":{"metadata":)"
                           R"({"phone_number_id":"1"},"messages":[)";
  std::string numbers = list;
  while (numbers.size() < 300'000) numbers += "1e400,";
  numbers += "7]}}]}]}";
  for (const auto& body : {std::string(3'000'000, '['), list + std::string(3'000'000, '"'), numbers,
                           std::string(3'000'000, '\xff'), '"' + std::string(3'000'000, '\\')}) {
    const auto began = Steady::now();
    const auto read = read_payload(body);
    const auto took = std::chrono::duration<double, std::nano>(Steady::now() - began).count();
    EXPECT_TRUE(read.messages.empty());
    EXPECT_LT(took / static_cast<double>(body.size()), 20 * least) << body.substr(0, 40);
  }
}

}  // namespace
}  // namespace waypost
