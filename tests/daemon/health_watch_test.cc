#include "daemon/health_watch.h"

#include <gmock/gmock.h>

#include "base/metrics.h"
#include "tests/support/run_loop.h"
#include "tests/support/temp_store.h"

namespace waypost {
namespace {

using std::chrono::minutes;
using testing::HasSubstr;
using testing::Not;

// A Meta that refuses every token, and counts.
class RefusingMeta final : public ManagementClient {
 public:
  awaitable<Result<GraphReply>> ask(GraphCall) override {
    ++asked;
    co_return fail(ErrorKind::Unauthorised, "Meta's code 190");
  }
  int asked = 0;
};

class HealthWatching : public testing::Test {
 protected:
  static constexpr int kAsksALook = 3;

  HealthWatching() {
    store_.run([&](sql::Connection& connection) {
      connection.run("UPDATE channel SET access_token = $1", {keyring_.seal(Secret("t"), store::kAccessTokenPurpose)});
    });
  }
  std::unique_ptr<HealthWatch> watch(minutes every, bool mine) {
    auto made = std::make_unique<HealthWatch>(HealthWatchParts{.loop = loop_.executor(),
                                                               .database = *store_.database,
                                                               .looker = looker_,
                                                               .clock = store_.clock,
                                                               .mine = [mine] { return mine; }},
                                              HealthWatchSettings{.every = every, .round = milliseconds(5)});
    made->start();
    return made;
  }
  void let_it_look() {
    loop_.run_until([] { return false; }, milliseconds(200));
  }

  test::TempStore store_;
  test::RunLoop loop_;
  Keyring keyring_{{{"k1", Secret(std::string(32, 'k'))}}, "k1"};
  RefusingMeta meta_;
  ChannelLooker looker_{
      {.database = store_.database.get(), .graph = &meta_, .clock = &store_.clock, .keyring = &keyring_},
      HealthSettings{},
      ""};
};

TEST_F(HealthWatching, EachChannelIsLookedAtInItsTime) {
  const auto one = watch(minutes(15), true);
  EXPECT_TRUE(loop_.run_until([&] { return meta_.asked >= kAsksALook; }));
  let_it_look();
  EXPECT_EQ(meta_.asked, kAsksALook);
  EXPECT_THAT(metrics_text(), HasSubstr("waypost_channels{status=\"bad\"} 1"));
  EXPECT_THAT(metrics_text(), HasSubstr(store_.channel.text()));
  store_.clock.pass(minutes(15));
  EXPECT_TRUE(loop_.run_until([&] { return meta_.asked >= 2 * kAsksALook; }));
  let_it_look();
  EXPECT_EQ(meta_.asked, 2 * kAsksALook);
  EXPECT_EQ(store_.number("SELECT count(*) FROM event WHERE type = 'channel.health_changed'"), 1);
  loop_.wait(one->stop());
  EXPECT_THAT(metrics_text(), Not(HasSubstr(store_.channel.text())));
}

TEST_F(HealthWatching, NobodyLooksWithoutTheJobOrWhenItIsOff) {
  const auto other = watch(minutes(15), false);
  const auto off = watch(minutes(0), true);
  let_it_look();
  EXPECT_EQ(meta_.asked, 0);
}

}  // namespace
}  // namespace waypost
