// Faults in a row, from the pool to the rows: a real Redis and a real store.

#include "daemon/fault_keeper.h"

#include "tests/queue/queue_fixture.h"
#include "tests/support/temp_store.h"

namespace waypost::test {
namespace {

class Faults : public QueueFixture {
 protected:
  void TearDown() override {
    if (pool) loop.wait(pool->stop());
    QueueFixture::TearDown();
  }
  // Each handling as its letter says: (f)ault, (s)uccess with more to do at once. The store's clock stands in the past,
  // so that a next try is due at once.
  void handle(const std::string& letters) {
    pool =
        WorkerPool::make("test", loop.executor(), *queue,
                         {.workers = 1, .faults = keep_faults(*store.database, store.clock, store::WorkQueue::Runs, 3)},
                         [this, letters](ReadyKey) -> awaitable<WorkOutcome> {
                           if (handled == letters.size()) co_return std::nullopt;
                           if (letters[handled++] == 's') co_return SystemClock().now();
                           co_return fail(ErrorKind::Internal, "it broke");
                         });
    offer({.owner = store.tenant, .key = {uuid_of(1)}, .stream = Stream::Reply});
    pool->start();
    EXPECT_TRUE(drained());
    EXPECT_EQ(handled, letters.size());
  }
  std::int64_t buried() { return store.number("SELECT count(*) FROM work_failure WHERE buried_at IS NOT NULL"); }
  std::int64_t rows() { return store.number("SELECT count(*) FROM work_failure"); }

  TempStore store;
  std::unique_ptr<WorkerPool> pool;
  std::size_t handled = 0;
};

TEST_F(Faults, AsManyInARowAsThereAreAttemptsAreBuried) {
  handle("fff");
  EXPECT_EQ(buried(), 1);
}

TEST_F(Faults, ASuccessBetweenThemBeginsANewRow) {
  handle("ffsffs");
  EXPECT_EQ(buried(), 0);
  EXPECT_EQ(rows(), 0);
}

}  // namespace
}  // namespace waypost::test
