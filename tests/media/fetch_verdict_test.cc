#include "media/fetch_verdict.h"

#include <gtest/gtest.h>

namespace waypost::media {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Time kNow = from_millis(1'760'000'000'000);

store::Media pending() {
  store::Media media{.due_at = kNow, .created_at = kNow};
  media.named.id = "7";
  return media;
}

BeforeFetch judged(const store::Media& media, ChannelSight channel = {.is_there = true}) {
  return judge_media(media, channel, kNow);
}

std::string lost(const BeforeFetch& verdict) {
  const auto* lose = std::get_if<Lose>(&verdict);
  return lose ? lose->why.reason : "";
}

TEST(FetchVerdict, WhatIsDueIsFetched) {
  EXPECT_TRUE(std::holds_alternative<Fetch>(judged(pending())));
  auto later = pending();
  later.due_at = kNow + seconds(1);
  EXPECT_EQ(std::get<Rest>(judged(later)).until, kNow + seconds(1));
}

TEST(FetchVerdict, MetaKeepsItForSevenDays) {
  auto media = pending();
  media.created_at = kNow - hours(7 * 24);
  EXPECT_TRUE(std::holds_alternative<Fetch>(judged(media)));
  media.created_at -= milliseconds(1);
  EXPECT_EQ(lost(judged(media)), kMediaExpired);
}

TEST(FetchVerdict, WithoutAChannelThereIsNoToken) { EXPECT_EQ(lost(judged(pending(), {})), kMediaNoChannel); }

TEST(FetchVerdict, WithoutATokenItWaits) {
  EXPECT_GT(std::get<Rest>(judged(pending(), {.is_there = true, .needs_token = true})).until, kNow);
}

TEST(FetchVerdict, AFileOverWhichTheProcessDiesIsGivenUp) {
  auto media = pending();
  media.attempts = 12;
  media.failures = 10;
  EXPECT_TRUE(std::holds_alternative<Fetch>(judged(media)));
  media.attempts = 13;
  EXPECT_EQ(lost(judged(media)), kMediaCrashed);
}

// After a failure -----------------------------------------------------------------------------------------------------

AfterFailure after(ErrorKind kind, std::string_view code = "", std::int64_t failures = 0,
                   FetchStep step = FetchStep::Download) {
  auto media = pending();
  media.failures = failures;
  return judge_failure(media, {.step = step, .error = Error(kind, "words").with_code(std::string(code))}, kNow);
}

TEST(FetchVerdict, WhatMayPassIsTriedAgainEverLater) {
  const auto pause = [](std::int64_t failures) {
    return std::get<store::PutOff>(after(ErrorKind::Unavailable, "", failures)).due - kNow;
  };
  EXPECT_EQ(pause(0), seconds(2));
  EXPECT_EQ(pause(1), seconds(4));
  EXPECT_EQ(pause(5), seconds(64));
  EXPECT_EQ(pause(20), minutes(15));
  EXPECT_EQ(pause(5'000), minutes(15));
  EXPECT_EQ(std::get<store::PutOff>(after(ErrorKind::Unavailable)).counted, store::Counted::Yes);
}

TEST(FetchVerdict, AnAddressThatFailedIsNotTriedAgain) {
  EXPECT_TRUE(std::get<store::PutOff>(after(ErrorKind::Unavailable)).url_is_dead);
  auto without_id = pending();
  without_id.named.id.reset();
  const auto off =
      judge_failure(without_id, {.step = FetchStep::Download, .error = Error(ErrorKind::Unavailable, "reset")}, kNow);
  EXPECT_FALSE(std::get<store::PutOff>(off).url_is_dead) << "there is no other";
  const auto gone =
      judge_failure(without_id, {.step = FetchStep::Download, .error = Error(ErrorKind::NotFound, "404")}, kNow);
  EXPECT_EQ(std::get<Lose>(gone).why.reason, kMediaGone);
}

TEST(FetchVerdict, WhatIsForGoodIsUnavailable) {
  EXPECT_EQ(std::get<Lose>(after(ErrorKind::Rejected)).why.reason, kMediaGone);
  EXPECT_EQ(std::get<Lose>(after(ErrorKind::Rejected, kMediaTooLarge)).why.reason, kMediaTooLarge);
  EXPECT_EQ(std::get<Lose>(after(ErrorKind::Rejected, kMediaForbiddenType)).why.reason, kMediaForbiddenType);
  EXPECT_EQ(std::get<Lose>(after(ErrorKind::Forbidden)).why.reason, kMediaForbiddenHost);
}

TEST(FetchVerdict, WrongBytesMayBeAnAccidentTwice) {
  EXPECT_TRUE(std::holds_alternative<store::PutOff>(after(ErrorKind::Rejected, kMediaHashMismatch, 0)));
  EXPECT_TRUE(std::holds_alternative<store::PutOff>(after(ErrorKind::Rejected, kMediaHashMismatch, 1)));
  EXPECT_EQ(std::get<Lose>(after(ErrorKind::Rejected, kMediaHashMismatch, 2)).why.reason, kMediaHashMismatch);
}

TEST(FetchVerdict, WhatIsNotTheFilesFaultIsNotCounted) {
  for (const auto& off :
       {after(ErrorKind::Unauthorised), after(ErrorKind::RateLimited),
        after(ErrorKind::Unavailable, "", 0, FetchStep::Disk), after(ErrorKind::Unavailable, "", 0, FetchStep::Stop)})
    EXPECT_EQ(std::get<store::PutOff>(off).counted, store::Counted::No);
  EXPECT_EQ(std::get<store::PutOff>(after(ErrorKind::Unavailable, "", 0, FetchStep::Stop)).due, kNow);
}

// What has arrived ----------------------------------------------------------------------------------------------------

TEST(FetchVerdict, WhatArrivedIsCheckedAgainstPromiseAndList) {
  const std::vector<std::string> allowed{"image/png"};
  const auto code = [&](const Arrival& arrival) {
    const auto fine = check_arrival(arrival, allowed);
    return fine ? "" : fine.error().code();
  };
  const Arrival good{.hash = sha256("x"), .size = 1, .type = "image/png", .promised = sha256("x")};
  EXPECT_EQ(code(good), "");
  auto bad = good;
  bad.promised = sha256("y");
  EXPECT_EQ(code(bad), kMediaHashMismatch);
  bad.promised.reset();
  EXPECT_EQ(code(bad), "") << "nothing was promised";
  bad.size = 0;
  EXPECT_EQ(code(bad), kMediaEmpty);
  bad = good;
  bad.type = "text/html";
  EXPECT_EQ(code(bad), kMediaForbiddenType);
}

}  // namespace
}  // namespace waypost::media
