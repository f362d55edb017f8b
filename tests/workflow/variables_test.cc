#include "workflow/variables.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "workflow/scope.h"

namespace waypost::workflow {
namespace {

const Json& scope() {
  static const Json kScope{{"contact",
                            {{"name", "Ana"},
                             {"phone", "+15550001"},
                             {"language", nullptr},
                             {"tags", {"vip", "new"}},
                             {"fields",
                              {{"city", "Porto"},
                               {"age", 41},
                               {"member", true},
                               {"ratio", 1.5},
                               {"first name", "A."},
                               {"a.b", "dotted"},
                               {"odd", "{{contact.name}}"},
                               {"address", {{"street", "Rua 1"}}}}}}},
                           {"conversation", {{"id", "c-1"}, {"fields", {{"step", "two"}}}}},
                           {"message", {{"id", "m-1"}, {"type", "text"}, {"text", "Hi"}}},
                           {"timestamp", "2026-11-23T10:00:00.000Z"}};
  return kScope;
}

struct Case {
  std::string text;
  std::string expected;
  std::vector<std::string> unknown{};
};

class Variables : public testing::TestWithParam<Case> {};

TEST_P(Variables, AreFilled) {
  const auto filled = fill(GetParam().text, scope());
  EXPECT_EQ(filled.text, GetParam().expected);
  EXPECT_EQ(filled.unknown, GetParam().unknown);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Variables,
    testing::Values(Case{"", ""}, Case{"plain", "plain"}, Case{"{{contact.name}}", "Ana"},
                    Case{"Hi {{ contact.name }}!", "Hi Ana!"}, Case{"{{contact.phone}}", "+15550001"},
                    Case{"{{contact.language}}", ""}, Case{"{{contact.tags}}", "vip, new"},
                    Case{"{{contact.fields.city}}", "Porto"}, Case{"{{contact.fields.age}}", "41"},
                    Case{"{{contact.fields.member}}", "true"}, Case{"{{contact.fields.ratio}}", "1.5"},
                    Case{"{{contact.fields.first name}}", "A."}, Case{"{{contact.fields.a.b}}", "dotted"},
                    Case{"{{contact.fields.address.street}}", "Rua 1"}, Case{"{{conversation.fields.step}}", "two"},
                    Case{"{{conversation.id}}", "c-1"}, Case{"{{message.text}}", "Hi"},
                    Case{"{{message.type}}/{{message.id}}", "text/m-1"},
                    Case{"{{timestamp}}", "2026-11-23T10:00:00.000Z"}));

INSTANTIATE_TEST_SUITE_P(Unknown, Variables,
                         testing::Values(Case{"a{{contact.fields.x}}b", "ab", {"contact.fields.x"}},
                                         Case{"{{foo}}{{bar}}{{foo}}", "", {"foo", "bar"}},
                                         Case{"{{contact}}", "", {"contact"}},
                                         Case{"{{contact.fields.address}}", "", {"contact.fields.address"}},
                                         Case{"{{contact.name.x}}", "", {"contact.name.x"}},
                                         Case{"{{contact.}}", "", {"contact."}}, Case{"{{.}}", "", {"."}}));

INSTANTIATE_TEST_SUITE_P(Odd, Variables,
                         testing::Values(Case{"{{contact.name", "{{contact.name"}, Case{"{{}}", "{{}}"},
                                         Case{"{{ }} {{contact.name}}", "{{ }} Ana"},
                                         Case{"{{{contact.name}}}", "{Ana}"}, Case{"}}{{", "}}{{"},
                                         Case{"{{a\nb}}", "{{a\nb}}"},
                                         Case{"{{contact.{{contact.name}}", "{{contact.Ana"},
                                         // What a customer put into a field is text, not a template.
                                         Case{"{{contact.fields.odd}}", "{{contact.name}}"}));

TEST(VariablesOutput, IsBoundedAtACharacter) {
  const Json large{{"contact", {{"name", "x" + std::string(kFilledBytes, 'y')}}}};
  EXPECT_EQ(fill("{{contact.name}}{{contact.name}}", large).text.size(), kFilledBytes);
  std::string euros = "x";
  while (euros.size() <= kFilledBytes) euros += "€";
  const auto text = fill(euros, scope()).text;
  EXPECT_LE(text.size(), kFilledBytes);
  EXPECT_TRUE(valid_utf8(text));
}

TEST(Variables, AreListedForTheCheck) {
  EXPECT_EQ(variables_in("{{ a }} {{b.c}} {{}} {{d"), (std::vector<std::string>{"a", "b.c"}));
  EXPECT_TRUE(is_known_root("contact.name"));
  EXPECT_TRUE(is_known_root("{{message.text}}"));
  EXPECT_TRUE(is_known_root("timestamp"));
  EXPECT_FALSE(is_known_root("contacts.name"));
  EXPECT_FALSE(is_known_root(""));
}

TEST(Variables, AreFoundBareAndInBraces) {
  ASSERT_NE(look_up(scope(), "message.text"), nullptr);
  EXPECT_EQ(*look_up(scope(), "{{ message.text }}"), "Hi");
  EXPECT_EQ(look_up(scope(), "message.body"), nullptr);
  EXPECT_EQ(look_up(scope(), ""), nullptr);
}

TEST(Scope, HoldsWhatTheRowsSay) {
  store::Contact contact{.profile_name = "Ana", .phone = "15550001", .language = "pt"};
  contact.fields = {{"city", "Porto"}};
  const store::Conversation conversation{.status = "open"};
  const store::Message message{.type = "image", .happened_at = from_millis(0)};
  const auto made = scope_of(contact, conversation, message);
  EXPECT_EQ(fill("{{contact.name}} {{contact.phone}} {{contact.language}} {{contact.fields.city}}", made).text,
            "Ana +15550001 pt Porto");
  EXPECT_EQ(fill("{{message.type}}{{message.text}} {{timestamp}}", made).text, "image 1970-01-01T00:00:00.000Z");
  EXPECT_TRUE(fill("{{message.text}}", made).unknown.empty());
}

TEST(Scope, ShowsAFieldAsSoonAsItIsSet) {
  auto changed = scope();
  set_field_in_scope(changed, {.owner = FieldOwner::Conversation, .key = "step", .value = "three"});
  set_field_in_scope(changed, {.owner = FieldOwner::Contact, .key = "city", .value = nullptr});
  EXPECT_EQ(fill("{{conversation.fields.step}}{{contact.fields.city}}", changed).text, "three");
}

}  // namespace
}  // namespace waypost::workflow
