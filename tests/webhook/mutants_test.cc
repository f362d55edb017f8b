#include "tests/webhook/mutants.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "tests/webhook/besides.h"
#include "tests/webhook/item_count.h"
#include "tests/webhook/payload_files.h"
#include "webhook/payload.h"

namespace waypost {
namespace {

using test::Mutant;

std::string field_of(const Json& payload) {
  const Json* entries = find_array(payload, "entry");
  const Json* changes = entries && !entries->empty() ? find_array(entries->front(), "changes") : nullptr;
  return changes && !changes->empty() ? text_or_empty(changes->front(), "field") : std::string();
}

// Of all payloads. What stands at one place in several payloads of one field is taken once.
void for_each_mutant(const test::TakeMutant& take) {
  std::set<std::string> seen;
  for (const auto& file : test::payload_files()) {
    const auto payload = parse_json(test::content_of(file));
    if (!payload || !find_array(*payload, "entry")) continue;
    const auto field = field_of(*payload);
    test::for_each_mutant(*payload, [&](const std::string& where) { return seen.insert(field + where).second; }, take);
  }
}

bool is_within_item(const Mutant& mutant) {
  return mutant.where.find("/value/messages/") != std::string::npos ||
         mutant.where.find("/value/contacts") != std::string::npos;
}

// A healthy message behind those of the first list; the number added.
std::int64_t add_sibling(Json& body) {
  Json& change = body["entry"][0]["changes"][0];
  Json& value = change["value"];
  if (change["field"] != "messages" || !find_array(value, "messages")) return 0;
  value["messages"].push_back(test::message_json({.id = "wamid.sibling"}));
  return 1;
}

// In shares, because all of them take a minute under sanitizers on a busy machine.
constexpr std::size_t kShares = 6;
class Mutants : public testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Share, Mutants, testing::Range<std::size_t>(0, kShares));

// Law 3. Each part of each payload in turn is of every wrong shape, or gone.
TEST_P(Mutants, HarmNobodyBesideThemAndNothingVanishes) {
  std::size_t mutants = 0;
  for_each_mutant([&](const Mutant& mutant) {
    if (++mutants % kShares != GetParam()) return;
    Json body = mutant.body;
    const std::int64_t beside = find_array(body, "entry") ? 1 : 0;
    const auto siblings = is_within_item(mutant) ? add_sibling(body) : 0;
    test::add_healthy(body, "wamid.beside");
    const auto text = dump(body);
    const auto read = read_payload(text);
    EXPECT_EQ(test::difference(test::items_in(body), test::items_of(read)), "") << text;
    EXPECT_EQ(test::times_read(read, "wamid.beside"), beside) << text;
    EXPECT_EQ(test::times_read(read, "wamid.sibling"), siblings) << text;
  });
  EXPECT_GT(mutants, 4'000U);
}

constexpr int kSeed = 20'261'130;

// The applier never halts: every mutant ends applied or as a dead letter, and the message beside it is applied.
TEST(MutantsInTheStore, AllEndAppliedOrAsDeadLetters) {
  test::Besides besides;
  std::vector<Mutant> all;
  for_each_mutant([&](const Mutant& mutant) { all.push_back(mutant); });
  std::mt19937 chance(kSeed);
  std::ranges::shuffle(all, chance);
  // Each statement is a round trip on PostgreSQL.
  all.resize(besides.engine() == sql::Engine::Postgres ? 300 : 1'000);
  for (const auto& mutant : all) besides.post(mutant.body);
  besides.settle();
  EXPECT_EQ(besides.healthy_applied(), besides.healthy_posted());
  EXPECT_EQ(besides.dead_letters(), besides.dead_expected());
}

}  // namespace
}  // namespace waypost
