#include "webhook/app_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "tests/support/temp_store.h"

namespace waypost {
namespace {

class Directory : public testing::Test {
 protected:
  void save(const std::string& name, const std::string& token, const std::string& secret) {
    store.run([&](sql::Connection& connection) {
      const auto saved = store::save_webhook_app(
          connection, {.name = name, .verify_token = Secret(token), .secret = Secret(secret)}, *keyring, now());
      EXPECT_TRUE(saved);
      return 0;
    });
  }
  Time now() const { return store.clock.now(); }

  test::TempStore store;
  Result<Keyring> keyring = Keyring::load_or_create(store.folder.file("keys"));
  const std::string mirror = store.folder.file("apps");
};

TEST_F(Directory, IsReadFromTheStoreAndFromItsMirrorWithoutIt) {
  save("default", "token", "secret-words");
  AppDirectory directory(*keyring, mirror);
  EXPECT_TRUE(directory.load(*store.database));
  AppDirectory later(*keyring, mirror);
  EXPECT_TRUE(later.load_mirror());
  for (const auto* one : {&directory, &later}) {
    ASSERT_TRUE(one->apps()->contains("default"));
    EXPECT_EQ(one->apps()->at("default").secret.reveal(), "secret-words");
    EXPECT_EQ(one->apps()->at("default").verify_token.reveal(), "token");
  }
}

TEST_F(Directory, MirrorsNothingReadable) {
  save("default", "token-words", "secret-words");
  AppDirectory directory(*keyring, mirror);
  ASSERT_TRUE(directory.load(*store.database));
  std::ifstream file(mirror);
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str().find("words"), std::string::npos);
  struct stat status{};
  ASSERT_EQ(::stat(mirror.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(Directory, WithoutAMirrorHasNoApp) {
  AppDirectory directory(*keyring, mirror);
  EXPECT_TRUE(directory.load_mirror());
  EXPECT_TRUE(directory.apps()->empty());
}

TEST_F(Directory, AReplacedSecretStaysValidUntilTheRotationEnds) {
  save("default", "token", "old");
  save("default", "token", "new");
  save("default", "token", "new");
  AppDirectory directory(*keyring, mirror);
  ASSERT_TRUE(directory.load(*store.database));
  ASSERT_TRUE(directory.apps()->at("default").previous_secret);
  EXPECT_EQ(directory.apps()->at("default").previous_secret->reveal(), "old");
  store.run([&](sql::Connection& connection) { return store::drop_previous_secret(connection, "default", now()); });
  ASSERT_TRUE(directory.load(*store.database));
  EXPECT_FALSE(directory.apps()->at("default").previous_secret);
}

// Law 12.
TEST_F(Directory, AnAppWithoutASecretCannotBeMade) {
  for (const auto& [name, token, secret] : {std::tuple{"default", "token", ""}, std::tuple{"default", "", "secret"},
                                            std::tuple{"", "token", "secret"}, std::tuple{"a/b", "token", "secret"}}) {
    const auto saved = store.database->write_and_wait(0, [&](sql::Connection& connection) {
      return store::save_webhook_app(
          connection, {.name = name, .verify_token = Secret(token), .secret = Secret(secret)}, *keyring, now());
    });
    ASSERT_FALSE(saved);
    EXPECT_EQ(saved.error().kind(), ErrorKind::InvalidInput);
    EXPECT_EQ(saved.error().fields().size(), 1U);
  }
  EXPECT_EQ(store.number("SELECT count(*) FROM webhook_app"), 0);
}

}  // namespace
}  // namespace waypost
