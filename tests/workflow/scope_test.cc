#include "workflow/scope.h"

#include <gtest/gtest.h>

#include "workflow/variables.h"

namespace waypost::workflow {
namespace {

struct People {
  store::Contact contact{.profile_name = "Ana", .phone = "15550001", .language = "pt"};
  store::Conversation conversation{.status = "open"};
  store::Message message{.type = "image", .happened_at = from_millis(0)};
};

Json scope_of(const People& people, const RunState& state = {}, bool by_message = true) {
  return scope_of({.contact = people.contact,
                   .conversation = people.conversation,
                   .message = by_message ? &people.message : nullptr,
                   .time_zone = "Europe/Lisbon",
                   .now = from_millis(60'000)},
                  {.workflow_name = "Greeting", .version = 3, .created_at = from_millis(1'000)}, state);
}

TEST(Scope, HoldsWhatTheRowsSay) {
  People people;
  people.contact.fields = {{"city", "Porto"}};
  const auto scope = scope_of(people);
  EXPECT_EQ(fill("{{contact.name}} {{contact.phone}} {{contact.language}} {{contact.fields.city}}", scope).text,
            "Ana +15550001 pt Porto");
  EXPECT_EQ(fill("{{message.type}}{{message.text}} {{timestamp}}", scope).text, "image 1970-01-01T00:00:00.000Z");
  EXPECT_TRUE(fill("{{message.text}}", scope).unknown.empty());
  EXPECT_EQ(fill("{{workflow.name}} {{workflow.version}} {{workspace.timeZone}} {{now}}", scope).text,
            "Greeting 3 Europe/Lisbon 1970-01-01T00:01:00.000Z");
}

TEST(Scope, HoldsWhatTheRunRemembers) {
  const RunState state{.variables = {{"router", {{"category", "billing"}}}},
                       .outputs = {{"ask", {{"messageId", "m"}}}}};
  const auto scope = scope_of(People{}, state);
  EXPECT_EQ(fill("{{router.category}} {{steps.ask.messageId}}", scope).text, "billing m");
}

TEST(Scope, OfACallHasItsDataAndNoMessage) {
  const auto scope = scope_of(People{}, {.trigger = {{"data", {{"order", "A-1"}}}}}, false);
  EXPECT_EQ(fill("{{trigger.data.order}}{{message.text}} {{timestamp}}", scope).text, "A-1 1970-01-01T00:00:01.000Z");
}

TEST(Scope, ShowsWhatAStepDidAtOnce) {
  auto scope = scope_of(People{});
  Plan plan{.output = {{"n", 1}}, .variables = {{"reply", {{"text", "yes"}}}}};
  plan.effects = {SetFieldEffect{.owner = FieldOwner::Conversation, .key = "step", .value = "three"},
                  SetFieldEffect{.owner = FieldOwner::Contact, .key = "city", .value = nullptr},
                  TagEffect{.tag = "vip"}, TagEffect{.tag = "new"}, TagEffect{.tag = "vip", .add = false}};
  put_in_scope(scope, "s", plan);
  EXPECT_EQ(
      fill("{{conversation.fields.step}}{{contact.fields.city}} {{contact.tags}} {{reply.text}} {{steps.s.n}}", scope)
          .text,
      "three new yes 1");
}

}  // namespace
}  // namespace waypost::workflow
