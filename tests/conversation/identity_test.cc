#include "conversation/identity.h"

#include <gtest/gtest.h>

namespace waypost {
namespace {

const ContactId kFirst{Uuid{{1}}};
const ContactId kSecond{Uuid{{2}}};
const Alias kBsuid{.kind = AliasKind::Bsuid, .value = "US.1"};
const Alias kPhone{.kind = AliasKind::Phone, .value = "16505551234"};
const Alias kNewPhone{.kind = AliasKind::Phone, .value = "16505559999"};

KnownAlias known(const Alias& alias, ContactId contact, std::int64_t created) {
  return {.alias = alias, .contact = contact, .contact_created = from_millis(created)};
}

TEST(Identity, NobodyKnownIsANewContactWithAllAliases) {
  const auto plan = plan_identity({kBsuid, kPhone}, {});
  EXPECT_FALSE(plan.contact);
  EXPECT_EQ(plan.add, (std::vector{kBsuid, kPhone}));
}

TEST(Identity, AKnownContactGetsWhatItLacks) {
  const auto plan = plan_identity({kBsuid, kPhone}, {known(kPhone, kFirst, 1)});
  EXPECT_EQ(plan.contact, kFirst);
  EXPECT_EQ(plan.add, std::vector{kBsuid});
  EXPECT_TRUE(plan.merge.empty());
}

TEST(Identity, TwoContactsShownTogetherAreOnePersonAndTheOlderStays) {
  const auto plan = plan_identity({kBsuid, kPhone}, {known(kBsuid, kFirst, 20), known(kPhone, kSecond, 10)});
  EXPECT_EQ(plan.contact, kSecond);
  EXPECT_EQ(plan.merge, std::vector{kFirst});
  EXPECT_TRUE(plan.add.empty());
}

TEST(Identity, TheContactsEntryIsFoundByBsuidBeforePhoneAndNeverByPlace) {
  const auto contacts = Json::parse(R"([{"user_id":"US.2","wa_id":"1"},{"wa_id":"16505551234","user_id":"US.1"}])");
  const auto by_both = Json::parse(R"({"from":"1","from_user_id":"US.1"})");
  EXPECT_EQ(contact_entry_of(&contacts, by_both), &contacts[1]);
  const auto by_phone = Json::parse(R"({"from":"+1 650 555 1234"})");
  EXPECT_EQ(contact_entry_of(&contacts, by_phone), &contacts[1]);
  const auto stranger = Json::parse(R"({"from_user_id":"US.9"})");
  EXPECT_EQ(contact_entry_of(&contacts, stranger), nullptr);
}

TEST(Identity, AnEntryWithAnotherBsuidIsAnotherPersonWhateverItsPhone) {
  const auto contacts = Json::parse(R"([{"user_id":"US.2","wa_id":"1","profile":{"name":"Eve"}}])");
  const auto message = Json::parse(R"({"from":"1","from_user_id":"US.1"})");
  EXPECT_EQ(contact_entry_of(&contacts, message), nullptr);
}

TEST(Identity, ASenderWithoutAPhoneIsSomebody) {
  const auto sender = customer_of(Json::parse(R"({"from_user_id":"US.1"})"), nullptr);
  EXPECT_FALSE(sender.is_nobody());
  EXPECT_EQ(sender.aliases(), std::vector{kBsuid});
}

IdentityChange number_change() {
  const auto change = identity_change_of(Json::parse(
      R"({"type":"system","from":"16505551234","system":{"type":"user_changed_number","wa_id":"16505559999"}})"));
  EXPECT_TRUE(change);
  return change.value_or(IdentityChange{});
}

TEST(Identity, AChangedNumberIsAnAliasOfTheSameContact) {
  const auto plan = plan_identity_change(number_change(), {known(kPhone, kFirst, 1)});
  EXPECT_EQ(plan.contact, kFirst);
  EXPECT_EQ(plan.add, std::vector{kNewPhone});
}

TEST(Identity, AChangeToAnothersNumberMergesNobody) {
  const auto plan = plan_identity_change(number_change(), {known(kPhone, kFirst, 1), known(kNewPhone, kSecond, 2)});
  EXPECT_EQ(plan.contact, kFirst);
  EXPECT_TRUE(plan.merge.empty());
  EXPECT_TRUE(plan.add.empty());
}

// The first message from the new id may come before the word that it is new.
TEST(Identity, AChangedUserIdThatWroteAlreadyIsMerged) {
  const auto change = identity_change_of(Json::parse(
      R"({"type":"system","system":{"type":"user_changed_user_id","previous_user_id":"US.1","user_id":"US.2"}})"));
  ASSERT_TRUE(change);
  const Alias fresh{.kind = AliasKind::Bsuid, .value = "US.2"};
  const auto plan = plan_identity_change(*change, {known(kBsuid, kFirst, 1), known(fresh, kSecond, 2)});
  EXPECT_EQ(plan.contact, kFirst);
  EXPECT_EQ(plan.merge, std::vector{kSecond});
}

TEST(Identity, OtherSystemMessagesChangeNobody) {
  EXPECT_FALSE(identity_change_of(
      Json::parse(R"({"type":"system","from":"1","system":{"type":"customer_identity_changed","wa_id":"2"}})")));
}

}  // namespace
}  // namespace waypost
