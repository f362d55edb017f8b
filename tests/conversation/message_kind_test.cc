#include "conversation/message_kind.h"

#include <gtest/gtest.h>

namespace waypost {
namespace {

TEST(MessageKind, OfTomorrowIsShownAsUnsupportedAndKeptUnderItsWord) {
  EXPECT_EQ(kind_of(Json{{"type", "hologram"}}), "hologram");
  EXPECT_FALSE(is_known_kind("hologram"));
  EXPECT_EQ(shown_kind("hologram"), kUnsupported);
}

TEST(MessageKind, OfTodayIsShownUnderItsWord) {
  for (const char* type :
       {"text", "image", "reaction", "request_welcome", "media_placeholder", "unsupported", "unknown"}) {
    EXPECT_EQ(shown_kind(type), type);
  }
}

TEST(MessageKind, WithoutAWordIsUnsupported) {
  for (const auto& message : {Json{{"type", ""}}, Json{{"type", 7}}, Json::object(), Json()}) {
    EXPECT_EQ(kind_of(message), kUnsupported);
  }
}

}  // namespace
}  // namespace waypost
