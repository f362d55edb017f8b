#include "sql/batch_runner.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <set>
#include <string>

namespace waypost::sql {
namespace {

// An engine of a few sets of words: run("word") adds one; "taken" is a Data fault when it is there already. COMMIT
// follows a script of faults.
class WordSession final : public Session {
 public:
  using Connection::run;
  Engine engine() const override { return Engine::Sqlite; }
  Rows run(std::string_view text, std::span<const Value>) override {
    if (text == "bad") throw Fault(FaultKind::Data, "bad word");
    open_.insert(std::string(text));
    ++changes_;
    return {0, {}, 1};
  }
  void script(std::string_view) override {}
  std::int64_t total_changes() const override { return changes_; }

  void begin() override {
    ++begun;
    if (auto fault = next_of(begin_faults)) throw *fault;
    open_ = kept;
  }
  void commit() override {
    if (auto fault = next_of(commit_faults)) throw *fault;
    if (deferred_rule && open_.contains("deferred")) throw Fault(FaultKind::Data, "a deferred rule is broken");
    kept = open_;
    ++committed;
  }
  void rollback() noexcept override { open_ = kept; }
  void savepoint() override { saved_ = open_; }
  void keep_savepoint() override {}
  void undo_savepoint() override { open_ = saved_; }

  std::set<std::string> kept;
  std::deque<std::optional<Fault>> begin_faults;
  std::deque<std::optional<Fault>> commit_faults;
  bool deferred_rule = false;
  int begun = 0;
  int committed = 0;

 private:
  static std::optional<Fault> next_of(std::deque<std::optional<Fault>>& faults) {
    if (faults.empty()) return std::nullopt;
    auto fault = faults.front();
    faults.pop_front();
    return fault;
  }

  std::set<std::string> open_;
  std::set<std::string> saved_;
  std::int64_t changes_ = 0;
};

using Words = std::vector<std::string>;
using std::chrono::milliseconds;

class BatchRunning : public ::testing::Test {
 protected:
  // A unit that writes these words, and then returns an Error when `refuse` says so.
  void given(Words words, std::optional<ErrorKind> refuse = std::nullopt) {
    const std::size_t number = jobs_.size();
    jobs_.push_back({.unit = [words = std::move(words), refuse](Connection& connection) -> std::optional<Error> {
                       for (const auto& word : words) connection.run(word);
                       if (refuse) return Error(*refuse, "refused");
                       return std::nullopt;
                     },
                     .done =
                         [this, number](const std::optional<Error>& error) {
                           EXPECT_FALSE(answers_.contains(number)) << "answered twice";
                           answers_[number] = error ? name_of(error->kind()) : "done";
                         }});
  }
  std::size_t run(BatchLimits limits = {.patience = milliseconds(200)}) {
    BatchRunner runner(session_, limits);
    return run_with(runner);
  }
  std::size_t run_with(BatchRunner& runner) {
    Batch batch{.light = light_, .urgent = urgent_ == kAll ? jobs_.size() : urgent_};
    batch.jobs.swap(jobs_);
    const auto ran = runner.run(batch, [this] { return hurry_; });
    batch.jobs.swap(jobs_);
    return ran;
  }
  std::vector<std::string> answers() const {
    std::vector<std::string> all;
    for (const auto& [number, answer] : answers_) all.push_back(answer);
    return all;
  }

  static constexpr std::size_t kAll = 1000;
  WordSession session_;
  std::vector<Job> jobs_;
  std::map<std::size_t, std::string> answers_;
  std::size_t light_ = 0;
  std::size_t urgent_ = kAll;
  bool hurry_ = false;
};

TEST_F(BatchRunning, AllUnitsAreOneTransaction) {
  for (const char* word : {"a", "b", "c"}) given({word});
  EXPECT_EQ(run(), 3U);
  EXPECT_EQ(answers(), (Words{"done", "done", "done"}));
  EXPECT_EQ(session_.committed, 1);
}

TEST_F(BatchRunning, AUnitWithBadDataHarmsOnlyItself) {
  given({"a"});
  given({"b", "bad"});
  given({"c"});
  run();
  EXPECT_EQ(answers(), (Words{"done", "internal", "done"}));
  EXPECT_EQ(session_.kept, (std::set<std::string>{"a", "c"}));
  EXPECT_EQ(session_.committed, 1);
}

TEST_F(BatchRunning, AnErrorUndoesItsOwnWritesOnly) {
  given({"a"});
  given({"b"}, ErrorKind::Conflict);
  given({"c"});
  run();
  EXPECT_EQ(answers(), (Words{"done", "conflict", "done"}));
  EXPECT_EQ(session_.kept, (std::set<std::string>{"a", "c"}));
}

TEST_F(BatchRunning, AnErrorWithoutWritesCostsNoSecondRun) {
  given({"a"});
  given({}, ErrorKind::NotFound);
  run();
  EXPECT_EQ(answers(), (Words{"done", "not_found"}));
  EXPECT_EQ(session_.begun, 1);
}

TEST_F(BatchRunning, ALoneBadUnitIsNotRunAgain) {
  given({"a", "bad"});
  run();
  EXPECT_EQ(answers(), (Words{"internal"}));
  EXPECT_EQ(session_.begun, 1);
  EXPECT_TRUE(session_.kept.empty());
}

TEST_F(BatchRunning, AUnitThatThrowsSomethingElseHarmsOnlyItself) {
  given({"a"});
  jobs_.push_back({.unit = [](Connection& connection) -> std::optional<Error> {
                     connection.run("b");
                     throw std::logic_error("column 0 is not a number");
                   },
                   .done = [this](const std::optional<Error>& error) { answers_[1] = name_of(error.value().kind()); }});
  run();
  EXPECT_EQ(answers(), (Words{"done", "internal"}));
  EXPECT_EQ(session_.kept, (std::set<std::string>{"a"}));
}

TEST_F(BatchRunning, WhatOnlyCommitFindsIsLookedForUnitByUnit) {
  session_.deferred_rule = true;
  given({"a"});
  given({"deferred"});
  given({"c"});
  run();
  EXPECT_EQ(answers(), (Words{"done", "internal", "done"}));
  EXPECT_EQ(session_.kept, (std::set<std::string>{"a", "c"}));
}

TEST_F(BatchRunning, ContentionRunsAgain) {
  session_.commit_faults = {Fault(FaultKind::Contention, "deadlock"), Fault(FaultKind::Contention, "deadlock")};
  given({"a"});
  run();
  EXPECT_EQ(answers(), (Words{"done"}));
  EXPECT_EQ(session_.begun, 3);
}

TEST_F(BatchRunning, ContentionRunsAgainInHalvesInTheirOrder) {
  session_.commit_faults = {Fault(FaultKind::Contention, "deadlock"), std::nullopt,
                            Fault(FaultKind::Contention, "deadlock")};
  std::string order;
  for (const char* word : {"a", "b", "c", "d"}) {
    given({word});
    jobs_.back().done = [&order, word](const std::optional<Error>& error) { order += error ? "!" : word; };
  }
  run();
  EXPECT_EQ(order, "abcd");
  EXPECT_EQ(session_.committed, 3) << "a and b, c, d";
}

TEST_F(BatchRunning, ABadUnitInAHalfHarmsOnlyItself) {
  session_.commit_faults = {Fault(FaultKind::Contention, "deadlock")};
  session_.begin_faults = {Fault(FaultKind::Contention, "deadlock")};
  for (const char* word : {"a", "b", "bad", "d", "e"}) given({word});
  run();
  EXPECT_EQ(answers(), (Words{"done", "done", "internal", "done", "done"}));
  EXPECT_EQ(session_.kept, (std::set<std::string>{"a", "b", "d", "e"}));
}

TEST_F(BatchRunning, ContentionThatLastsIsUnavailable) {
  session_.commit_faults.assign(1000, Fault(FaultKind::Contention, "deadlock"));
  given({"a"});
  given({"b"});
  run({.patience = milliseconds(20)});
  EXPECT_EQ(answers(), (Words{"unavailable", "unavailable"}));
}

// The applier tells by it that the store is not away.
TEST_F(BatchRunning, ContentionThatLastsSaysSo) {
  session_.commit_faults.assign(1000, Fault(FaultKind::Contention, "deadlock"));
  std::string code;
  jobs_.push_back({.unit = [](Connection&) { return std::optional<Error>(); },
                   .done = [&](const std::optional<Error>& error) { code = error ? error->code() : "done"; }});
  run({.patience = milliseconds(20)});
  EXPECT_EQ(code, kContended);
}

TEST_F(BatchRunning, BulkUnitsOfTheSecondHalfKeepTheirPlace) {
  session_.begin_faults = {Fault(FaultKind::Contention, "deadlock")};
  urgent_ = 1;
  for (const char* word : {"urgent", "bulk 1", "bulk 2", "bulk 3"}) given({word});
  EXPECT_EQ(run({.patience = milliseconds(1000), .bulk = milliseconds(-1)}), 3U);
  EXPECT_EQ(session_.kept, (std::set<std::string>{"urgent", "bulk 1", "bulk 2"}));
  EXPECT_EQ(answers_.size(), 3U);
}

TEST_F(BatchRunning, ACommitNobodyKnowsOfIsNotRunAgain) {
  session_.commit_faults = {Fault(FaultKind::Unsettled, "the server died with the answer")};
  std::string code;
  given({"a"});
  jobs_.back().done = [&code](const std::optional<Error>& error) { code = error.value().code(); };
  run();
  EXPECT_EQ(code, "commit_unknown");
  EXPECT_EQ(session_.begun, 1);
}

TEST_F(BatchRunning, AnOutageShorterThanThePatienceIsNotSeen) {
  session_.begin_faults = {Fault(FaultKind::Unavailable, "away"), Fault(FaultKind::Unavailable, "away")};
  session_.commit_faults = {Fault(FaultKind::Unavailable, "disk full")};
  given({"a"});
  given({"b"});
  run();
  EXPECT_EQ(answers(), (Words{"done", "done"}));
}

TEST_F(BatchRunning, ALongerOneIsUnavailableForAllAndThenItWorksAgain) {
  session_.commit_faults.assign(1000, Fault(FaultKind::Unavailable, "disk full"));
  given({"a"});
  given({"b"});
  BatchRunner runner(session_, {.patience = milliseconds(20)});
  run_with(runner);
  EXPECT_EQ(answers(), (Words{"unavailable", "unavailable"}));
  EXPECT_TRUE(session_.kept.empty());
  session_.commit_faults.clear();
  answers_.clear();
  run_with(runner);
  EXPECT_EQ(answers(), (Words{"done", "done"}));
}

TEST_F(BatchRunning, BulkEndsWhenItsTimeIsUsedButRunsAtLeastOnce) {
  urgent_ = 1;
  for (const char* word : {"urgent", "bulk 1", "bulk 2", "bulk 3"}) given({word});
  EXPECT_EQ(run({.patience = milliseconds(0), .bulk = milliseconds(-1)}), 2U);
  EXPECT_EQ(session_.kept, (std::set<std::string>{"urgent", "bulk 1"}));
  EXPECT_EQ(answers_.size(), 2U);
}

TEST_F(BatchRunning, UrgentOnesEndSoToo) {
  urgent_ = 3;
  for (const char* word : {"urgent 1", "urgent 2", "urgent 3", "bulk"}) given({word});
  EXPECT_EQ(run({.patience = milliseconds(0), .urgent = milliseconds(-1)}), 1U);
  EXPECT_EQ(session_.kept, (std::set<std::string>{"urgent 1"}));
}

TEST_F(BatchRunning, LightOnesAreAllRunAndTheOthersEndForOneThatWaits) {
  light_ = 2;
  urgent_ = 4;
  hurry_ = true;
  for (const char* word : {"light 1", "light 2", "heavy 1", "heavy 2", "bulk"}) given({word});
  EXPECT_EQ(run(), 3U) << "one of the others in each batch, so that they are not starved";
  EXPECT_EQ(session_.kept, (std::set<std::string>{"light 1", "light 2", "heavy 1"}));
  EXPECT_EQ(answers_.size(), 3U);
}

TEST_F(BatchRunning, LightOnesThatTakeAllTheTimeLeaveOneOfTheOthers) {
  light_ = 1;
  urgent_ = 3;
  for (const char* word : {"light 1", "heavy", "heavy 2"}) given({word});
  EXPECT_EQ(run({.urgent = milliseconds(-1)}), 2U);
  EXPECT_EQ(session_.kept, (std::set<std::string>{"light 1", "heavy"}));
}

TEST_F(BatchRunning, BulkAloneHasItsTimeAlsoInAHurry) {
  urgent_ = 0;
  hurry_ = true;
  for (const char* word : {"bulk 1", "bulk 2"}) given({word});
  EXPECT_EQ(run({.bulk = milliseconds(1'000)}), 2U);
}

TEST_F(BatchRunning, ABatchWithoutLightOnesRunsItsFirstEvenInAHurry) {
  hurry_ = true;
  for (const char* word : {"heavy 1", "heavy 2"}) given({word});
  EXPECT_EQ(run(), 1U);
  EXPECT_EQ(session_.kept, (std::set<std::string>{"heavy 1"}));
}

}  // namespace
}  // namespace waypost::sql
