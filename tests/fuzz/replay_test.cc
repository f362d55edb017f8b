// What once broke something, and every payload file, given to each target without a fuzzer.

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "tests/fuzz/broken.h"
#include "tests/fuzz/targets.h"
#include "tests/webhook/payload_files.h"

namespace waypost::fuzz {
namespace {

namespace fs = std::filesystem;

const fs::path kCorpus(WAYPOST_FUZZ_CORPUS);

std::vector<fs::path> kept_for(std::string_view target) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(kCorpus / target)) files.push_back(entry.path());
  return files;
}

class Replay : public testing::TestWithParam<Target> {};

void hold(const Target& target, const fs::path& file) {
  const auto input = test::content_of(file);
  EXPECT_NO_THROW(target.run(input)) << target.name << " by " << file;
}

TEST_P(Replay, WhatIsKeptHolds) {
  const auto files = kept_for(GetParam().name);
  EXPECT_FALSE(files.empty()) << "each target keeps at least one input";
  for (const auto& file : files) hold(GetParam(), file);
}

TEST_P(Replay, PayloadsHold) {
  for (const auto& file : test::payload_files()) hold(GetParam(), file);
}

INSTANTIATE_TEST_SUITE_P(Fuzz, Replay, testing::ValuesIn(targets().begin(), targets().end()),
                         [](const auto& target) { return std::string(target.param.name); });

TEST(Corpus, IsAllOfATarget) {
  std::set<std::string> known;
  for (const auto& target : targets()) known.emplace(target.name);
  for (const auto& folder : fs::directory_iterator(kCorpus)) {
    EXPECT_TRUE(known.contains(folder.path().filename().string())) << folder.path();
  }
}

}  // namespace
}  // namespace waypost::fuzz
