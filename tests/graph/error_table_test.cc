#include "graph/error_table.h"

#include <gtest/gtest.h>

#include <vector>

namespace waypost {
namespace {

struct Line {
  std::int64_t code;
  GraphAction action;
};

TEST(ErrorTable, SaysWhatMetasCodesMean) {
  const std::vector<Line> lines{
      {0, GraphAction::HoldForToken},      {1, GraphAction::Unknown},          {2, GraphAction::Unknown},
      {3, GraphAction::HoldForToken},      {4, GraphAction::PauseApp},         {10, GraphAction::HoldForToken},
      {33, GraphAction::Config},           {100, GraphAction::Fail},           {104, GraphAction::HoldForToken},
      {190, GraphAction::HoldForToken},    {200, GraphAction::HoldForToken},   {250, GraphAction::HoldForToken},
      {299, GraphAction::HoldForToken},    {368, GraphAction::Config},         {613, GraphAction::PauseApp},
      {80007, GraphAction::PauseApp},      {130403, GraphAction::Fail},        {130429, GraphAction::PauseNumber},
      {130472, GraphAction::Fail},         {130497, GraphAction::Config},      {131000, GraphAction::Unknown},
      {131005, GraphAction::HoldForToken}, {131008, GraphAction::Fail},        {131009, GraphAction::Fail},
      {131016, GraphAction::Unknown},      {131026, GraphAction::Fail},        {131031, GraphAction::Config},
      {131042, GraphAction::Config},       {131047, GraphAction::UseTemplate}, {131049, GraphAction::Fail},
      {131050, GraphAction::Fail},         {131051, GraphAction::Fail},        {131053, GraphAction::Retry},
      {131056, GraphAction::PausePair},    {131057, GraphAction::PauseNumber}, {131208, GraphAction::PauseNumber},
      {132000, GraphAction::Fail},         {132001, GraphAction::Fail},        {132015, GraphAction::Fail},
      {132016, GraphAction::Fail},         {132018, GraphAction::Fail},        {133010, GraphAction::Config},
      {134101, GraphAction::Retry},        {2494100, GraphAction::Retry},
  };
  for (const auto& line : lines) EXPECT_EQ(action_of(line.code), line.action) << line.code;
}

TEST(ErrorTable, DoesNotKnowWhatIsBetweenItsLines) {
  for (const std::int64_t code : {-1, 5, 199, 300, 131007, 131010, 131048 + 10, 999999, 2494101}) {
    EXPECT_EQ(action_of(code), std::nullopt) << code;
  }
}

TEST(ErrorTable, ItsWordCountsWhateverTheHttpStatusIs) {
  for (const int status : {400, 403, 429, 500}) {
    EXPECT_EQ(judge_error({.code = 131056, .http_status = status}), GraphAction::PausePair) << status;
    EXPECT_EQ(judge_error({.code = 131026, .http_status = status}), GraphAction::Fail) << status;
  }
}

TEST(ErrorTable, AnUnknownCodeIsJudgedByStatusThenByIsTransient) {
  EXPECT_EQ(judge_error({.code = 777, .http_status = 429}), GraphAction::PauseNumber);
  EXPECT_EQ(judge_error({.code = 777, .http_status = 503}), GraphAction::Unknown);
  EXPECT_EQ(judge_error({.code = 777, .http_status = 503, .is_transient = true}), GraphAction::Unknown);
  EXPECT_EQ(judge_error({.code = 777, .http_status = 400, .is_transient = true}), GraphAction::Retry);
  EXPECT_EQ(judge_error({.code = 777, .http_status = 400}), GraphAction::Fail);
}

}  // namespace
}  // namespace waypost
