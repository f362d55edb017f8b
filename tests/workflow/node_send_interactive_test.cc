#include <gtest/gtest.h>

#include "tests/workflow/visiting.h"

namespace waypost::workflow {
namespace {

using namespace waypost::test;  // NOLINT(google-build-using-namespace): the fixture's words

Json buttons() {
  return parsed(R"({"body":"Hi {{contact.name}}?","footer":"f","buttons":[{"id":"y","title":"Yes"},{"title":"No"},
      {"id":"city","title":"{{contact.fields.city}}"}],"timeout":{"value":2,"unit":"hours"},"outsideWindow":"hold"})");
}
Json rows() {
  return parsed(R"({"body":"Which?","list":{"button":"Show","sections":[
      {"title":"One","rows":[{"title":"A","description":"first"}]},{"title":"Two","rows":[{"id":"b","title":"B"}]}]}})");
}
Json link_button() {
  return parsed(R"({"body":"Look","url":{"text":"Open","url":"https://x.example/{{contact.name}}"}})");
}

Plan asked(const Json& config) { return planned(send_interactive_node(), config, scope()); }
Plan answered(const Json& config, const Cause& cause) {
  return planned(send_interactive_node(), config, scope(), cause, asked(config).memo);
}

TEST(SendInteractive, HasAnOutputForEachChoice) {
  const auto& handles = send_interactive_node().handles;
  EXPECT_EQ(handles(buttons()), (Handles{"y", "No", "city", "other", "timeout"}));
  EXPECT_EQ(handles(rows()), (Handles{"A", "b", "other", "timeout"}));
  EXPECT_EQ(handles(link_button()), Handles{"out"});
  auto unwaiting = buttons();
  unwaiting["wait"] = false;
  EXPECT_EQ(handles(unwaiting), Handles{"out"});
  EXPECT_EQ(handles(Json::object()), (Handles{"other", "timeout"}));
}

TEST(SendInteractive, SendsButtonsAndWaits) {
  const auto plan = asked(buttons());
  ASSERT_EQ(plan.effects.size(), 1U);
  EXPECT_EQ(sent(plan).type, "interactive");
  EXPECT_EQ(sent(plan).content, parsed(R"({"type":"button","body":{"text":"Hi Ana?"},"footer":{"text":"f"},
      "action":{"buttons":[{"type":"reply","reply":{"id":"y","title":"Yes"}},
      {"type":"reply","reply":{"id":"No","title":"No"}},{"type":"reply","reply":{"id":"city","title":"Porto"}}]}})"));
  EXPECT_EQ(sent(plan).text, "Hi Ana?");
  EXPECT_EQ(sent(plan).policy, WindowPolicy::Hold);
  EXPECT_EQ(plan.handle, std::nullopt);
  ASSERT_TRUE(plan.wait.has_value());
  EXPECT_TRUE(plan.wait->reply);
  EXPECT_EQ(plan.wait->until, kVisited + std::chrono::hours(2));
}

TEST(SendInteractive, SendsAListAndWaitsADay) {
  const auto plan = asked(rows());
  EXPECT_EQ(sent(plan).content, parsed(R"({"type":"list","body":{"text":"Which?"},"action":{"button":"Show","sections":[
      {"title":"One","rows":[{"id":"A","title":"A","description":"first"}]},
      {"title":"Two","rows":[{"id":"b","title":"B"}]}]}})"));
  EXPECT_EQ(plan.wait->until, kVisited + std::chrono::hours(24));
}

TEST(SendInteractive, ALinkWaitsForNothing) {
  const auto plan = asked(link_button());
  EXPECT_EQ(sent(plan).content, parsed(R"({"type":"cta_url","body":{"text":"Look"},"action":{"name":"cta_url",
      "parameters":{"display_text":"Open","url":"https://x.example/Ana"}}})"));
  EXPECT_EQ(plan.handle, "out");
  EXPECT_FALSE(plan.wait.has_value());
}

TEST(SendInteractive, WithoutWaitGoesOnAtOnce) {
  auto config = buttons();
  config["wait"] = false;
  EXPECT_EQ(asked(config).handle, "out");
  EXPECT_FALSE(asked(config).wait.has_value());
  EXPECT_EQ(asked(config).effects.size(), 1U);
}

TEST(SendInteractive, LeavesByTheButtonsId) {
  const auto plan = answered(buttons(), pressed("No", "No"));
  EXPECT_EQ(plan.handle, "No");
  EXPECT_TRUE(plan.effects.empty());
  EXPECT_EQ(plan.variables, parsed(R"({"reply":{"text":"No","type":"button","id":"No","title":"No"}})"));
  EXPECT_EQ(plan.output, plan.variables.at("reply"));
  EXPECT_EQ(plan.input.at("body"), "Hi Ana?");
  EXPECT_EQ(answered(rows(), pressed("b", "B")).handle, "b");
}

TEST(SendInteractive, TakesATitleWrittenOut) {
  const auto plan = answered(buttons(), written(" yes "));
  EXPECT_EQ(plan.handle, "y");
  EXPECT_EQ(plan.variables, parsed(R"({"reply":{"text":" yes ","type":"text","id":"y","title":"Yes"}})"));
}

TEST(SendInteractive, TakesATitleAsItWasShown) {
  auto later = scope();
  later["contact"]["fields"]["city"] = "Lisbon";
  const auto memo = asked(buttons()).memo;
  EXPECT_EQ(planned(send_interactive_node(), buttons(), later, written("porto"), memo).handle, "city");
  EXPECT_EQ(planned(send_interactive_node(), buttons(), later, written("lisbon"), memo).handle, "other");
}

TEST(SendInteractive, LeavesByOtherForAnythingElse) {
  const auto plan = answered(buttons(), written("yes please"));
  EXPECT_EQ(plan.handle, "other");
  EXPECT_EQ(plan.variables, parsed(R"({"reply":{"text":"yes please","type":"text","id":null,"title":null}})"));
  EXPECT_EQ(answered(buttons(), pressed("old", "Yes")).handle, "other");
  EXPECT_EQ(answered(buttons(), written("")).handle, "other");
  EXPECT_EQ(answered(buttons(), Reply{{{"type", "image"}, {"text", nullptr}, {"choice", nullptr}}}).handle, "other");
}

TEST(SendInteractive, LeavesByTimeout) {
  const auto plan = answered(buttons(), TimeUp{});
  EXPECT_EQ(plan.handle, "timeout");
  EXPECT_TRUE(plan.effects.empty());
  EXPECT_FALSE(plan.wait.has_value());
  EXPECT_TRUE(plan.variables.empty());
}

TEST(SendInteractive, FailsOnWhatMetaWouldRefuse) {
  auto large = scope();
  large["contact"]["fields"]["city"] = std::string(21, 'x');
  const auto plan = planned(send_interactive_node(), buttons(), large);
  ASSERT_TRUE(plan.failure.has_value());
  EXPECT_EQ(plan.failure->code, "bad_content");
  EXPECT_EQ(plan.failure->words, "buttons.2.title: at most 20 characters, has 21");
  EXPECT_TRUE(plan.effects.empty());
  EXPECT_FALSE(plan.wait.has_value());
}

TEST(SendInteractive, FailsOnTitlesThatBecomeTheSame) {
  auto other = scope();
  other["contact"]["fields"]["city"] = "Yes";
  EXPECT_EQ(planned(send_interactive_node(), buttons(), other).failure->code, "bad_content");
}

Handles fault_paths(const Json& config) {
  Handles paths;
  for (const auto& fault : send_interactive_node().faults(config)) paths.push_back(fault.path);
  return paths;
}

TEST(SendInteractive, NamesNoFaultsOfWhatIsRight) {
  EXPECT_TRUE(fault_paths(buttons()).empty());
  EXPECT_TRUE(fault_paths(rows()).empty());
  EXPECT_TRUE(fault_paths(link_button()).empty());
}

struct Wrong {
  std::string name;
  const char* config;
  Handles paths;
};
class SendInteractiveFaults : public testing::TestWithParam<Wrong> {};

TEST_P(SendInteractiveFaults, AreNamed) { EXPECT_EQ(fault_paths(parsed(GetParam().config)), GetParam().paths); }

INSTANTIATE_TEST_SUITE_P(
    Table, SendInteractiveFaults,
    testing::Values(
        Wrong{"NoBody", R"({"buttons":[{"title":"a"}]})", {"body"}},
        Wrong{"NothingToChoose", R"({"body":"x"})", {"buttons"}},
        Wrong{"ButtonsAndLink",
              R"({"body":"x","buttons":[{"title":"a"}],"url":{"text":"a","url":"https://x"}})",
              {"buttons"}},
        Wrong{"NoButtons", R"({"body":"x","buttons":[]})", {"buttons"}},
        Wrong{"FourButtons",
              R"({"body":"x","buttons":[{"title":"a"},{"title":"b"},{"title":"c"},{"title":"d"}]})",
              {"buttons"}},
        Wrong{"ButtonWithoutTitle", R"({"body":"x","buttons":[{"id":"a"}]})", {"buttons.0.title"}},
        Wrong{"LongTitle", R"({"body":"x","buttons":[{"title":"123456789012345678901"}]})", {"buttons.0.title"}},
        Wrong{"SameIds", R"({"body":"x","buttons":[{"id":"a","title":"a"},{"id":"a","title":"b"}]})", {"buttons.1.id"}},
        Wrong{"SameTitles",
              R"({"body":"x","buttons":[{"title":"a"},{"title":"a"}]})",
              {"buttons.1.id", "buttons.1.title"}},
        Wrong{"IdOfAnotherOutput",
              R"({"body":"x","buttons":[{"title":"other"},{"id":"timeout","title":"b"}]})",
              {"buttons.0.id", "buttons.1.id"}},
        Wrong{"IdOut", R"({"body":"x","buttons":[{"id":"out","title":"b"}]})", {"buttons.0.id"}},
        Wrong{"IdWithVariables", R"({"body":"x","buttons":[{"title":"{{contact.name}}"}]})", {"buttons.0.id"}},
        Wrong{"SameRowsInTwoSections",
              R"({"body":"x","list":{"button":"b","sections":[{"title":"1","rows":[{"title":"a"}]},
                  {"title":"2","rows":[{"title":"a"}]}]}})",
              {"list.sections.1.rows.0.id"}},
        Wrong{"NoButtonOfTheList", R"({"body":"x","list":{"sections":[{"rows":[{"title":"a"}]}]}})", {"list.button"}},
        Wrong{"SectionsWithoutTitles",
              R"({"body":"x","list":{"button":"b","sections":[{"rows":[{"title":"a"}]},{"rows":[{"title":"b"}]}]}})",
              {"list.sections.0.title", "list.sections.1.title"}},
        Wrong{"LinkWithoutAddress", R"({"body":"x","url":{"text":"a"}})", {"url.url"}},
        Wrong{"LinkWithLongText",
              R"({"body":"x","url":{"text":"123456789012345678901","url":"https://x"}})",
              {"url.text"}},
        Wrong{"LongFooter",
              R"({"body":"x","buttons":[{"title":"a"}],
                  "footer":"1234567890123456789012345678901234567890123456789012345678901"})",
              {"footer"}},
        Wrong{"OfTheRun",
              R"({"body":"x","buttons":[{"title":"a"}],"timeout":0,"wait":"no","outsideWindow":"x"})",
              {"timeout", "wait", "outsideWindow"}}),
    [](const auto& each) { return each.param.name; });

TEST(SendInteractive, FaultsOfAnyShapeAreNamed) {
  for (const auto* config : {R"({"body":7,"buttons":"x"})", R"({"body":"x","list":[]})",
                             R"({"body":"x","list":{"button":"b","sections":[7]}})",
                             R"({"body":"x","list":{"button":"b","sections":[{"rows":7}]}})",
                             R"({"body":"x","buttons":[7]})", R"({"body":"x","url":"https://x"})"}) {
    EXPECT_FALSE(fault_paths(parsed(config)).empty()) << config;
    send_interactive_node().handles(parsed(config));
    EXPECT_TRUE(asked(parsed(config)).failure.has_value()) << config;
  }
}

}  // namespace
}  // namespace waypost::workflow
