// Messages that name files of ours: each file goes to Meta once a number, before what names it.

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <stdexcept>

#include "tests/outbound/upload_stage.h"

namespace waypost::test {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;

class FileUploads : public UploadStage {};

TEST_F(FileUploads, GoBeforeTheMessageThatNamesThem) {
  const auto id = given_send(given_upload());
  send();
  ASSERT_EQ(uploads.asked.size(), 1U);
  EXPECT_EQ(uploads.asked[0].number, "106");
  EXPECT_EQ(uploads.asked[0].token, "token-1");
  EXPECT_EQ(uploads.asked[0].type, "image/png");
  EXPECT_EQ(uploads.asked[0].name, "a.png");
  EXPECT_EQ(uploads.asked[0].bytes, "a picture");
  EXPECT_EQ(graph.posts.at(0).message["image"], Json({{"id", "media-1"}}));
  EXPECT_EQ(state_of(id), MessageState::Accepted);
  EXPECT_EQ(message(id).attempt, 1);
}

TEST_F(FileUploads, OnceForAHundredRecipientsOfANumber) {
  const auto upload = given_upload();
  std::vector<ReadyKey> keys;
  for (int number = 0; number < 100; ++number) {
    const auto where = given_customer(number);
    given_send(upload, where);
    keys.push_back({.owner = tenant, .key = where.id});
  }
  for (const auto& key : keys) EXPECT_TRUE(loop.wait(sender->handle(key)));
  EXPECT_EQ(uploads.asked.size(), 1U);
  EXPECT_EQ(ids_posted(), std::vector<std::string>(100, "media-1"));
}

// While the first one uploads, the others leave, and hold no worker.
TEST_F(FileUploads, OnceAlsoWhenAllWantItAtTheSameTime) {
  const auto upload = given_upload();
  uploads.hold();
  std::vector<WorkOutcome> outcomes(10);
  std::vector<ReadyKey> keys;
  for (int number = 0; number < 10; ++number) {
    const auto where = given_customer(number);
    given_send(upload, where);
    keys.push_back({.owner = tenant, .key = where.id});
  }
  std::size_t ended = 0;
  for (std::size_t at = 0; at < keys.size(); ++at) {
    asio::co_spawn(loop.executor(), sender->handle(keys[at]), [&, at](std::exception_ptr, WorkOutcome outcome) {
      outcomes[at] = std::move(outcome);
      ++ended;
    });
  }
  EXPECT_TRUE(loop.run_until([&] { return ended == 9; }));
  uploads.release();
  EXPECT_TRUE(loop.run_until([&] { return ended == 10; }));
  EXPECT_EQ(uploads.asked.size(), 1U);
  int told_to_come_again = 0;
  for (const auto& outcome : outcomes) told_to_come_again += outcome && *outcome && **outcome > clock.now();
  EXPECT_EQ(told_to_come_again, 9);
  pass(seconds(1));
  for (const auto& key : keys) EXPECT_TRUE(loop.wait(sender->handle(key)));
  EXPECT_EQ(uploads.asked.size(), 1U);
  EXPECT_EQ(graph.posts.size(), 10U);
}

TEST_F(FileUploads, AnotherProcessKnowsWhatWasUploaded) {
  const auto upload = given_upload();
  given_send(upload);
  send();
  another_process();
  given_send(upload);
  send();
  EXPECT_EQ(uploads.asked.size(), 1U);
  EXPECT_THAT(ids_posted(), ElementsAre("media-1", "media-1"));
}

// Whoever dies over an upload has begun no send.
TEST_F(FileUploads, ADeathInTheMiddleOfAnUploadLosesAndDoublesNothing) {
  const auto id = given_send(given_upload());
  uploads.dies();
  EXPECT_THROW((void)loop.wait(sender->handle(key())), std::runtime_error);
  EXPECT_EQ(state_of(id), MessageState::Queued);
  EXPECT_EQ(message(id).attempt, 0);
  another_process();
  send();
  EXPECT_EQ(uploads.asked.size(), 2U);
  EXPECT_THAT(ids_posted(), ElementsAre("media-2"));
  EXPECT_EQ(message(id).attempt, 1);
}

TEST_F(FileUploads, ADeathBetweenUploadAndSendLosesAndDoublesNothing) {
  const auto upload = given_upload();
  const auto id = given_send(upload);
  const auto number = channel();
  in_store([&](sql::Connection& c) {
    const auto row = *store::find_upload(c, tenant, *UploadId::parse(upload));
    store::note_file_at_meta(c, number, row,
                             {.meta_id = "before", .uploaded_at = clock.now(), .expires_at = clock.now() + days(29)});
  });
  another_process();
  send();
  EXPECT_TRUE(uploads.asked.empty());
  EXPECT_THAT(ids_posted(), ElementsAre("before"));
  EXPECT_EQ(message(id).attempt, 1);
}

TEST_F(FileUploads, AChannelThatIsPausedUploadsNothing) {
  given_send(given_upload());
  set_channel_state("paused", "token-1");
  send();
  EXPECT_TRUE(uploads.asked.empty());
}

TEST_F(FileUploads, AnIdThatIsOldIsNotBelieved) {
  const auto upload = given_upload();
  given_send(upload);
  send();
  pass(days(29));
  customer_writes();
  given_send(upload);
  send();
  EXPECT_EQ(uploads.asked.size(), 2U);
  EXPECT_THAT(ids_posted(), ElementsAre("media-1", "media-2"));
}

TEST_F(FileUploads, WhatMetaHasForgottenIsUploadedAgainOnce) {
  const auto upload = given_upload();
  given_send(upload);
  send();
  pass(minutes(1));
  for (const std::int64_t code : {100, 131009, 131053}) {
    const auto before = uploads.asked.size();
    const auto id = given_send(upload);
    graph.answers(code);
    send_until(id, MessageState::Accepted);
    EXPECT_EQ(uploads.asked.size(), before + 1) << code;
    EXPECT_EQ(message(id).attempt, 2) << code;
    pass(minutes(1));
  }
}

TEST_F(FileUploads, WhatIsRefusedThoughItIsFreshIsGivenUp) {
  const auto upload = given_upload();
  given_send(upload);
  send();
  pass(minutes(1));
  const auto id = given_send(upload);
  graph.answers(131053);
  graph.answers(131053);
  send_until(id, MessageState::Failed);
  EXPECT_EQ(uploads.asked.size(), 2U);
  EXPECT_EQ(reason_of(id), "media_failed");
  EXPECT_EQ(message(id).attempt, 2);
}

TEST_F(FileUploads, ATextThatIsRefusedIsNoFilesFault) {
  const auto id = given_message("hello");
  graph.answers(100);
  send();
  EXPECT_EQ(state_of(id), MessageState::Failed);
  EXPECT_TRUE(uploads.asked.empty());
}

TEST_F(FileUploads, ATokenThatIsRefusedHoldsTheChannelAndBurnsNothing) {
  const auto id = given_send(given_upload());
  uploads.answers(190);
  send();
  EXPECT_EQ(channel().state, "needs_token");
  EXPECT_EQ(state_of(id), MessageState::Queued);
  EXPECT_EQ(message(id).attempt, 0);
  EXPECT_EQ(message(id).failures, 0);
  EXPECT_TRUE(graph.posts.empty());
  set_channel_state("active", "token-2");
  pass(minutes(1));
  send();
  EXPECT_EQ(uploads.asked.back().token, "token-2");
  EXPECT_EQ(state_of(id), MessageState::Accepted);
}

TEST_F(FileUploads, AThrottleWaits) {
  const auto id = given_send(given_upload());
  uploads.answers(80007);
  const auto next = send();
  ASSERT_TRUE(next);
  EXPECT_GE(*next, clock.now() + seconds(10));
  EXPECT_EQ(state_of(id), MessageState::Queued);
  EXPECT_EQ(message(id).attempt, 0);
  clock.set(*next);
  send_until(id, MessageState::Accepted);
  EXPECT_EQ(message(id).attempt, 1);
}

TEST_F(FileUploads, AThrottleHoldsUpAllThatWaitForTheFile) {
  const auto upload = given_upload();
  uploads.answers(130429);
  std::vector<ReadyKey> keys;
  for (int number = 0; number < 5; ++number) {
    const auto where = given_customer(number);
    given_send(upload, where);
    keys.push_back({.owner = tenant, .key = where.id});
  }
  std::optional<Time> last;
  for (const auto& each : keys) {
    const auto outcome = loop.wait(sender->handle(each));
    ASSERT_TRUE(outcome && *outcome);
    last = **outcome;
  }
  EXPECT_EQ(uploads.asked.size(), 1U);
  clock.set(*last);
  for (const auto& each : keys) EXPECT_TRUE(loop.wait(sender->handle(each)));
  EXPECT_EQ(uploads.asked.size(), 2U);
}

TEST_F(FileUploads, AStopGivesUpWhatIsOnItsWay) {
  const auto id = given_send(given_upload());
  sender->stop();
  send();
  EXPECT_TRUE(uploads.asked.empty());
  EXPECT_EQ(state_of(id), MessageState::Queued);
  another_process();
  send();
  EXPECT_EQ(state_of(id), MessageState::Accepted);
}

TEST_F(FileUploads, AnUploadOfUnknownOutcomeIsMadeAgain) {
  const auto id = given_send(given_upload());
  uploads.is_unreachable();
  uploads.answers(131000);
  uploads.answers(2);
  send_until(id, MessageState::Accepted);
  EXPECT_EQ(uploads.asked.size(), 4U);
  EXPECT_EQ(graph.posts.size(), 1U);
  EXPECT_EQ(message(id).attempt, 1) << "no attempt to send is burnt by an upload";
}

TEST_F(FileUploads, AnUploadThatMetaRefusesFailsTheMessage) {
  const auto id = given_send(given_upload());
  uploads.answers(131053);
  send();
  EXPECT_EQ(state_of(id), MessageState::Failed);
  EXPECT_EQ(reason_of(id), "media_failed");
  EXPECT_EQ(message(id).failure->code, 131053);
  EXPECT_TRUE(graph.posts.empty());
}

TEST_F(FileUploads, AChannelThatIsBlockedWaits) {
  const auto id = given_send(given_upload());
  uploads.answers(131031);
  const auto next = send();
  ASSERT_TRUE(next);
  EXPECT_EQ(channel().state, "blocked");
  EXPECT_EQ(state_of(id), MessageState::Queued);
  EXPECT_EQ(uploads.asked.size(), 1U);
}

TEST_F(FileUploads, AFileThatIsGoneFailsTheMessage) {
  const auto upload = given_upload();
  const auto id = given_send(upload);
  const auto other = given_send(given_upload("another"));
  in_store([&](sql::Connection& c) { c.run("DELETE FROM upload WHERE id = $1", {*UploadId::parse(upload)}); });
  disk.clear();
  send();
  EXPECT_EQ(reason_of(id), "upload_missing");
  EXPECT_EQ(reason_of(other), "upload_missing");
  EXPECT_TRUE(graph.posts.empty());
}

TEST_F(FileUploads, ADiskThatIsAwayHoldsItUp) {
  const auto id = given_send(given_upload());
  disk_fails = true;
  const auto next = send();
  ASSERT_TRUE(next);
  EXPECT_EQ(state_of(id), MessageState::Queued);
  disk_fails = false;
  clock.set(*next);
  send();
  EXPECT_EQ(state_of(id), MessageState::Accepted);
}

TEST_F(FileUploads, NothingIsUploadedForWhatMayNotGo) {
  const auto id = given_send(given_upload());
  pass(hours(25));
  send();
  EXPECT_TRUE(uploads.asked.empty());
  EXPECT_NE(state_of(id), MessageState::Accepted);
}

TEST_F(FileUploads, ALateWordThatAFileFailedForgetsIt) {
  const auto upload = given_upload();
  const auto id = given_send(upload);
  send();
  status_fails(id, 131053);
  EXPECT_EQ(state_of(id), MessageState::Failed);
  given_send(upload);
  send();
  EXPECT_EQ(uploads.asked.size(), 2U);
}

}  // namespace
}  // namespace waypost::test
