#include "conversation/window.h"

#include <gtest/gtest.h>

namespace waypost {
namespace {

using std::chrono::hours;

const Time kWrote = from_millis(1'760'000'000'000);

TEST(Window, LastsTwentyFourHoursFromTheCustomersMessage) {
  const Time end = window_end(kWrote);
  EXPECT_EQ(end - kWrote, hours(24));
  EXPECT_TRUE(is_open(end, kWrote, milliseconds(0)));
  EXPECT_TRUE(is_open(end, end - milliseconds(1), milliseconds(0)));
  EXPECT_FALSE(is_open(end, end, milliseconds(0)));
}

TEST(Window, TheSafetyMarginEndsItEarlier) {
  const Time end = window_end(kWrote);
  EXPECT_TRUE(is_open(end, end - seconds(61), seconds(60)));
  EXPECT_FALSE(is_open(end, end - seconds(60), seconds(60)));
}

TEST(Window, NeverOpenedIsClosed) { EXPECT_FALSE(is_open(std::nullopt, kWrote, milliseconds(0))); }

TEST(Window, AReactionOpensIt) {
  for (const char* type :
       {"text", "image", "button", "interactive", "reaction", "order", "request_welcome", "location"}) {
    EXPECT_TRUE(opens_window(type)) << type;
  }
}

TEST(Window, EditsRevokesAndSystemMessagesDoNotOpenIt) {
  for (const char* type : {"edit", "revoke", "system", "unsupported", "unknown", "media_placeholder"}) {
    EXPECT_FALSE(opens_window(type)) << type;
  }
}

TEST(Window, CallsOfTheCustomerOpenItAndWhatIsNotWrittenToUsNever) {
  EXPECT_TRUE(opens_window(kUserCalls));
  EXPECT_TRUE(opens_window(kCallAccepted));
  EXPECT_TRUE(opens_window("type_of_tomorrow"));
  for (const char* cause : {"status", "echo", "history", "standby", "template"})
    EXPECT_FALSE(opens_window(cause)) << cause;
}

TEST(Window, OfTwoWindowsTheLaterOneStandsFromWhereTheyMeet) {
  const auto at = [](int hour) { return kWrote + hours(hour); };
  const auto expect = [](const ServiceWindow& window, std::optional<Time> opened, std::optional<Time> expires) {
    EXPECT_EQ(window.opened_at, opened);
    EXPECT_EQ(window.expires_at, expires);
  };
  const ServiceWindow early{.opened_at = at(0), .expires_at = at(24)};
  const ServiceWindow meeting{.opened_at = at(20), .expires_at = at(44)};
  const ServiceWindow apart{.opened_at = at(50), .expires_at = at(74)};
  expect(united(early, meeting), at(0), at(44));
  expect(united(meeting, early), at(0), at(44));
  expect(united(early, apart), at(50), at(74));
  expect(united(apart, early), at(50), at(74));
  expect(united(early, {}), at(0), at(24));
  expect(united({}, early), at(0), at(24));
  expect(united({}, {}), std::nullopt, std::nullopt);
}

TEST(Window, PoliciesHaveNames) {
  for (const auto policy :
       {WindowPolicy::Reject, WindowPolicy::Hold, WindowPolicy::Template, WindowPolicy::TemplateThenHold}) {
    EXPECT_EQ(window_policy(name_of(policy)), policy);
  }
  EXPECT_FALSE(window_policy("Reject"));
}

TEST(Window, TheDefaultPolicyAsksForAFallback) {
  EXPECT_EQ(policy_in_force(std::nullopt, false), WindowPolicy::Reject);
  EXPECT_EQ(policy_in_force(std::nullopt, true), WindowPolicy::TemplateThenHold);
  EXPECT_EQ(policy_in_force(WindowPolicy::Hold, true), WindowPolicy::Hold);
}

}  // namespace
}  // namespace waypost
