#include "store/ai_settings.h"

#include <gtest/gtest.h>

#include "store/tenant_secrets.h"
#include "tests/support/temp_store.h"

namespace waypost::store {
namespace {

class AiSetting : public testing::Test {
 protected:
  void given(const Json& ai) {
    store.run([&](sql::Connection& c) { set_setting(c, store.tenant, kAi, ai, store.clock.now()); });
  }
  void given_key(const std::string& key) {
    store.run([&](sql::Connection& c) {
      set_tenant_secret(
          c, {.tenant = store.tenant, .name = "ai", .sealed = keyring.seal(Secret(key), kTenantSecretPurpose)},
          store.clock.now());
    });
  }
  AiSettings read() {
    return store.run([&](sql::Connection& c) { return read_ai_settings(c, keyring, store.tenant); });
  }
  bool has() {
    return store.run([&](sql::Connection& c) { return has_ai(c, store.tenant); });
  }

  test::TempStore store;
  Keyring keyring{{{"k", Secret(std::string(32, 'k'))}}, "k"};
};

TEST_F(AiSetting, IsOpenAiWithoutAKeyAtFirst) {
  const auto settings = read();
  EXPECT_EQ(settings.base_url, "https://api.openai.com/v1");
  EXPECT_EQ(settings.model, "gpt-4.1-nano");
  EXPECT_FALSE(settings.key.has_value());
  EXPECT_FALSE(settings.can_be_asked());
  EXPECT_FALSE(settings.cost_of(1'000, 1'000).has_value());
  EXPECT_FALSE(has());
}

TEST_F(AiSetting, CanBeAskedWithAKeyOrAtAnAddressOfItsOwn) {
  given_key("sk-1");
  EXPECT_EQ(read().key.value().reveal(), "sk-1");
  EXPECT_TRUE(read().can_be_asked());
  EXPECT_TRUE(has());
  store.run([&](sql::Connection& c) { drop_tenant_secret(c, store.tenant, kAi); });
  EXPECT_FALSE(has());
  given({{"baseUrl", "http://localhost:11434/v1/"}});
  EXPECT_EQ(read().base_url, "http://localhost:11434/v1");
  EXPECT_TRUE(read().can_be_asked());
  EXPECT_TRUE(has());
  given({{"baseUrl", "https://api.openai.com/v1"}});
  EXPECT_FALSE(has());
}

TEST_F(AiSetting, KeepsTheLastKeySealed) {
  given_key("sk-1");
  given_key("sk-2");
  EXPECT_EQ(read().key.value().reveal(), "sk-2");
  const auto kept =
      store.run([&](sql::Connection& c) { return c.run("SELECT secret FROM tenant_secret").front().bytes(0); });
  EXPECT_FALSE(kept.contains("sk-2"));
}

TEST_F(AiSetting, AKeyOfAnotherKeyringIsNoStoreFault) {
  given_key("sk-1");
  const Keyring other{{{"j", Secret(std::string(32, 'j'))}}, "j"};
  const auto read =
      store.database->read_and_wait([&](sql::Connection& c) { return read_ai_settings(c, other, store.tenant); });
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().code(), kUnreadableSecret);
}

TEST_F(AiSetting, IsTheWorkspacesOwn) {
  given_key("sk-1");
  const auto other = store.run([&](sql::Connection& c) { return create_tenant(c, "other", store.clock.now()).id; });
  EXPECT_FALSE(store.run([&](sql::Connection& c) { return has_ai(c, other); }));
}

TEST_F(AiSetting, CountsWhatTokensCost) {
  given({{"inputPrice", "0.1"}, {"outputPrice", "0.4"}});
  EXPECT_EQ(read().cost_of(1'000'000, 1'000'000).value().text(), "0.5");
  EXPECT_EQ(read().cost_of(500, 100).value().text(), "0.00009");
  EXPECT_EQ(read().cost_of(1, 0).value().text(), "0");
  EXPECT_EQ(read().cost_of(6, 0).value().text(), "0.000001");  // to the nearest millionth
  EXPECT_EQ(read().cost_of(-5, 0).value().text(), "0");
  given({{"outputPrice", "2"}});
  EXPECT_EQ(read().cost_of(1'000'000, 500'000).value().text(), "1");
}

TEST(AiAddress, OriginsAreComparedWhole) {
  EXPECT_TRUE(same_origin("https://api.openai.com/v1", "https://api.openai.com:443/v2"));
  EXPECT_FALSE(same_origin("https://api.openai.com/v1", "http://api.openai.com/v1"));
  EXPECT_FALSE(same_origin("https://api.openai.com/v1", "https://api.openai.com.example/v1"));
  EXPECT_FALSE(same_origin("nonsense", "nonsense"));
  EXPECT_TRUE(is_openai(kOpenAiUrl));
  EXPECT_FALSE(is_openai("http://localhost:1/v1"));
}

}  // namespace
}  // namespace waypost::store
