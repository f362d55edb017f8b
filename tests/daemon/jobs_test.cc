#include "daemon/jobs.h"

#include <gtest/gtest.h>

namespace waypost {
namespace {

// Law 4: also when the node that sweeps dies at the moment in which Redis returns. Others first see the last renewal a
// look late, find the lease free a look late, and the sweep asks a look late.
TEST(Jobs, TheSweepIsTakenOverWithinFiveSeconds) {
  const auto terms = terms_of(Job::Sweep, sql::Engine::Postgres);
  const auto look = terms.renew / 4;
  EXPECT_LT(terms.ttl + terms.margin + 3 * look, milliseconds(4'500));
}

TEST(Jobs, AHolderMayMissARenewalOrTwo) {
  for (const auto job : {Job::Stamping, Job::Sweep, Job::Housekeeping, Job::Templates, Job::Health, Job::Broadcasts}) {
    const auto terms = terms_of(job, sql::Engine::Postgres);
    EXPECT_GE(terms.ttl, 3 * terms.renew);
    EXPECT_EQ(terms.rivals, store::Rivals::Possible);
    EXPECT_EQ(terms_of(job, sql::Engine::Sqlite).rivals, store::Rivals::None);
  }
}

}  // namespace
}  // namespace waypost
