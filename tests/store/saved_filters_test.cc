#include "store/saved_filters.h"

#include <gmock/gmock.h>

#include "store/conversations.h"
#include "tests/support/temp_store.h"

namespace waypost::store {
namespace {

using testing::IsEmpty;
using testing::UnorderedElementsAre;

class SavedFilters : public testing::Test {
 protected:
  SavedFilters() {
    store.run([&](sql::Connection& connection) {
      ann_ = given(connection, {.name = "Ann",
                                .phone = "491701",
                                .language = "de",
                                .fields = {{"city", "Köln"}, {"age", 40}, {"member", true}, {"a.b", "x"}},
                                .tags = {"vip", "new"}});
      store.clock.pass(seconds(1));
      given(connection, {.profile_name = "Bob 100%",
                         .phone = "141555",
                         .language = "en_US",
                         .opted_out = true,
                         .fields = {{"city", "Kölln"}, {"none", nullptr}},
                         .tags = {"VIP"}});
      store.clock.pass(seconds(1));
      given(connection, {.name = "Cy", .phone = "491702"});
    });
  }
  ContactId given(sql::Connection& connection, Contact contact) {
    contact.tenant = store.tenant;
    return create_contact(connection, contact, {{.kind = AliasKind::Phone, .value = *contact.phone}}, store.clock.now())
        .value()
        .id;
  }
  std::vector<std::string> names_of(const Json& filters) {
    const auto filter = read_contact_filter(filters, "filters").value();
    return store.run([&](sql::Connection& connection) {
      std::vector<std::string> names;
      for (const auto& contact : contacts_of(connection, store.tenant, filter, {.limit = 100}))
        names.push_back(contact.shown_name());
      EXPECT_EQ(count_contacts_of(connection, store.tenant, filter, 100), std::ssize(names));
      return names;
    });
  }
  std::vector<std::string> with(const char* field, const char* op, Json value = {}) {
    return names_of({{"conditions", Json::array({{{"field", field}, {"operator", op}, {"value", std::move(value)}}})}});
  }

  test::TempStore store;
  ContactId ann_{};
};

TEST_F(SavedFilters, Tags) {
  EXPECT_THAT(with("tags", "contains", "vip"), UnorderedElementsAre("Ann"));
  EXPECT_THAT(with("tags", "not_contains", "vip"), UnorderedElementsAre("Bob 100%", "Cy"));
  EXPECT_THAT(with("tags", "in", {"new", "VIP"}), UnorderedElementsAre("Ann", "Bob 100%"));
  EXPECT_THAT(with("tags", "exists"), UnorderedElementsAre("Ann", "Bob 100%"));
  EXPECT_THAT(with("tags", "not_exists"), UnorderedElementsAre("Cy"));
}

TEST_F(SavedFilters, Texts) {
  EXPECT_THAT(with("name", "equals", "Ann"), UnorderedElementsAre("Ann"));
  EXPECT_THAT(with("name", "not_equals", "Ann"), UnorderedElementsAre("Bob 100%", "Cy"));
  EXPECT_THAT(with("name", "contains", "100%"), UnorderedElementsAre("Bob 100%"));
  EXPECT_THAT(with("name", "contains", "%"), UnorderedElementsAre("Bob 100%"));
  EXPECT_THAT(with("name", "contains", "_"), IsEmpty());
  EXPECT_THAT(with("phone", "starts_with", "+49"), UnorderedElementsAre("Ann", "Cy"));
  EXPECT_THAT(with("phone", "ends_with", "2"), UnorderedElementsAre("Cy"));
  EXPECT_THAT(with("phone", "ends_with", "0491702"), IsEmpty());
  EXPECT_THAT(with("language", "in", {"de", "fr"}), UnorderedElementsAre("Ann"));
  EXPECT_THAT(with("language", "not_equals", "de"), UnorderedElementsAre("Bob 100%", "Cy"));
  EXPECT_THAT(with("language", "not_exists"), UnorderedElementsAre("Cy"));
}

TEST_F(SavedFilters, CustomFieldsOfEveryType) {
  EXPECT_THAT(with("fields.city", "equals", "Köln"), UnorderedElementsAre("Ann"));
  EXPECT_THAT(with("fields.city", "starts_with", "Köl"), UnorderedElementsAre("Ann", "Bob 100%"));
  EXPECT_THAT(with("fields.city", "not_equals", "Köln"), UnorderedElementsAre("Bob 100%", "Cy"));
  EXPECT_THAT(with("fields.age", "equals", "40"), UnorderedElementsAre("Ann"));
  EXPECT_THAT(with("fields.member", "equals", "true"), UnorderedElementsAre("Ann"));
  EXPECT_THAT(with("fields.a.b", "exists"), UnorderedElementsAre("Ann"));
  EXPECT_THAT(with("fields.none", "exists"), IsEmpty());
}

// No value is part of the statement.
TEST_F(SavedFilters, AValueIsNoSql) {
  for (const char* text : {"' OR 1=1 --", "$1", "\") OR (\"", "Ann'; DROP TABLE contact; --"}) {
    EXPECT_THAT(with("name", "equals", text), IsEmpty());
    EXPECT_THAT(with("tags", "contains", text), IsEmpty());
    EXPECT_THAT(
        names_of(
            {{"conditions",
              Json::array({{{"field", "fields." + std::string(text)}, {"operator", "equals"}, {"value", text}}})}}),
        IsEmpty());
  }
}

TEST_F(SavedFilters, OptingOutAndTimes) {
  EXPECT_THAT(with("optedOut", "equals", true), UnorderedElementsAre("Bob 100%"));
  EXPECT_THAT(with("optedOut", "equals", false), UnorderedElementsAre("Ann", "Cy"));
  const auto middle = iso8601(store.clock.now() - seconds(1));
  EXPECT_THAT(with("createdAt", "gt", middle), UnorderedElementsAre("Cy"));
  EXPECT_THAT(with("createdAt", "before", middle), UnorderedElementsAre("Ann"));
}

TEST_F(SavedFilters, TheLastInboundIsThatOfAllConversations) {
  const Time wrote = store.clock.now();
  store.run([&](sql::Connection& connection) {
    const auto opened = open_conversation(connection, store.tenant, ann_, store.channel, wrote);
    connection.run("UPDATE conversation SET last_inbound_at = $2 WHERE id = $1", {opened.id, wrote});
  });
  EXPECT_THAT(with("lastInboundAt", "after", iso8601(wrote - seconds(1))), UnorderedElementsAre("Ann"));
  EXPECT_THAT(with("lastInboundAt", "after", iso8601(wrote)), IsEmpty());
  EXPECT_THAT(with("lastInboundAt", "before", iso8601(wrote + seconds(1))), UnorderedElementsAre("Ann"));
  EXPECT_THAT(with("lastInboundAt", "not_exists"), UnorderedElementsAre("Bob 100%", "Cy"));
}

TEST_F(SavedFilters, AllOrAnyOfTheConditions) {
  const Json both = Json::array({{{"field", "phone"}, {"operator", "starts_with"}, {"value", "49"}},
                                 {{"field", "tags"}, {"operator", "exists"}}});
  EXPECT_THAT(names_of({{"logic", "AND"}, {"conditions", both}}), UnorderedElementsAre("Ann"));
  EXPECT_THAT(names_of({{"logic", "OR"}, {"conditions", both}}), UnorderedElementsAre("Ann", "Bob 100%", "Cy"));
  EXPECT_THAT(names_of({{"logic", "AND"}, {"conditions", Json::array()}}), testing::SizeIs(3));
  EXPECT_THAT(names_of({{"logic", "OR"}, {"conditions", Json::array()}}), IsEmpty());
}

TEST_F(SavedFilters, AreKeptByNameInTheirWorkspace) {
  store.run([&](sql::Connection& connection) {
    const Json filters{{"version", 1}, {"logic", "AND"}, {"conditions", Json::array()}};
    auto saved = create_saved_filter(connection, {.tenant = store.tenant, .name = "b", .filters = filters}, Time{});
    create_saved_filter(connection, {.tenant = store.tenant, .name = "a", .filters = filters}, Time{});
    saved.name = "c";
    EXPECT_TRUE(update_saved_filter(connection, saved, Time{}));
    const auto all = list_saved_filters(connection, store.tenant);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].name, "a");
    EXPECT_EQ(all[1].name, "c");
    EXPECT_EQ(all[1].filters, filters);
    EXPECT_FALSE(find_saved_filter(connection, TenantId::make(Time{}), saved.id));
    EXPECT_FALSE(delete_saved_filter(connection, TenantId::make(Time{}), saved.id));
    EXPECT_TRUE(delete_saved_filter(connection, store.tenant, saved.id));
    EXPECT_FALSE(find_saved_filter(connection, store.tenant, saved.id));
  });
}

}  // namespace
}  // namespace waypost::store
