#include <gmock/gmock.h>

#include "media/folder.h"
#include "store/inbound.h"
#include "store/media.h"
#include "store/media_files.h"
#include "tests/api/api_fixture.h"

namespace waypost::test {
namespace {

class MediaRoutes : public ApiTest {
 protected:
  MediaRoutes() : tenant_(given_workspace("Acme")), channel_(given_channel(tenant_)) { parts_.media = files_.get(); }

  store::Media given_media(const std::string& kind = "image", const Json& more = Json::object()) {
    Json payload{{"id", "7"}, {"mime_type", "image/png"}};
    payload.merge_patch(more);
    store::Inbound inbound{.phone_number_id = "1001", .media = named_media({{"type", kind}, {kind, payload}})};
    inbound.sender.phone = "491701";
    inbound.message = {.tenant = tenant_, .channel = channel_.id, .type = kind};
    inbound.message.wamid = "wamid." + std::to_string(++messages_);
    inbound.message.happened_at = clock_.now();
    return write([&](sql::Connection& c) {
      const auto received = store::receive_message(c, inbound, clock_.now());
      talk_ = store::list_conversations(c, tenant_, {}).front().id;
      const auto shown = store::media_of_page(c, tenant_, talk_, {});
      for (const auto& [message, media] : shown) {
        if (media.state != store::MediaState::Stored) return media;
      }
      throw std::runtime_error("no media");
    });
  }
  store::Media given_stored(const std::string& bytes, const std::string& type = "image/png",
                            const Json& more = Json::object()) {
    const auto media = given_media(type == "image/png" ? "image" : "document", more);
    const auto draft = loop_.wait(files_->begin()).value();
    EXPECT_TRUE(loop_.wait(files_->append(draft, bytes)));
    const auto arrived = loop_.wait(files_->finish(draft)).value();
    EXPECT_TRUE(loop_.wait(files_->keep(draft, arrived.hash)));
    write([&](sql::Connection& c) {
      EXPECT_TRUE(store::claim_file(c, arrived.hash, clock_.now()));
      const store::StoredFile file{
          .hash = arrived.hash, .size = std::ssize(bytes), .mime_type = type, .claimed_at = clock_.now()};
      EXPECT_EQ(store::store_media(c, media, file, clock_.now()), true);
    });
    return media;
  }
  Answer get(const store::Media& media, HeaderList more = {}) {
    auto headers = as_agent(tenant_);
    for (auto& field : more) headers.push_back(std::move(field));
    return ask("GET", "/api/media/" + media.id.text(), headers);
  }

  TenantId tenant_;
  store::Channel channel_;
  ConversationId talk_{};
  int messages_ = 0;
  std::unique_ptr<media::MediaFolder> files_ = media::MediaFolder::open(folder_.file("media"), "node-1").value();
};

TEST_F(MediaRoutes, AFileIsHandedOutAsWhatItIs) {
  const auto answer = get(given_stored("0123456789"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "0123456789");
  EXPECT_EQ(answer.header("Content-Type"), "image/png");
  EXPECT_EQ(answer.header("Content-Length"), "10");
  EXPECT_EQ(answer.header("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(answer.header("Content-Security-Policy"), "default-src 'none'; sandbox");
  EXPECT_THAT(answer.header("Cache-Control"), testing::HasSubstr("private"));
  EXPECT_THAT(answer.header("Content-Disposition"), testing::StartsWith("inline; filename="));
  EXPECT_EQ(answer.header("Accept-Ranges"), "bytes");
  EXPECT_EQ(answer.header("ETag"), '"' + hex(sha256("0123456789")) + '"');
}

TEST_F(MediaRoutes, ADocumentIsAnAttachmentUnderItsName) {
  const auto answer = get(given_stored("%PDF", "application/pdf", {{"filename", "Büro.pdf"}}));
  EXPECT_EQ(answer.header("Content-Disposition"), R"(attachment; filename="B_ro.pdf"; filename*=UTF-8''B%C3%BCro.pdf)");
}

TEST_F(MediaRoutes, APartIsHandedOut) {
  const auto media = given_stored("0123456789");
  const auto part = get(media, {{"Range", "bytes=2-4"}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "234");
  EXPECT_EQ(part.header("Content-Range"), "bytes 2-4/10");
  EXPECT_EQ(part.header("Content-Length"), "3");
  const auto beyond = get(media, {{"Range", "bytes=10-"}});
  EXPECT_EQ(beyond.status, 416);
  EXPECT_EQ(beyond.body, "");
  EXPECT_EQ(beyond.header("Content-Range"), "bytes */10");
}

TEST_F(MediaRoutes, WhatTheCallerHasIsNotSentAgain) {
  const auto media = given_stored("0123456789");
  const auto known = get(media, {{"If-None-Match", get(media).header("ETag")}});
  EXPECT_EQ(known.status, 304);
  EXPECT_EQ(known.body, "");
}

TEST_F(MediaRoutes, ALargeOneComesInPieces) {
  std::string large;
  for (int n = 0; large.size() < 1'000'000; ++n) large += std::to_string(n) + ",";
  const auto media = given_stored(large);
  EXPECT_EQ(get(media).body, large);
  EXPECT_EQ(get(media, {{"Range", "bytes=300000-900000"}}).body, large.substr(300'000, 600'001));
}

TEST_F(MediaRoutes, AHeadSaysAllAndBringsNothing) {
  const auto media = given_stored("0123456789");
  const auto answer = ask("HEAD", "/api/media/" + media.id.text(), as_agent(tenant_));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Content-Length"), "10");
}

TEST_F(MediaRoutes, WhatIsNotThereYetSaysWhenToComeAgain) {
  const auto answer = get(given_media());
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(answer.json["code"], "media_pending");
  EXPECT_NE(answer.header("Retry-After"), "");
}

TEST_F(MediaRoutes, WhatWillNeverBeThereSaysWhy) {
  const auto media = given_media();
  write([&](sql::Connection& c) {
    store::lose_media(c, media, {.reason = std::string(kMediaTooLarge), .words = "more than media.max_bytes"},
                      clock_.now());
  });
  const auto answer = get(media);
  EXPECT_EQ(answer.status, 410);
  EXPECT_EQ(answer.json["code"], "media_unavailable");
  EXPECT_EQ(answer.json["reason"], "too_large");
}

TEST_F(MediaRoutes, AFileThatSomebodyTookAwayIsGone) {
  const auto media = given_stored("0123456789");
  EXPECT_TRUE(files_->remove(sha256("0123456789")));
  const auto answer = get(media);
  EXPECT_EQ(answer.status, 410);
  EXPECT_EQ(answer.json["code"], "media_missing");
}

TEST_F(MediaRoutes, AnotherWorkspaceAndAStrangerSeeNothing) {
  const auto media = given_stored("0123456789");
  const auto other = given_workspace("Other");
  const auto path = "/api/media/" + media.id.text();
  EXPECT_EQ(ask("GET", path, as_admin(other)).status, 404);
  EXPECT_EQ(ask("GET", path).status, 401);
  EXPECT_EQ(ask("GET", "/api/media/7", as_agent(tenant_)).status, 404);
  EXPECT_EQ(ask("GET", "/api/media/" + MessageId::make(clock_.now()).text(), as_agent(tenant_)).status, 404);
}

TEST_F(MediaRoutes, MessagesShowTheirFiles) {
  const auto media = given_stored("0123456789");
  const auto shown = ask("GET", "/api/conversations/" + talk_.text() + "/messages", as_agent(tenant_));
  ASSERT_EQ(shown.status, 200) << shown.body;
  const auto& message = shown.json["messages"][0];
  EXPECT_EQ(message["media"]["id"], media.id.text());
  EXPECT_EQ(message["media"]["state"], "stored");
  EXPECT_EQ(message["media"]["mimeType"], "image/png");
  EXPECT_EQ(message["media"]["size"], 10);
}

}  // namespace
}  // namespace waypost::test
