#include "store/media.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/channels.h"
#include "store/contacts.h"
#include "store/due.h"
#include "store/events.h"
#include "store/inbound.h"
#include "store/media_files.h"
#include "store/merge.h"
#include "store/queue_sight.h"
#include "store/work_failures.h"
#include "tests/support/temp_store.h"

namespace waypost::store {
namespace {

using std::chrono::hours;

class MediaRows : public testing::Test {
 protected:
  Received receive(const std::string& wamid, const std::string& phone, std::optional<NamedMedia> media) {
    Inbound inbound{.phone_number_id = test::kNumber, .media = std::move(media)};
    inbound.sender.phone = phone;
    inbound.message = {.tenant = store.tenant, .channel = store.channel, .type = "image", .wamid = wamid};
    inbound.message.happened_at = now();
    return store.run([&](sql::Connection& c) { return receive_message(c, inbound, now()); });
  }
  Received receive(const std::string& wamid) { return receive(wamid, "491701", picture()); }
  static NamedMedia picture() {
    return {.kind = "image", .id = "7", .url = "https://x", .said_type = "image/png", .said_hash = sha256("x")};
  }
  Media given_media(const std::string& wamid = "m0", const std::string& phone = "491701") {
    const auto received = receive(wamid, phone, picture());
    return next(received.media.front()).value();
  }
  std::optional<Media> next(ConversationId conversation) {
    return store.run([&](sql::Connection& c) { return next_media(c, store.tenant, conversation); });
  }
  std::optional<Media> find(const Media& media) {
    return store.run([&](sql::Connection& c) { return find_media(c, store.tenant, media.id); });
  }
  bool begin(Media& media) {
    const bool begun = store.run([&](sql::Connection& c) { return begin_fetch(c, media); });
    if (begun) ++media.attempts;
    return begun;
  }
  bool claim(const Digest& hash) {
    return store.run([&](sql::Connection& c) { return claim_file(c, hash, now()); });
  }
  Result<bool> keep(const Media& media, const Digest& hash, Time claimed_at) {
    const StoredFile file{.hash = hash, .size = 3, .mime_type = "image/png", .claimed_at = claimed_at};
    return store.database->write_and_wait(0, [&](sql::Connection& c) { return store_media(c, media, file, now()); });
  }
  void given_stored(const Media& media, const Digest& hash) {
    ASSERT_TRUE(claim(hash));
    ASSERT_EQ(keep(media, hash, now()), true);
  }
  bool doom(const Digest& hash) {
    return store.run([&](sql::Connection& c) { return doom_file(c, hash, now() - kClaimHolds); });
  }
  std::size_t left() {
    return store.run([&](sql::Connection& c) { return left_files(c, now() - kClaimHolds, 100); }).size();
  }
  Json last_event() {
    (void)store.number("SELECT count(*) FROM event");
    return store.run([&](sql::Connection& c) {
      const auto events = events_after(c, store.tenant, 0, 1'000);
      return Json{{"type", events.back().type}, {"payload", events.back().payload}};
    });
  }
  std::size_t due(Time until) {
    return store.run([&](sql::Connection& c) { return due_media(c, {}, until, 100); }).due.size();
  }
  Time now() const { return store.clock.now(); }

  test::TempStore store;
};

TEST_F(MediaRows, AMessageBringsItsFileIntoTheSameTransaction) {
  const auto received = receive("m0");
  ASSERT_EQ(received.media.size(), 1U);
  const auto media = next(received.media.front());
  ASSERT_TRUE(media);
  EXPECT_EQ(media->state, MediaState::Pending);
  EXPECT_EQ(media->named.id, "7");
  EXPECT_EQ(media->named.url, "https://x");
  EXPECT_EQ(media->named.said_hash, sha256("x"));
  EXPECT_EQ(media->due_at, now());
  EXPECT_EQ(due(now()), 1U);
  EXPECT_EQ(due(now() - milliseconds(1)), 0U);
}

TEST_F(MediaRows, TheMessagesEventShowsItPending) {
  const auto media = given_media();
  const auto event = last_event();
  EXPECT_EQ(event["type"], "message.received");
  EXPECT_EQ(event["payload"]["message"]["media"], Json({{"id", media.id.text()},
                                                        {"kind", "image"},
                                                        {"state", "pending"},
                                                        {"mimeType", nullptr},
                                                        {"size", nullptr},
                                                        {"filename", nullptr},
                                                        {"voice", false},
                                                        {"animated", false},
                                                        {"reason", nullptr}}));
  EXPECT_EQ(event["payload"]["message"]["id"], media.message.text());
}

TEST_F(MediaRows, ARepeatedMessageBringsNothing) {
  receive("m0");
  EXPECT_TRUE(receive("m0").media.empty());
  EXPECT_EQ(store.number("SELECT count(*) FROM media"), 1);
}

TEST_F(MediaRows, WhatMetaCouldNotTakeIsUnavailableAtOnce) {
  auto refused = picture();
  refused.refusal = kMediaRefusedByMeta;
  EXPECT_TRUE(receive("m0", "491701", refused).media.empty());
  EXPECT_EQ(store.number("SELECT count(*) FROM media WHERE state = 'unavailable' AND reason = 'refused_by_meta'"), 1);
  EXPECT_EQ(last_event()["payload"]["message"]["media"]["state"], "unavailable");
}

TEST_F(MediaRows, APageShowsThemByMessage) {
  const auto media = given_media("m0");
  receive("m1", "491701", std::nullopt);
  const auto shown =
      store.run([&](sql::Connection& c) { return media_of_page(c, store.tenant, media.conversation, {}); });
  ASSERT_EQ(shown.size(), 1U);
  EXPECT_EQ(shown.begin()->first, media.message);
  const auto nothing = store.run([&](sql::Connection& c) {
    return media_of_page(c, store.tenant, media.conversation, {.limit = 1, .offset = 0});
  });
  EXPECT_TRUE(nothing.empty());
}

TEST_F(MediaRows, AStoredOneSaysWhatItIs) {
  const auto media = given_media();
  store.clock.pass(seconds(3));
  given_stored(media, sha256("png"));
  const auto stored = find(media);
  EXPECT_EQ(stored->state, MediaState::Stored);
  EXPECT_EQ(stored->hash, sha256("png"));
  EXPECT_EQ(stored->size, 3);
  EXPECT_FALSE(stored->named.url);
  EXPECT_EQ(stored->settled_at, now());
  EXPECT_FALSE(next(media.conversation));
  const auto event = last_event();
  EXPECT_EQ(event["type"], "media.stored");
  EXPECT_EQ(event["payload"]["media"]["mimeType"], "image/png");
  EXPECT_EQ(event["payload"]["media"]["messageId"], media.message.text());
}

TEST_F(MediaRows, TheSecondOfTwoFetchersFindsItDone) {
  auto media = given_media();
  given_stored(media, sha256("png"));
  const auto events = store.number("SELECT count(*) FROM event");
  EXPECT_EQ(keep(media, sha256("png"), now()), false);
  EXPECT_FALSE(begin(media));
  EXPECT_FALSE(store.run([&](sql::Connection& c) { return lose_media(c, media, {.reason = "gone"}, now()); }));
  EXPECT_EQ(store.number("SELECT count(*) FROM event"), events);
}

TEST_F(MediaRows, ATryIsCountedBeforeItIsMade) {
  auto media = given_media();
  auto another_read = media;
  EXPECT_TRUE(begin(media));
  EXPECT_FALSE(begin(another_read));
  EXPECT_EQ(find(media)->attempts, 1);
  const PutOff off{.due = now() + seconds(2), .why = {.reason = "failed", .words = "reset"}, .url_is_dead = true};
  EXPECT_TRUE(store.run([&](sql::Connection& c) { return put_off_media(c, media, off); }));
  EXPECT_FALSE(store.run([&](sql::Connection& c) { return put_off_media(c, media, off); }));
  const auto later = find(media);
  EXPECT_EQ(later->attempts, 1);
  EXPECT_EQ(later->failures, 1);
  EXPECT_EQ(later->due_at, now() + seconds(2));
  EXPECT_FALSE(later->named.url);
  EXPECT_EQ(later->failure->words, "reset");
}

TEST_F(MediaRows, ATryThatWasNobodysFaultIsNotCounted) {
  auto media = given_media();
  EXPECT_TRUE(begin(media));
  const PutOff off{.due = now() + seconds(2), .why = {.reason = "token"}, .counted = Counted::No};
  EXPECT_TRUE(store.run([&](sql::Connection& c) { return put_off_media(c, media, off); }));
  const auto later = find(media);
  EXPECT_EQ(later->attempts, 0);
  EXPECT_EQ(later->failures, 0);
  EXPECT_EQ(later->named.url, "https://x");
}

TEST_F(MediaRows, ALostOneTells) {
  const auto media = given_media();
  EXPECT_TRUE(store.run([&](sql::Connection& c) {
    return lose_media(c, media, {.reason = std::string(kMediaGone), .words = "Meta has it no more"}, now());
  }));
  const auto event = last_event();
  EXPECT_EQ(event["type"], "media.unavailable");
  EXPECT_EQ(event["payload"]["media"]["reason"], "gone");
  EXPECT_EQ(find(media)->failure->words, "Meta has it no more");
  EXPECT_EQ(due(now()), 0U);
}

TEST_F(MediaRows, AnotherWorkspaceSeesNothing) {
  const auto media = given_media();
  const auto other = store.run([&](sql::Connection& c) { return create_tenant(c, "two", now()); }).id;
  EXPECT_FALSE(store.run([&](sql::Connection& c) { return find_media(c, other, media.id); }));
  EXPECT_FALSE(store.run([&](sql::Connection& c) { return next_media(c, other, media.conversation); }));
}

TEST_F(MediaRows, AMergeBringsThemAlong) {
  const auto survivor = given_media("m0", "1");
  const auto lost = given_media("m1", "2");
  const auto contact_of = [&](const Media& media) {
    return store.run(
        [&](sql::Connection& c) { return find_conversation(c, store.tenant, media.conversation)->contact; });
  };
  const SamePerson person{.tenant = store.tenant, .survivor = contact_of(survivor), .lost = contact_of(lost)};
  store.run([&](sql::Connection& c) { merge_contacts(c, person, now()); });
  EXPECT_EQ(find(lost)->conversation, survivor.conversation);
  EXPECT_FALSE(next(lost.conversation));
  // Somebody who read it before the merge tells of it where it is now.
  given_stored(lost, sha256("png"));
  EXPECT_EQ(last_event()["payload"]["media"]["conversationId"], survivor.conversation.text());
}

TEST_F(MediaRows, TheQueueShowsThem) {
  auto media = given_media("m0", "1");
  given_media("m1", "2");
  ASSERT_TRUE(begin(media));
  const PutOff off{.due = now(), .why = {.reason = "failed"}};
  store.run([&](sql::Connection& c) { put_off_media(c, media, off); });
  store.clock.pass(seconds(5));
  const auto sight = store.run([&](sql::Connection& c) { return look_at_queue(c, WorkQueue::Media, now()); });
  EXPECT_EQ(sight.waiting.at("due"), 1);
  EXPECT_EQ(sight.waiting.at("retry"), 1);
  EXPECT_EQ(sight.oldest.at(store.tenant), now() - seconds(5));
}

TEST_F(MediaRows, ABuriedConversationIsLeftOutAndItsFirstFileCanBeDropped) {
  const auto media = given_media();
  const WorkKey key{.tenant = store.tenant, .queue = WorkQueue::Media, .conversation = media.conversation};
  store.run([&](sql::Connection& c) { record_failure(c, {.key = key, .words = "it broke"}, {.attempts = 1}, now()); });
  EXPECT_EQ(due(now()), 0U);
  const auto sight = store.run([&](sql::Connection& c) { return look_at_queue(c, WorkQueue::Media, now()); });
  EXPECT_EQ(sight.waiting.at("buried"), 1);
  EXPECT_EQ(sight.buried, 1);
  const BuriedKeys keys{.tenant = store.tenant, .queue = WorkQueue::Media, .conversation = media.conversation};
  const auto dropped = store.run([&](sql::Connection& c) { return drop_first(c, keys, now()); });
  ASSERT_EQ(dropped.size(), 1U);
  EXPECT_EQ(dropped[0].what, "media");
  EXPECT_EQ(dropped[0].id, media.id.uuid);
  EXPECT_EQ(find(media)->failure->reason, "dropped");
}

TEST_F(MediaRows, AFailureThatIsOverIsForgotten) {
  const auto media = given_media();
  const WorkKey key{.tenant = store.tenant, .queue = WorkQueue::Media, .conversation = media.conversation};
  store.run([&](sql::Connection& c) { record_failure(c, {.key = key, .words = "it broke"}, {}, now()); });
  const auto settle = [&] {
    store.run([&](sql::Connection& c) { clear_settled(c, settled_failures(c, 100, now()), now()); });
    return store.number("SELECT count(*) FROM work_failure");
  };
  EXPECT_EQ(settle(), 1);
  given_stored(media, sha256("png"));
  EXPECT_EQ(settle(), 0);
}

// Files ---------------------------------------------------------------------------------------------------------------

TEST_F(MediaRows, AFileThatSomebodyNamesStays) {
  given_stored(given_media("m0"), sha256("png"));
  given_stored(given_media("m1"), sha256("png"));
  EXPECT_EQ(store.number("SELECT count(*) FROM media_file"), 1);
  store.clock.pass(hours(48));
  EXPECT_EQ(left(), 0U);
  EXPECT_FALSE(doom(sha256("png")));
}

TEST_F(MediaRows, AFileGoesWithTheLastRowThatNamesItAndNotAtOnce) {
  const auto first = given_media("m0", "1");
  const auto second = given_media("m1", "2");
  given_stored(first, sha256("png"));
  given_stored(second, sha256("png"));
  const auto erase = [&](const Media& media) {
    store.run([&](sql::Connection& c) {
      const auto contact = find_conversation(c, store.tenant, media.conversation)->contact;
      EXPECT_TRUE(delete_contact(c, store.tenant, contact, now()));
    });
  };
  erase(first);
  EXPECT_FALSE(find(first));
  store.clock.pass(hours(2));
  EXPECT_EQ(left(), 1U);
  EXPECT_FALSE(doom(sha256("png")));
  EXPECT_EQ(left(), 0U) << "it was looked at";
  erase(second);
  EXPECT_EQ(left(), 0U) << "somebody may just be about to name it";
  store.clock.pass(hours(2));
  EXPECT_EQ(left(), 1U);
  EXPECT_TRUE(doom(sha256("png")));
  EXPECT_TRUE(doom(sha256("png"))) << "whoever doomed it may have died";
  store.run([&](sql::Connection& c) { forget_file(c, sha256("png")); });
  EXPECT_EQ(store.number("SELECT count(*) FROM media_file"), 0);
}

TEST_F(MediaRows, AClaimKeepsAFileThatNobodyNamesYet) {
  ASSERT_TRUE(claim(sha256("png")));
  store.clock.pass(hours(2));
  ASSERT_TRUE(claim(sha256("png"))) << "another fetch found it";
  EXPECT_EQ(left(), 0U);
  EXPECT_FALSE(doom(sha256("png")));
}

TEST_F(MediaRows, WhatIsBeingDeletedCannotBeClaimed) {
  ASSERT_TRUE(claim(sha256("png")));
  store.clock.pass(hours(2));
  ASSERT_TRUE(doom(sha256("png")));
  EXPECT_FALSE(claim(sha256("png")));
  store.run([&](sql::Connection& c) { forget_file(c, sha256("png")); });
  EXPECT_TRUE(claim(sha256("png")));
}

TEST_F(MediaRows, AClaimThatRanOutNamesNothing) {
  const auto media = given_media();
  const Time claimed_at = now();
  ASSERT_TRUE(claim(sha256("png")));
  store.clock.pass(hours(2));
  ASSERT_TRUE(doom(sha256("png")));
  EXPECT_EQ(keep(media, sha256("png"), claimed_at).error().kind(), ErrorKind::Conflict);
  EXPECT_EQ(find(media)->state, MediaState::Pending);
  store.run([&](sql::Connection& c) { forget_file(c, sha256("png")); });
  EXPECT_FALSE(keep(media, sha256("png"), claimed_at));
  ASSERT_TRUE(claim(sha256("png"))) << "by another, who has not put it in place yet";
  EXPECT_FALSE(keep(media, sha256("png"), claimed_at));
  EXPECT_EQ(find(media)->state, MediaState::Pending);
}

TEST_F(MediaRows, OldOnesGo) {
  const auto old = given_media("m0");
  given_stored(old, sha256("old"));
  store.clock.pass(hours(24));
  const auto young = given_media("m1");
  given_stored(young, sha256("young"));
  const auto dropped =
      store.run([&](sql::Connection& c) { return drop_old_media(c, store.tenant, now() - hours(1), now()); });
  EXPECT_EQ(dropped, 1);
  EXPECT_FALSE(find(old));
  EXPECT_TRUE(find(young));
  store.clock.pass(hours(2));
  EXPECT_TRUE(doom(sha256("old")));
  EXPECT_FALSE(doom(sha256("young")));
}

}  // namespace
}  // namespace waypost::store
