#include "workflow/graph_faults.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "workflow/catalogue.h"

namespace waypost::workflow {
namespace {

const Json kTrigger{{"id", "t"}, {"type", "trigger.inbound_message"}};

Json say(const char* id) { return {{"id", id}, {"type", "wa.send_message"}, {"data", {{"body", "Hello"}}}}; }
Json end_of_path(const char* id) { return {{"id", id}, {"type", "logic.end"}}; }
Json choice(const char* id) {
  return {{"id", id},
          {"type", "logic.switch"},
          {"data",
           {{"conditions", {{{"field", "message.text"}, {"operator", "equals"}, {"value", "1"}, {"label", "one"}}}}}}};
}
Json edge(const char* from, const char* to) { return {{"source", from}, {"target", to}}; }
Json edge(const char* from, const char* handle, const char* to) {
  return {{"source", from}, {"sourceHandle", handle}, {"target", to}};
}

Json ask(const char* id, bool wait) {
  return {{"id", id},
          {"type", "wa.send_interactive"},
          {"data", {{"body", "?"}, {"buttons", {{{"id", "again"}, {"title", "Again"}}}}, {"wait", wait}}}};
}
Json delay(const char* id) { return {{"id", id}, {"type", "logic.delay"}, {"data", {{"duration", 60}}}}; }
Json reply(const char* id) { return {{"id", id}, {"type", "wa.wait_for_reply"}}; }
Json with_id(Json drawn, const char* id) {
  drawn["id"] = id;
  return drawn;
}
Json referring(const char* id, const char* body) {
  return {{"id", id}, {"type", "wa.send_message"}, {"data", {{"body", body}}}};
}

struct Drawn {
  std::vector<Json> nodes{};
  std::vector<Json> edges{};
  std::string entry = "t";
};

using Said = std::vector<std::string>;

// "path: message".
Said faults_of(const Drawn& drawn) {
  Said said;
  const Json json{{"nodes", drawn.nodes}, {"edges", drawn.edges}, {"entry", drawn.entry}};
  for (const auto& fault : publish_faults(read_graph(json))) said.push_back(fault.path + ": " + fault.message);
  return said;
}

struct Case {
  std::string name;
  Drawn drawn;
  Said expected;
};

class GraphFaults : public testing::TestWithParam<Case> {};

TEST_P(GraphFaults, AreAllNamed) { EXPECT_EQ(faults_of(GetParam().drawn), GetParam().expected); }

INSTANTIATE_TEST_SUITE_P(
    Table, GraphFaults,
    testing::Values(
        Case{"None", {{kTrigger, say("a"), end_of_path("e")}, {edge("t", "a"), edge("a", "out", "e")}}, {}},
        Case{"NoTrigger",
             {{say("a")}, {}, "a"},
             {"nodes: a trigger is missing: exactly one node must be one", "entry: must be the trigger, not a"}},
        Case{"Empty",
             {{}, {}, ""},
             {"nodes: a trigger is missing: exactly one node must be one", "entry: is required: the trigger's id"}},
        Case{"TwoTriggers",
             {{kTrigger, {{"id", "u"}, {"type", "trigger.inbound_message"}}}, {}},
             {"nodes: exactly one node must be a trigger, not 2", "nodes.1: u cannot be reached from the trigger"}},
        Case{"EntryUnknown", {{kTrigger}, {}, "x"}, {"entry: there is no node x"}},
        Case{"EntryMissing", {{kTrigger}, {}, ""}, {"entry: is required: the trigger's id"}},
        Case{"EntryNotTheTrigger",
             {{kTrigger, say("a")}, {edge("t", "a")}, "a"},
             {"entry: must be the trigger, not a", "nodes.0: t cannot be reached from the trigger"}},
        Case{"UnknownType",
             {{kTrigger, {{"id", "a"}, {"type", "ai.magic"}}}, {edge("t", "a")}},
             {"nodes.1.type: unknown type ai.magic"}},
        Case{"NoTypeNorId",
             {{kTrigger, Json::object()}, {}},
             {"nodes.1.id: must be a text of 1 to 100 bytes", "nodes.1.type: is required"}},
        Case{"SameId", {{kTrigger, say("a"), say("a")}, {edge("t", "a")}}, {"nodes.2.id: another node has the id a"}},
        Case{"NoBody",
             {{kTrigger, {{"id", "a"}, {"type", "wa.send_message"}}}, {edge("t", "a")}},
             {"nodes.1.data.body: is required"}},
        Case{"NoBodyInConfig",
             {{kTrigger, {{"id", "a"}, {"type", "wa.send_message"}, {"config", {{"body", " "}}}}}, {edge("t", "a")}},
             {"nodes.1.config.body: is required"}},
        Case{"ConfigurationNoObject",
             {{kTrigger, {{"id", "a"}, {"type", "wa.send_message"}, {"data", "Hello"}}}, {edge("t", "a")}},
             {"nodes.1.data: must be an object"}},
        Case{
            "UnknownVariable",
            {{kTrigger, {{"id", "a"}, {"type", "wa.send_message"}, {"data", {{"body", "{{foo.x}} {{contact.name}}"}}}}},
             {edge("t", "a")}},
            {"nodes.1.data.body: unknown variable {{foo.x}}"}},
        Case{
            "FaultyExpression",
            {{kTrigger, {{"id", "a"}, {"type", "wa.send_message"}, {"data", {{"body", "{{contact.name | upper:1}}"}}}}},
             {edge("t", "a")}},
            {"nodes.1.data.body: {{contact.name | upper:1}}: upper takes nothing"}},
        Case{"DanglingEdge",
             {{kTrigger}, {edge("t", "x"), edge("y", "t")}},
             {"edges.0.target: there is no node x", "edges.1.source: there is no node y",
              "edges.1.target: a trigger has no input"}},
        Case{"UnknownHandle",
             {{kTrigger, choice("s"), end_of_path("e")}, {edge("t", "s"), edge("s", "two", "e")}},
             {"edges.1.sourceHandle: s has no output two; it has one, default"}},
        Case{"SwitchWithoutHandle",
             {{kTrigger, choice("s"), end_of_path("e")}, {edge("t", "s"), edge("s", "e")}},
             {"edges.1.sourceHandle: s has no output out; it has one, default"}},
        Case{"EdgeFromTheEnd",
             {{kTrigger, end_of_path("e"), say("a")}, {edge("t", "e"), edge("e", "a")}},
             {"edges.1.sourceHandle: e has no output out; it has none"}},
        Case{"UnknownInput",
             {{kTrigger, say("a")}, {{{"source", "t"}, {"target", "a"}, {"targetHandle", "left"}}}},
             {"edges.0.targetHandle: a has no input left; it has in"}},
        Case{"TwoEdgesFromOneOutput",
             {{kTrigger, say("a"), say("b")}, {edge("t", "a"), edge("t", "out", "b")}},
             {"edges.1.sourceHandle: another edge leaves this output already"}},
        Case{"TwoEdgesIntoOneNode",
             {{kTrigger, choice("s"), end_of_path("e")},
              {edge("t", "s"), edge("s", "one", "e"), edge("s", "default", "e")}},
             {}},
        Case{"Unreachable",
             {{kTrigger, say("a"), say("b")}, {edge("a", "b")}},
             {"nodes.1: a cannot be reached from the trigger", "nodes.2: b cannot be reached from the trigger"}},
        Case{"Cycle",
             {{kTrigger, say("a"), say("b")}, {edge("t", "a"), edge("a", "b"), edge("b", "a")}},
             {"edges.2: closes a cycle without a node that waits: a would run again"}},
        Case{"CycleWithADelay",
             {{kTrigger, say("a"), delay("d")}, {edge("t", "a"), edge("a", "d"), edge("d", "a")}},
             {}},
        Case{"CycleWithAReply",
             {{kTrigger, say("a"), reply("r")}, {edge("t", "a"), edge("a", "r"), edge("r", "a")}},
             {}},
        Case{"CycleWithAChoice", {{kTrigger, ask("q", true)}, {edge("t", "q"), edge("q", "again", "q")}}, {}},
        Case{"CycleWithAChoiceThatDoesNotWait",
             {{kTrigger, ask("q", false)}, {edge("t", "q"), edge("q", "q")}},
             {"edges.1: closes a cycle without a node that waits: q would run again"}},
        Case{"CycleBesideOneThatWaits",
             {{kTrigger, choice("s"), delay("d"), say("a")},
              {edge("t", "s"), edge("s", "one", "d"), edge("d", "s"), edge("s", "default", "a"), edge("a", "s")}},
             {"edges.4: closes a cycle without a node that waits: s would run again"}},
        Case{"CycleBehindOneThatWaits",
             {{kTrigger, delay("d"), say("a"), say("b")},
              {edge("t", "d"), edge("d", "a"), edge("a", "b"), edge("b", "a")}},
             {"edges.3: closes a cycle without a node that waits: a would run again"}},
        Case{"EdgeDrawnTwice",
             {{kTrigger, say("a")}, {edge("t", "a"), edge("t", "out", "a")}},
             {"edges.1: is the same as edges.0"}},
        Case{"SameEdgeId",
             {{kTrigger, say("a"), say("b")}, {with_id(edge("t", "a"), "e"), with_id(edge("a", "b"), "e")}},
             {"edges.1.id: another edge has the id e"}},
        Case{"TestTrigger",
             {{{{"id", "t"}, {"type", "trigger.manual_test"}, {"data", {{"testMessage", "x"}}}}}, {}},
             {"nodes.0.type: is only for tests of a draft"}},
        Case{"StepsThatAreNone",
             {{kTrigger, referring("a", "{{steps.x.id}} {{steps.t.id}}"), referring("b", "{{steps.a.messageId}}")},
              {edge("t", "a"), edge("a", "b")}},
             {"nodes.1.data.body: there is no node x"}},
        Case{"SelfLoop",
             {{kTrigger, say("a")}, {edge("t", "a"), edge("a", "a")}},
             {"edges.1: closes a cycle without a node that waits: a would run again"}}),
    [](const auto& each) { return each.param.name; });

TEST(GraphFaultsOf, TheFirstDraftAreNone) { EXPECT_TRUE(publish_faults(read_graph(first_draft())).empty()); }

TEST(GraphFaultsOf, ATestOfADraftMayBeginWithTheTestTrigger) {
  Json json = first_draft();
  json["nodes"][0]["type"] = "trigger.manual_test";
  json["nodes"][0]["data"] = {{"testMessage", "Hi"}};
  EXPECT_TRUE(test_faults(read_graph(json)).empty());
  EXPECT_FALSE(publish_faults(read_graph(json)).empty());
}

TEST(GraphFaultsOf, AChainOfFiveHundredNodesAreNone) {
  Drawn drawn{.nodes = {kTrigger}};
  std::string before = "t";
  for (int n = 1; n < 500; ++n) {
    const auto id = "n" + std::to_string(n);
    drawn.nodes.push_back(say(id.c_str()));
    drawn.edges.push_back(edge(before.c_str(), id.c_str()));
    before = id;
  }
  EXPECT_TRUE(faults_of(drawn).empty());
}

}  // namespace
}  // namespace waypost::workflow
