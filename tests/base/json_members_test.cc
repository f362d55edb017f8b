#include "base/json_members.h"

#include <gtest/gtest.h>

namespace waypost {
namespace {

constexpr std::string_view kId = "0192f7a1-0000-7000-8000-000000000001";

TEST(JsonMembers, AreWrittenInTheOrderTheyCome) {
  JsonMembers members;
  members.put("seq", 7);
  members.put("id", MessageId{*Uuid::parse(kId)});
  members.put("at", from_millis(0));
  members.put("text", "hello");
  members.put_json("fields", {{"a", 1}});
  EXPECT_EQ(members.take(), R"("seq":7,"id":"0192f7a1-0000-7000-8000-000000000001","at":"1970-01-01T00:00:00.000Z",)"
                            R"("text":"hello","fields":{"a":1})");
}

TEST(JsonMembers, WhatIsNotThereIsNull) {
  JsonMembers members;
  members.put("text", std::optional<std::string>());
  members.put("at", std::optional<Time>());
  members.put("id", std::optional<ContactId>());
  members.put("name", std::optional<std::string>("Anna"));
  EXPECT_EQ(members.take(), R"("text":null,"at":null,"id":null,"name":"Anna")");
}

TEST(JsonMembers, WritesEveryTextAsDumpDoes) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text = std::string("a") + static_cast<char>(byte) + "b";
    JsonMembers members;
    members.put("t", text);
    EXPECT_EQ('{' + members.take() + '}', dump({{"t", text}})) << byte;
  }
  JsonMembers members;
  members.put("t", "grüße 🎉 \"quoted\" back\\slash");
  EXPECT_EQ('{' + members.take() + '}', dump({{"t", "grüße 🎉 \"quoted\" back\\slash"}}));
}

TEST(JsonMembers, AreNothingWithoutMembers) { EXPECT_EQ(JsonMembers().take(), ""); }

// What is told both ways says the same.
template <class Object>
void put_all(Object& object) {
  object.put("id", RunId{*Uuid::parse(kId)});
  object.put("name", "a \"name\"");
  object.put("steps", std::int64_t{3});
  object.put("at", from_millis(1'764'590'400'123));
  object.put("until", std::optional<Time>());
  object.put("error", std::optional<std::string>("none"));
  object.put_json("state", {{"a", {1, 2}}});
}

TEST(JsonMembers, SayWhatAJsonObjectSays) {
  JsonMembers members;
  put_all(members);
  JsonObject object;
  put_all(object);
  EXPECT_EQ(parse_json("{" + members.take() + "}").value(), object.take());
}

}  // namespace
}  // namespace waypost
