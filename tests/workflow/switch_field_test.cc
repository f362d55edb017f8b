// The field of a condition may be an expression; the rest of logic.switch is in nodes_test.cc.

#include <gtest/gtest.h>

#include "workflow/node_family.h"

namespace waypost::workflow {
namespace {

Json conditions(const char* field, const char* op, const char* value) {
  return {{"conditions", {{{"field", field}, {"operator", op}, {"value", value}, {"label", "yes"}}}}};
}

const Json& scope() {
  static const Json kScope{{"contact", {{"name", " Ana "}, {"fields", {{"price", "12.50"}}}}},
                           {"response", {{"body", {{"items", {{{"name", "Shoe"}}}}}}}}};
  return kScope;
}

Plan planned(const Json& config) { return switch_node().plan({.config = config, .scope = scope()}); }

TEST(SwitchField, IsEvaluatedWithItsFilters) {
  EXPECT_EQ(planned(conditions("contact.fields.vip | default:'no'", "equals", "no")).handle, "yes");
  EXPECT_EQ(planned(conditions("{{contact.fields.price | number:0}}", "equals", "13")).handle, "yes");
  EXPECT_EQ(planned(conditions("response.body.items.0.name", "equals", "shoe")).handle, "yes");
  EXPECT_EQ(planned(conditions("contact.name | trim | truncate:2", "equals", "A…")).handle, "yes");
}

TEST(SwitchField, IsEmptyWhenItIsUnknown) {
  const auto plan = planned(conditions("contact.fields.vip | upper", "equals", ""));
  EXPECT_EQ(plan.handle, "yes");
  EXPECT_EQ(plan.unknown_variables, std::vector<std::string>{"contact.fields.vip"});
  EXPECT_EQ(plan.input.at("fields").at("contact.fields.vip | upper"), "");
}

TEST(SwitchField, HasTheFaultsOfAnExpression) {
  const auto faults = [](const char* field) { return switch_node().faults(conditions(field, "equals", "x")); };
  EXPECT_TRUE(faults("contact.name | upper").empty());
  EXPECT_TRUE(faults("{{contact.name | upper}}").empty());
  const std::vector<FieldError> upper{{"conditions.0.field", "{{contact.name | upper:1}}: upper takes nothing"}};
  EXPECT_EQ(faults("contact.name | upper:1"), upper);
  EXPECT_EQ(faults("foo | upper"), (std::vector<FieldError>{{"conditions.0.field", "unknown variable {{foo}}"}}));
}

}  // namespace
}  // namespace waypost::workflow
