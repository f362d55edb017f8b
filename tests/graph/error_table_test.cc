#include "graph/error_table.h"

#include <gtest/gtest.h>

namespace waypost {
namespace {

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

TEST(ErrorTable, EveryActionHasAKind) {
  EXPECT_EQ(kind_of(GraphAction::RetryLink), ErrorKind::Unavailable);
  EXPECT_EQ(kind_of(GraphAction::PauseAccount), ErrorKind::RateLimited);
  EXPECT_EQ(kind_of(GraphAction::HoldForToken), ErrorKind::Unauthorised);
  EXPECT_EQ(kind_of(GraphAction::BlockAccount), ErrorKind::Rejected);
}

}  // namespace
}  // namespace waypost
