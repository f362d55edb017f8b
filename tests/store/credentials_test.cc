#include "store/credentials.h"

#include <gmock/gmock.h>

#include "base/crypto.h"
#include "tests/support/temp_store.h"

namespace waypost::store {
namespace {

using testing::ElementsAre;

class Credentials : public testing::Test {
 protected:
  Credential fresh(const std::string& name) {
    return {.tenant = store.tenant,
            .name = name,
            .kind = CredentialKind::Header,
            .parameter = "X-Api-Key",
            .sealed_secret = keyring.seal(Secret("hush"), kCredentialPurpose),
            .hosts = {"api.example.com"}};
  }
  Credential given(const std::string& name) {
    return store.run(
        [&](sql::Connection& connection) { return create_credential(connection, fresh(name), store.clock.now()); });
  }

  Keyring keyring{{{"k1", Secret(std::string(32, 'k'))}}, "k1"};
  test::TempStore store;
};

TEST_F(Credentials, AreReadAsTheyWereKept) {
  const auto made = given("crm");
  store.run([&](sql::Connection& connection) {
    const auto read = find_credential(connection, store.tenant, made.id);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->name, "crm");
    EXPECT_EQ(read->kind, CredentialKind::Header);
    EXPECT_EQ(read->parameter, "X-Api-Key");
    EXPECT_THAT(read->hosts, ElementsAre("api.example.com"));
    EXPECT_EQ(read->created_at, store.clock.now());
    EXPECT_EQ(keyring.open(read->sealed_secret, kCredentialPurpose)->reveal(), "hush");
  });
}

TEST_F(Credentials, NeverShowTheirSecret) {
  const auto json = to_json(given("crm"));
  EXPECT_EQ(json["kind"], "header");
  EXPECT_EQ(json["parameter"], "X-Api-Key");
  EXPECT_FALSE(json.contains("secret"));
  EXPECT_FALSE(dump(json).contains("k1."));
}

TEST_F(Credentials, HaveANameOfTheirOwn) {
  const auto first = given("a");
  auto second = given("b");
  store.run([&](sql::Connection& connection) {
    const auto again = create_credential(connection, fresh("a"), store.clock.now());
    EXPECT_FALSE(again);
    if (!again) EXPECT_EQ(again.error().kind(), ErrorKind::Conflict);
    second.name = "a";
    const auto renamed = update_credential(connection, second, store.clock.now());
    EXPECT_FALSE(renamed);
    if (!renamed) EXPECT_EQ(renamed.error().kind(), ErrorKind::Conflict);
    EXPECT_TRUE(update_credential(connection, first, store.clock.now()));
    const auto other = create_tenant(connection, "two", store.clock.now()).id;
    auto elsewhere = fresh("a");
    elsewhere.tenant = other;
    EXPECT_TRUE(create_credential(connection, elsewhere, store.clock.now()));
    EXPECT_EQ(list_credentials(connection, store.tenant).size(), 2U);
    EXPECT_EQ(list_credentials(connection, other).size(), 1U);
  });
}

TEST_F(Credentials, AreChanged) {
  auto made = given("b");
  given("a");
  store.clock.pass(seconds(5));
  store.run([&](sql::Connection& connection) {
    made.name = "c";
    made.kind = CredentialKind::Bearer;
    made.parameter.reset();
    made.hosts.clear();
    made.sealed_secret = keyring.seal(Secret("other"), kCredentialPurpose);
    EXPECT_TRUE(update_credential(connection, made, store.clock.now()));
    const auto read = lock_credential(connection, store.tenant, made.id);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->kind, CredentialKind::Bearer);
    EXPECT_FALSE(read->parameter);
    EXPECT_TRUE(read->hosts.empty());
    EXPECT_EQ(read->updated_at - read->created_at, seconds(5));
    EXPECT_EQ(keyring.open(read->sealed_secret, kCredentialPurpose)->reveal(), "other");
    const auto all = list_credentials(connection, store.tenant);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].name, "a");
    EXPECT_EQ(all[1].name, "c");
  });
}

TEST_F(Credentials, BelongToTheirWorkspace) {
  const auto made = given("crm");
  store.run([&](sql::Connection& connection) {
    const auto other = create_tenant(connection, "two", store.clock.now()).id;
    EXPECT_FALSE(find_credential(connection, other, made.id));
    EXPECT_FALSE(delete_credential(connection, other, made.id));
    EXPECT_TRUE(delete_credential(connection, store.tenant, made.id));
    EXPECT_FALSE(delete_credential(connection, store.tenant, made.id));
    EXPECT_FALSE(find_credential(connection, store.tenant, made.id));
  });
}

TEST(CredentialKinds, HaveNames) {
  for (const auto* name : {"bearer", "basic", "header", "query"}) EXPECT_EQ(name_of(*credential_kind(name)), name);
  EXPECT_FALSE(credential_kind("oauth"));
}

}  // namespace
}  // namespace waypost::store
