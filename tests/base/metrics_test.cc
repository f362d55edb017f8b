#include "base/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace waypost {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(GaugeSeries, ShowsWhatIsThereAndNothingElse) {
  GaugeSeries series("test_series", "For a test");
  series.show({{{{"of", "a"}}, 1}, {{{"of", "b"}}, 2}});
  EXPECT_THAT(metrics_text(), HasSubstr("test_series{of=\"a\"} 1\n"));
  series.show({{{{"of", "b"}}, 3}, {{{"of", "c"}}, 4}});
  EXPECT_THAT(metrics_text(), HasSubstr("test_series{of=\"b\"} 3\n"));
  EXPECT_THAT(metrics_text(), HasSubstr("test_series{of=\"c\"} 4\n"));
  EXPECT_THAT(metrics_text(), Not(HasSubstr("of=\"a\"")));
  series.show({});
  EXPECT_THAT(metrics_text(), Not(HasSubstr("test_series{")));
}

}  // namespace
}  // namespace waypost
