#include "store/uploads.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/broadcasts.h"
#include "store/channels.h"
#include "store/files_at_meta.h"
#include "store/inbound.h"
#include "store/media_files.h"
#include "store/outbox.h"
#include "tests/support/temp_store.h"

namespace waypost::store {
namespace {

using std::chrono::days;
using std::chrono::hours;

class Uploads : public testing::Test {
 protected:
  Uploads() {
    other_ = store.run([&](sql::Connection& c) { return create_tenant(c, "Other", now()); }).id;
  }
  Upload given_upload(const std::string& content = "a", std::optional<TenantId> of = std::nullopt) {
    const Upload upload{.tenant = of.value_or(store.tenant),
                        .kind = "image",
                        .mime_type = "image/png",
                        .size = 3,
                        .hash = sha256(content),
                        .file_name = "a.png"};
    return store.run([&](sql::Connection& c) {
      EXPECT_TRUE(claim_file(c, upload.hash, now()));
      return keep_upload(c, upload, now(), now()).value();
    });
  }
  std::optional<Upload> find(const Upload& upload) {
    return store.run([&](sql::Connection& c) { return find_upload(c, upload.tenant, upload.id); });
  }
  std::vector<UnfitUpload> unfit(const NamedUpload& named) {
    return store.run([&](sql::Connection& c) { return unfit_uploads(c, store.tenant, {named}); });
  }
  Result<Upload> remove(const Upload& upload) {
    return store.database->write_and_wait(
        0, [&](sql::Connection& c) { return delete_upload(c, upload.tenant, upload.id, now()); });
  }
  Conversation given_conversation() {
    return store.run([&](sql::Connection& c) {
      Inbound inbound{.phone_number_id = test::kNumber, .sender = {.phone = "491701"}};
      inbound.message = {.tenant = store.tenant, .channel = store.channel, .text = "hi", .wamid = "m0"};
      inbound.message.happened_at = now();
      receive_message(c, inbound, now());
      return list_conversations(c, store.tenant, {}).front();
    });
  }
  Message given_send(const Upload& upload) {
    const auto where = given_conversation();
    return store.run([&](sql::Connection& c) {
      Message message{.type = "image", .content = {{"uploadId", upload.id.text()}}};
      message.author = "api";
      message.expires_at = now() + hours(24);
      return queue_message(c, where, message, now());
    });
  }
  std::vector<SendFile> files(const Message& message) {
    return store.run([&](sql::Connection& c) { return files_of(c, message, now()); });
  }
  Channel channel() {
    return store.run([&](sql::Connection& c) { return *find_channel(c, store.tenant, store.channel); });
  }
  void given_at_meta(const Upload& upload, const std::string& id, Time expires_at) {
    const auto number = channel();
    store.run([&](sql::Connection& c) {
      note_file_at_meta(c, number, upload, {.meta_id = id, .uploaded_at = now(), .expires_at = expires_at});
    });
  }
  OldUploads drop(Time before) {
    return store.run([&](sql::Connection& c) { return drop_old_uploads(c, store.tenant, before, now()); });
  }
  bool is_doomed(const Digest& hash) {
    return store.run([&](sql::Connection& c) { return doom_file(c, hash, now() - kClaimHolds); });
  }
  Time now() const { return store.clock.now(); }

  test::TempStore store;
  TenantId other_{};
};

TEST_F(Uploads, AreKeptAsTheyCame) {
  const auto upload = given_upload();
  const auto found = find(upload);
  ASSERT_TRUE(found);
  EXPECT_EQ(to_json(*found), Json({{"id", upload.id.text()},
                                   {"kind", "image"},
                                   {"mimeType", "image/png"},
                                   {"size", 3},
                                   {"sha256", hex(sha256("a"))},
                                   {"filename", "a.png"},
                                   {"createdAt", iso8601(now())}}));
  EXPECT_EQ(found->used_at, now());
}

TEST_F(Uploads, AClaimThatWasLostKeepsNothing) {
  const Upload upload{
      .tenant = store.tenant, .kind = "image", .mime_type = "image/png", .size = 3, .hash = sha256("b")};
  const auto kept =
      store.database->write_and_wait(0, [&](sql::Connection& c) { return keep_upload(c, upload, now(), now()); });
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().kind(), ErrorKind::Conflict);
  EXPECT_EQ(store.number("SELECT count(*) FROM upload"), 0);
}

TEST_F(Uploads, ASendMayNameWhatIsItsOwnAndFits) {
  const auto mine = given_upload();
  const auto foreign = given_upload("b", other_);
  EXPECT_TRUE(unfit({"image", mine.id.text()}).empty());
  EXPECT_EQ(unfit({"image", foreign.id.text()}).front().words, "No such upload");
  EXPECT_EQ(unfit({"image", "no id"}).front().words, "No such upload");
  EXPECT_EQ(unfit({"video", mine.id.text()}).front().words, "Meta takes no image/png as video");
}

TEST_F(Uploads, AreNeededByWhatIsNotOutYet) {
  const auto upload = given_upload();
  const auto message = given_send(upload);
  for (const auto* state : {"queued", "sending", "unknown", "held"}) {
    store.run([&](sql::Connection& c) {
      c.run("UPDATE message SET state = $1 WHERE tenant_id = $2 AND id = $3", {state, store.tenant, message.id});
    });
    const auto refused = remove(upload);
    ASSERT_FALSE(refused) << state;
    EXPECT_EQ(refused.error().kind(), ErrorKind::Conflict);
    EXPECT_EQ(refused.error().code(), kUploadInUse);
  }
  store.run([&](sql::Connection& c) {
    c.run("UPDATE message SET state = 'accepted' WHERE tenant_id = $1 AND id = $2", {store.tenant, message.id});
  });
  EXPECT_TRUE(remove(upload));
  EXPECT_FALSE(find(upload));
  EXPECT_EQ(remove(upload).error().kind(), ErrorKind::NotFound);
}

TEST_F(Uploads, AreNeededByABroadcastUnderWay) {
  const auto upload = given_upload();
  store.run([&](sql::Connection& c) {
    const Json header{{"type", "header"},
                      {"parameters", Json::array({{{"type", "image"}, {"image", {{"uploadId", upload.id.text()}}}}})}};
    Broadcast broadcast{.tenant = store.tenant, .kind = std::string(kBulk), .name = "b"};
    broadcast.channel = store.channel;
    broadcast.template_name = "a";
    broadcast.template_language = "en";
    broadcast.parameters = {{"components", Json::array({header})}};
    broadcast.status = BroadcastStatus::Paused;
    create_broadcast(c, broadcast, now());
  });
  EXPECT_EQ(remove(upload).error().code(), kUploadInUse);
  store.run([&](sql::Connection& c) { c.run("UPDATE broadcast SET status = 'completed'"); });
  EXPECT_TRUE(remove(upload));
}

TEST_F(Uploads, AFileGoesWithTheLastThatNamesIt) {
  const auto first = given_upload();
  const auto second = given_upload("a", other_);
  EXPECT_TRUE(remove(first));
  store.clock.pass(hours(2));
  EXPECT_FALSE(is_doomed(first.hash)) << "another workspace has the same";
  EXPECT_TRUE(remove(second));
  store.clock.pass(hours(2));
  EXPECT_TRUE(is_doomed(first.hash));
}

TEST_F(Uploads, OldOnesGoUnlessTheyAreUsedOrNeeded) {
  const auto old = given_upload("a");
  const auto used = given_upload("b");
  const auto needed = given_upload("c");
  given_send(needed);
  store.clock.pass(days(10));
  store.run([&](sql::Connection& c) { note_uploads_used(c, store.tenant, {{"image", used.id.text()}}, now()); });
  store.clock.pass(days(10));
  const auto dropped = drop(now() - days(15));
  EXPECT_EQ(dropped.seen, 2);
  EXPECT_EQ(dropped.dropped, 1);
  EXPECT_FALSE(find(old));
  EXPECT_TRUE(find(used));
  EXPECT_TRUE(find(needed));
  EXPECT_EQ(drop(now() - days(15)).seen, 0) << "what is needed is not looked at again and again";
}

TEST_F(Uploads, AMessageShowsWhatMetaHasOfItsFiles) {
  const auto upload = given_upload();
  const auto message = given_send(upload);
  ASSERT_EQ(files(message).size(), 1U);
  EXPECT_FALSE(files(message).front().at_meta);
  given_at_meta(upload, "77", now() + days(29));
  const auto file = files(message).front();
  ASSERT_TRUE(file.at_meta);
  EXPECT_EQ(file.at_meta->meta_id, "77");
  given_at_meta(upload, "78", now() + days(29));
  EXPECT_EQ(files(message).front().at_meta->meta_id, "78");
  store.clock.pass(days(29));
  EXPECT_FALSE(files(message).front().at_meta) << "it is not believed any more";
}

TEST_F(Uploads, AnEqualFileIsAtMetaOnce) {
  const auto first = given_upload();
  const auto second = given_upload();
  given_at_meta(first, "77", now() + days(29));
  EXPECT_EQ(files(given_send(second)).front().at_meta.value().meta_id, "77");
}

TEST_F(Uploads, WhatMetaLostIsForgottenUnlessItWasUploadedAnew) {
  const auto upload = given_upload();
  const auto message = given_send(upload);
  given_at_meta(upload, "77", now() + days(29));
  const auto seen = files(message);
  given_at_meta(upload, "78", now() + days(29));
  store.run([&](sql::Connection& c) { forget_files_at_meta(c, message, seen); });
  EXPECT_EQ(files(message).front().at_meta.value().meta_id, "78");
  store.run([&](sql::Connection& c) { forget_files_at_meta(c, message, files_of(c, message, now())); });
  EXPECT_FALSE(files(message).front().at_meta);
}

TEST_F(Uploads, WhatIsDeletedIsGivenUpAtMeta) {
  const auto first = given_upload();
  const auto second = given_upload();
  given_at_meta(first, "77", now() + days(29));
  const auto give_up = [&](const Upload& upload) {
    return store.run([&](sql::Connection& c) {
      const auto gone = delete_upload(c, store.tenant, upload.id, now()).value();
      std::vector<std::string> ids;
      for (const auto& held : give_up_files_at_meta(c, gone))
        ids.push_back(held.channel.phone_number_id + " " + held.meta_id);
      return ids;
    });
  };
  EXPECT_TRUE(give_up(first).empty());
  EXPECT_THAT(give_up(second), testing::ElementsAre(std::string(test::kNumber) + " 77"));
  EXPECT_EQ(store.number("SELECT count(*) FROM file_at_meta"), 0);
}

TEST_F(Uploads, IdsThatHoldNoLongerAreDropped) {
  given_at_meta(given_upload("a"), "1", now() + days(1));
  given_at_meta(given_upload("b"), "2", now() + days(2));
  given_at_meta(given_upload("c"), "3", now() + days(3));
  store.clock.pass(days(2));
  const auto drop_some = [&](std::int64_t most) {
    return store.run([&](sql::Connection& c) { return drop_expired_at_meta(c, now(), most); });
  };
  EXPECT_EQ(drop_some(1), 1);
  EXPECT_EQ(drop_some(10), 1);
  EXPECT_EQ(drop_some(10), 0);
  EXPECT_EQ(store.number("SELECT count(*) FROM file_at_meta"), 1);
}

}  // namespace
}  // namespace waypost::store
