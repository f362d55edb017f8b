#include "workflow/reply.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "conversation/message_kind.h"
#include "tests/webhook/payload_files.h"

namespace waypost::workflow {
namespace {

// The first message of a payload file, as it is stored.
Json message_in(const std::string& file) {
  const auto path = std::filesystem::path(WAYPOST_TEST_DATA) / "webhook" / (file + ".json");
  return Json::parse(test::content_of(path)).at("entry").at(0).at("changes").at(0).at("value").at("messages").at(0);
}
Json reply_in(const std::string& file) {
  const auto message = message_in(file);
  return reply_of(kind_of(message), plain_text(message), message);
}

TEST(Reply, OfATextHasItsWords) {
  const auto message = message_in("text");
  const auto reply = reply_in("text");
  EXPECT_EQ(reply.at("type"), "text");
  EXPECT_EQ(reply.at("text"), message.at("text").at("body"));
  EXPECT_EQ(reply.at("choice"), nullptr);
  EXPECT_EQ(reply.at("content"), message.at("text"));
}

TEST(Reply, OfEveryChoiceIsAButton) {
  const auto quick = reply_in("button");
  EXPECT_EQ(quick.at("type"), "button");
  EXPECT_EQ(quick.at("choice"), Json({{"id", "YES-1"}, {"title", "Yes"}}));
  EXPECT_EQ(quick.at("text"), "Yes");
  for (const std::string kind : {"button_reply", "list_reply"}) {
    const auto reply = reply_in("interactive_" + kind);
    const auto sent = message_in("interactive_" + kind).at("interactive").at(kind);
    EXPECT_EQ(reply.at("type"), "button") << kind;
    EXPECT_EQ(reply.at("choice"), Json({{"id", sent.at("id")}, {"title", sent.at("title")}})) << kind;
  }
}

TEST(Reply, OfOtherInteractiveKindsChoosesNothing) {
  EXPECT_EQ(reply_in("interactive_nfm_reply").at("type"), "flow");
  EXPECT_EQ(reply_in("interactive_nfm_reply").at("choice"), nullptr);
  EXPECT_EQ(reply_in("interactive_call_permission_reply").at("type"), "interactive");
  EXPECT_EQ(reply_in("interactive_unknown_subtype").at("type"), "interactive");
  EXPECT_EQ(reply_in("interactive_unknown_subtype").at("choice"), nullptr);
}

TEST(Reply, OfMediaPlacesAndCardsKeepsMetasPart) {
  for (const std::string kind : {"audio", "document", "location", "contacts"}) {
    const auto reply = reply_in(kind);
    EXPECT_EQ(reply.at("type"), kind);
    EXPECT_EQ(reply.at("choice"), nullptr) << kind;
    EXPECT_EQ(reply.at("content"), message_in(kind).at(kind)) << kind;
  }
  EXPECT_EQ(reply_of("voice", std::nullopt, Json::object()).at("type"), "audio");
  EXPECT_EQ(reply_of("hologram", std::nullopt, Json::object()).at("type"), "hologram");
}

TEST(Reply, TakesThePartAlone) {
  const Json part{{"type", "list_reply"}, {"list_reply", {{"id", "r"}, {"title", "Row"}}}};
  EXPECT_EQ(reply_of("interactive", "Row", part).at("choice"), Json({{"id", "r"}, {"title", "Row"}}));
  EXPECT_EQ(reply_of("button", "Yes", {{"text", "Yes"}}).at("choice"), Json({{"id", "Yes"}, {"title", "Yes"}}));
}

TEST(Reply, ReadsAnyShape) {
  for (const auto* text : {"null", "[]", "7", R"({"interactive":7})", R"({"interactive":{"type":"list_reply"}})",
                           R"({"interactive":{"type":"list_reply","list_reply":[1]}})"}) {
    const auto reply = reply_of("interactive", std::nullopt, Json::parse(text));
    EXPECT_EQ(reply.at("choice"), nullptr) << text;
    EXPECT_EQ(reply.at("text"), nullptr) << text;
  }
  EXPECT_EQ(reply_of("button", std::nullopt, Json()).at("choice"), nullptr);
}

TEST(ReplyVariables, AreNullWhereNothingWasChosen) {
  EXPECT_EQ(reply_variables(reply_in("button")),
            Json::parse(R"({"text":"Yes","type":"button","id":"YES-1","title":"Yes"})"));
  EXPECT_EQ(reply_variables(reply_of("image", std::nullopt, Json::object())),
            Json::parse(R"({"text":null,"type":"image","id":null,"title":null})"));
  EXPECT_EQ(reply_variables(Json()), Json::parse(R"({"text":null,"type":null,"id":null,"title":null})"));
}

TEST(ReplyKinds, MatchTheStoredTypes) {
  EXPECT_TRUE(is_of_kind("text", "text"));
  EXPECT_TRUE(is_of_kind("button", "button"));
  EXPECT_TRUE(is_of_kind("interactive", "button"));
  EXPECT_TRUE(is_of_kind("voice", "audio"));
  EXPECT_FALSE(is_of_kind("image", "text"));
  EXPECT_FALSE(is_of_kind("button", "flow"));
  EXPECT_TRUE(is_reply_kind("flow"));
  EXPECT_FALSE(is_reply_kind("interactive"));
}

}  // namespace
}  // namespace waypost::workflow
