#include <gtest/gtest.h>

#include "tests/workflow/visiting.h"
#include "workflow/trigger_data.h"

namespace waypost::workflow {
namespace {

using namespace waypost::test;  // NOLINT(google-build-using-namespace): the fixture's words

TEST(Triggers, GoOnAndRecordTheMessage) {
  for (const auto* family :
       {&inbound_message_trigger(), &keyword_trigger(), &new_contact_trigger(), &manual_test_trigger()}) {
    const auto plan = planned(*family, Json::object(), scope());
    EXPECT_EQ(plan.handle, "out") << family->type;
    EXPECT_EQ(plan.input.at("message").at("text"), "Menu") << family->type;
    EXPECT_TRUE(plan.effects.empty()) << family->type;
    EXPECT_EQ(family->handles({}), Handles{"out"}) << family->type;
  }
}

TEST(InboundMessageTrigger, TakesKindsOfMessages) {
  const auto& faults = inbound_message_trigger().faults;
  EXPECT_TRUE(faults(Json::object()).empty());
  EXPECT_TRUE(faults({{"types", {"text", "button"}}}).empty());
  EXPECT_EQ(faults({{"types", {"text", "smoke"}}}).at(0).path, "types.1");
  EXPECT_EQ(faults({{"types", "text"}}).at(0).path, "types");
}

TEST(KeywordTrigger, NamesItsFaults) {
  const auto& faults = keyword_trigger().faults;
  EXPECT_TRUE(faults(parsed(R"({"keywords":["order"],"match":"contains"})")).empty());
  EXPECT_EQ(faults(Json::object()), (Faults{{"keywords", "must be a list of 1 to 50 texts"}}));
  EXPECT_EQ(faults({{"keywords", std::vector<std::string>(51, "x")}}).at(0).path, "keywords");
  EXPECT_EQ(faults(parsed(R"({"keywords":["a"," ",7],"match":"like"})")),
            (Faults{{"match", "must be equals, contains or starts_with"},
                    {"keywords.1", "must be a text of 1 to 100 characters"},
                    {"keywords.2", "must be a text of 1 to 100 characters"}}));
}

TEST(NewContactTrigger, HasNoConfiguration) { EXPECT_TRUE(new_contact_trigger().faults(Json::object()).empty()); }

TEST(ManualTestTrigger, NeedsItsMessage) {
  EXPECT_TRUE(manual_test_trigger().faults({{"testMessage", "Hi"}}).empty());
  EXPECT_EQ(manual_test_trigger().faults({{"testMessage", " "}}), (Faults{{"testMessage", "is required"}}));
}

Json api_config() { return parsed(R"({"variables":[{"name":"order","required":true},{"name":"note"}]})"); }

TEST(ApiTrigger, GoesOnWithTheCallsData) {
  const auto plan = planned(api_trigger(), api_config(), parsed(R"({"trigger":{"data":{"order":7}}})"));
  EXPECT_EQ(plan.handle, "out");
  EXPECT_EQ(plan.input, parsed(R"({"data":{"order":7}})"));
  EXPECT_FALSE(plan.failure.has_value());
}

TEST(ApiTrigger, FailsWithoutWhatIsRequired) {
  for (const auto* scope : {"{}", R"({"trigger":{"data":{"order":null,"note":"x"}}})"}) {
    const auto plan = planned(api_trigger(), api_config(), parsed(scope));
    ASSERT_TRUE(plan.failure.has_value()) << scope;
    EXPECT_EQ(plan.failure->code, "missing_data");
    EXPECT_EQ(plan.failure->words, "data.order is required");
  }
}

TEST(ApiTrigger, NamesItsFaults) {
  const auto& faults = api_trigger().faults;
  EXPECT_TRUE(faults(Json::object()).empty());
  EXPECT_TRUE(faults(api_config()).empty());
  EXPECT_EQ(faults({{"variables", 7}}), (Faults{{"variables", "must be a list of at most 50"}}));
  EXPECT_EQ(faults(parsed(R"({"variables":[{"name":"a.b"},{"name":"x"},{"name":"x","required":"yes"},7]})")),
            (Faults{{"variables.0.name", "must be a name of 1 to 64 bytes without spaces, dots and braces"},
                    {"variables.2.name", "another variable has the name x"},
                    {"variables.2.required", "must be true or false"},
                    {"variables.3.name", "must be a name of 1 to 64 bytes without spaces, dots and braces"}}));
}

TEST(DataOfACall, IsJudgedByTheConfiguration) {
  EXPECT_TRUE(data_faults(api_config(), parsed(R"({"order":0,"more":1})")).empty());
  EXPECT_EQ(data_faults(api_config(), Json()), (Faults{{"data.order", "is required"}}));
  EXPECT_EQ(data_faults(api_config(), Json::array()), (Faults{{"data", "must be an object"}}));
  EXPECT_TRUE(data_faults(Json::object(), Json()).empty());
}

}  // namespace
}  // namespace waypost::workflow
