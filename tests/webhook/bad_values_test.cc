// Values that no sane sender writes, at each place of a few payloads in turn, each beside a healthy message.

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <functional>
#include <random>

#include "tests/webhook/besides.h"
#include "tests/webhook/item_count.h"
#include "tests/webhook/mutants.h"
#include "tests/webhook/payload_files.h"
#include "webhook/tamed.h"

namespace waypost {
namespace {

struct Value {
  std::string name{};
  std::string token{};       // as it stands in the body
  bool may_be_dead = false;  // on PostgreSQL an index may refuse it
};

std::ostream& operator<<(std::ostream& out, const Value& value) { return out << value.name; }

std::string nested(std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); }

// Nothing packs it: an index sees its whole length.
std::string random_text(std::size_t size, std::string_view alphabet) {
  std::mt19937 chance(1);
  std::uniform_int_distribution<std::size_t> pick(0, alphabet.size() - 1);
  std::string text;
  for (std::size_t at = 0; at < size; ++at) text += alphabet[pick(chance)];
  return '"' + text + '"';
}

const std::vector<Value>& values() {
  static const std::vector<Value> all{
      {.name = "Nul", .token = R"("\u0000")"},
      {.name = "NulWithin", .token = R"("1\u00002")"},
      {.name = "LoneHighSurrogate", .token = R"("\ud83d")"},
      {.name = "LoneLowSurrogate", .token = R"("a\uDE00b")"},
      {.name = "SurrogatesTheWrongWayRound", .token = R"("\ude00\ud83d")"},
      {.name = "Emoji", .token = R"("\ud83d\ude00")"},
      {.name = "InvalidUtf8", .token = "\"\xff\xc0\xaf\xed\xa0\x80\""},
      {.name = "ReplacementAndLastCharacters", .token = "\"\xef\xbf\xbd\xef\xbf\xbf\xf4\x8f\xbf\xbf\""},
      {.name = "Nested100", .token = nested(100)},
      {.name = "Nested2000", .token = nested(2'000)},
      {.name = "BeyondADouble", .token = "1e400"},
      {.name = "BelowADouble", .token = "1e-400"},
      {.name = "TwoTo63", .token = "9223372036854775808"},
      {.name = "TwoTo64", .token = "18446744073709551616"},
      {.name = "LeastInteger", .token = "-9223372036854775808"},
      {.name = "MinusOne", .token = "-1"},
      {.name = "MinusZero", .token = "-0"},
      {.name = "Fraction", .token = "1760000000.5"},
      {.name = "FourHundredDigits", .token = std::string(400, '9')},
      {.name = "Empty", .token = R"("")"},
      {.name = "DuplicateKeys", .token = R"({"id":"a","id":"b","id":[]})"},
      {.name = "TenThousandDigits", .token = random_text(10'000, "0123456789"), .may_be_dead = true},
      {.name = "TenThousandLetters", .token = random_text(10'000, "0123456789abcdefghijklmnop."), .may_be_dead = true},
      {.name = "TwentyThousandAlike", .token = '"' + std::string(20'000, 'x') + '"', .may_be_dead = true},
  };
  return all;
}

// One of each family.
constexpr std::array kFiles{"text_reply",      "reaction",       "contacts",         "status_failed_outside_window",
                            "preference_stop", "user_id_update", "account_settings", "template_status_rejected"};

Json payload(std::string_view name) {
  const auto path = std::filesystem::path(WAYPOST_TEST_DATA) / "webhook" / (std::string(name) + ".json");
  return *parse_json(test::content_of(path));
}

// The payload with "@" in place of each of its parts in turn.
void for_each_place(const Json& whole, const test::TakeMutant& take) {
  const auto all = [](const std::string&) { return true; };
  test::for_each_mutant(whole, all, [&](const test::Mutant& mutant) {
    if (mutant.what != "\"x\"") return;
    test::Mutant marked = mutant;
    marked.body[Json::json_pointer(mutant.where)] = "@";
    take(marked);
  });
}

class BadValue : public testing::TestWithParam<Value> {};
class BadValueInTheStore : public testing::TestWithParam<Value> {};

std::string name_of_value(const testing::TestParamInfo<Value>& info) { return info.param.name; }
INSTANTIATE_TEST_SUITE_P(Values, BadValue, testing::ValuesIn(values()), name_of_value);
INSTANTIATE_TEST_SUITE_P(Values, BadValueInTheStore, testing::ValuesIn(values()), name_of_value);

// Law 3.
TEST_P(BadValue, HarmsNobodyBesideItAndVanishesNowhere) {
  for (const auto* file : kFiles) {
    for_each_place(payload(file), [&](const test::Mutant& mutant) {
      Json body = mutant.body;
      const bool has_entries = find_array(body, "entry") != nullptr;
      test::add_healthy(body, "wamid.beside");
      const auto text = test::written(body, GetParam().token);
      const auto json = parse_json(tamed(text));
      ASSERT_TRUE(json) << file << mutant.where;
      const auto read = read_payload(text);
      EXPECT_EQ(test::difference(test::items_in(*json), test::items_of(read)), "") << file << mutant.where;
      EXPECT_EQ(test::times_read(read, "wamid.beside"), has_entries ? 1 : 0) << file << mutant.where;
    });
  }
}

// The customer's words may be anything: the message is kept.
TEST_P(BadValue, InAMessagesWordsLeavesItAMessage) {
  Json body = payload("text_reply");
  body["entry"][0]["changes"][0]["value"]["messages"][0]["text"]["body"] = "@";
  const auto read = read_payload(test::written(body, GetParam().token));
  EXPECT_EQ(read.messages.size(), 1U);
  EXPECT_TRUE(read.malformed.empty());
}

TEST_P(BadValueInTheStore, EndsAppliedOrAsADeadLetter) {
  test::Besides besides;
  for (const auto* file : kFiles) {
    for_each_place(payload(file), [&](const test::Mutant& mutant) { besides.post(mutant.body, GetParam().token); });
  }
  besides.settle();
  EXPECT_EQ(besides.healthy_applied(), besides.healthy_posted());
  if (GetParam().may_be_dead) {
    EXPECT_GE(besides.dead_letters(), besides.dead_expected());
  } else {
    EXPECT_EQ(besides.dead_letters(), besides.dead_expected());
  }
}

TEST(BadValues, AHundredThousandLevelsAreTheirMessagesAffair) {
  test::Besides besides;
  Json body = payload("text_reply");
  body["entry"][0]["changes"][0]["value"]["messages"][0]["text"] = "@";
  besides.post(body, nested(100'000));
  besides.settle();
  EXPECT_EQ(besides.count("message"), 2);
  EXPECT_EQ(besides.dead_letters(), 0);
}

// What an index of PostgreSQL cannot take is its own dead letter's fault, and even that must be storable.
TEST(BadValues, ANumberIdBeyondAnIndexHaltsNobody) {
  test::Besides besides;
  Json body = Json::parse(test::body_of(test::Text{.id = "wamid.far"}));
  body["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] = "@";
  besides.post(body, random_text(10'000, "0123456789"));
  besides.settle();
  EXPECT_EQ(besides.healthy_applied(), 1);
  EXPECT_EQ(besides.count("dead_letter WHERE reason = 'no_channel' AND phone_number_id IS NULL"), 1);
}

// Of keys that stand twice the last counts, as in every parser of ours and Meta's: nobody beside them notices.
TEST(BadValues, OfAKeyThatStandsTwiceTheLastCounts) {
  const std::string body =
      R"({"entry":[],"entry":[{"id":"9","changes":[{"field":"x","field":"messages","value":7,)"
      R"("value":{"metadata":{"phone_number_id":"1","phone_number_id":"2"},"messages":[{"id":"a",)"
      R"("id":"wamid.b","from":"1","timestamp":"x","timestamp":"1760000000","type":"text"}]}}]}]})";
  const auto read = read_payload(body);
  ASSERT_EQ(read.messages.size(), 1U);
  EXPECT_EQ(read.messages.front().inbound.message.wamid, "wamid.b");
  EXPECT_EQ(read.messages.front().origin.phone_number_id, "2");
  EXPECT_TRUE(read.malformed.empty());
}

}  // namespace
}  // namespace waypost
