#include "daemon/window_watch.h"

#include <gtest/gtest.h>

#include <vector>

#include "store/inbound.h"
#include "tests/support/run_loop.h"
#include "tests/support/temp_store.h"

namespace waypost {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class Watching : public testing::Test {
 protected:
  void given_windows(int many) {
    store_.run([&](sql::Connection& connection) {
      for (int n = 0; n < many; ++n) {
        store::Inbound inbound{.phone_number_id = test::kNumber};
        inbound.sender.phone = "4917" + std::to_string(10'000 + n);
        inbound.message.tenant = store_.tenant;
        inbound.message.channel = store_.channel;
        inbound.message.wamid = "wamid." + std::to_string(n);
        inbound.message.happened_at = store_.clock.now();
        store::receive_message(connection, inbound, store_.clock.now());
      }
    });
  }
  std::unique_ptr<WindowWatch> watch(minutes notice, bool mine) {
    auto made = std::make_unique<WindowWatch>(WindowWatchParts{.loop = loop_.executor(),
                                                               .database = *store_.database,
                                                               .clock = store_.clock,
                                                               .mine = [mine] { return mine; }},
                                              WindowWatchSettings{.notice = notice, .every = milliseconds(5)});
    made->start();
    return made;
  }
  std::int64_t told() { return store_.number("SELECT count(*) FROM event WHERE type = 'window.closing'"); }
  // Long enough for many rounds.
  void let_it_look() {
    loop_.run_until([] { return false; }, milliseconds(200));
  }

  test::TempStore store_;
  test::RunLoop loop_;
};

TEST_F(Watching, MoreThanARoundCanTakeAreAllToldOnceThoughTwoWatch) {
  given_windows(250);
  const auto one = watch(hours(1), true);
  const auto other = watch(hours(1), true);
  let_it_look();
  EXPECT_EQ(told(), 0);
  store_.clock.pass(hours(23));
  EXPECT_TRUE(loop_.run_until([&] { return told() >= 250; }));
  let_it_look();
  EXPECT_EQ(told(), 250);
  loop_.wait(one->stop());
  loop_.wait(other->stop());
}

TEST_F(Watching, NothingIsToldByANodeThatDoesNotSweepNorWhereItIsOff) {
  given_windows(1);
  const auto elsewhere = watch(hours(1), false);
  const auto off = watch(minutes(0), true);
  store_.clock.pass(hours(23) + minutes(30));
  let_it_look();
  EXPECT_EQ(told(), 0);
  loop_.wait(elsewhere->stop());
  loop_.wait(off->stop());
}

}  // namespace
}  // namespace waypost
