#include "webhook/app_keeper.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

#include "tests/support/temp_store.h"

namespace waypost {
namespace {

// Two nodes on one store: the second one's directory is kept.
class KeepingApps : public testing::Test {
 protected:
  void save(const std::string& secret) {
    store.run([&](sql::Connection& connection) {
      EXPECT_TRUE(store::save_webhook_app(
          connection, {.name = "default", .verify_token = Secret("token"), .secret = Secret(secret)}, *keyring,
          store.clock.now()));
    });
  }
  std::string secret() const {
    const auto apps = directory.apps();
    return apps->contains("default") ? std::string(apps->at("default").secret.reveal()) : "";
  }
  static bool comes_true(const std::function<bool()>& fact) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!fact() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(milliseconds(1));
    return fact();
  }

  test::TempStore store;
  Result<Keyring> keyring = Keyring::load_or_create(store.folder.file("keys"));
  const std::string mirror = store.folder.file("apps");
  AppDirectory directory{*keyring, mirror};
};

TEST_F(KeepingApps, ASecretThatAnotherNodeSavedArrivesByItself) {
  AppKeeper keeper(directory, *store.database, {.least = milliseconds(1), .most = milliseconds(5)});
  save("one");
  EXPECT_TRUE(comes_true([&] { return secret() == "one"; }));
  save("two");
  EXPECT_TRUE(comes_true([&] { return secret() == "two"; }));
}

TEST_F(KeepingApps, WhoAsksIsNotKeptWaiting) {
  save("one");
  AppKeeper keeper(directory, *store.database, {.least = milliseconds(1), .most = std::chrono::hours(1)});
  directory.ask();
  EXPECT_TRUE(comes_true([&] { return secret() == "one"; }));
}

TEST_F(KeepingApps, TheMirrorIsWrittenOnlyWhenItSaysSomethingElse) {
  save("one");
  ASSERT_TRUE(directory.load(*store.database));
  ASSERT_TRUE(std::filesystem::remove(mirror));
  ASSERT_TRUE(directory.load(*store.database));
  EXPECT_FALSE(std::filesystem::exists(mirror));
  save("two");
  ASSERT_TRUE(directory.load(*store.database));
  EXPECT_TRUE(std::filesystem::exists(mirror));
}

}  // namespace
}  // namespace waypost
