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
    EXPECT_FALSE(read.messages.empty() && read.malformed.empty());
  }
  return std::chrono::duration<double, std::nano>(best).count() / static_cast<double>(body.size());
}

// A body of about so many bytes.
using Make = std::string (*)(std::size_t size);

// Nothing in the reader grows faster than the body.
void expect_linear(Make make, std::size_t big) {
  constexpr std::size_t kSmall = 3'000;
  const double small = nanoseconds_a_byte(make(kSmall), 20);
  EXPECT_LT(nanoseconds_a_byte(make(big), 1), 20 * small) << make(kSmall).substr(0, 60);
}

std::string long_messages(std::size_t size) { return many_messages(size / 3'000, 2'600); }
std::string short_messages(std::size_t size) { return many_messages(size / 300, 10); }
std::string one_message(std::size_t size) { return many_messages(1, size); }

std::string numbers_for_messages(std::size_t size) {
  std::string body = R"({"entry":[{"id":"9","changes":[{"field":"messages","value":{"metadata":)"
                     R"({"phone_number_id":"1"},"messages":[)";
  while (body.size() < size) body += "1e400,";
  return body + "7]}}]}]}";
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

TEST(BigPayload, AByteOfThreeMegabytesCostsAtMostTwentyTimesAByteOfThreeKilobytes) {
  expect_linear(long_messages, 3'000'000);
}

// Smaller, because a sanitizer takes its time for each update.
TEST(BigPayload, NeitherDoManyUpdatesNorOneLongOneCostMore) {
  expect_linear(short_messages, 1'000'000);
  expect_linear(one_message, 1'000'000);
}

TEST(BigPayload, NorDoesNonsense) {
  expect_linear(numbers_for_messages, 200'000);
  expect_linear([](std::size_t size) { return std::string(size, '['); }, 1'000'000);
  expect_linear([](std::size_t size) { return std::string(size, '\xff'); }, 1'000'000);
  expect_linear([](std::size_t size) { return '"' + std::string(size, '\\'); }, 1'000'000);
}

}  // namespace
}  // namespace waypost
