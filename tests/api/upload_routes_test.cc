// POST /api/media, and what is done with what came: shown, sent, deleted.

#include <gmock/gmock.h>

#include <filesystem>

#include "media/folder.h"
#include "media/retention.h"
#include "store/files_at_meta.h"
#include "store/media_files.h"
#include "tests/api/api_fixture.h"

namespace waypost::test {
namespace {

using testing::ElementsAre;

// The smallest PNG, PDF and MP4 that are what they say.
std::string png() {
  return from_base64("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
      .value();
}
std::string mp4() { return from_base64("AAAAGGZ0eXBtcDQyAAAAAG1wNDJpc29tAAAACG1kYXQ=").value(); }
std::string pdf() { return "%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"; }

class UploadRoutes : public ApiTest {
 protected:
  UploadRoutes() : tenant_(given_workspace("Acme")) {
    parts_.media = files_.get();
    parts_.ask_graph = [this](GraphCall call) -> awaitable<Result<GraphReply>> {
      asked_.push_back(call.method + " " + call.path);
      co_return GraphReply{.body = {{"success", true}}};
    };
  }
  Answer bring(const std::string& bytes, const std::string& type, const std::string& query = "") {
    Ask asked{.headers = as_agent(tenant_), .body = bytes};
    asked.headers.emplace_back("Content-Type", type);
    return ask("POST", "/api/media" + query, std::move(asked));
  }
  std::string given_upload(const std::string& bytes = png(), const std::string& type = "image/png") {
    const auto answer = bring(bytes, type);
    EXPECT_EQ(answer.status, 201) << answer.body;
    return answer.json["id"];
  }
  Answer remove(const std::string& id) { return ask("DELETE", "/api/media/" + id, as_agent(tenant_)); }
  std::vector<std::string> on_disk() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.file("media"))) {
      if (entry.is_regular_file()) names.push_back(entry.path().filename());
    }
    return names;
  }
  Answer send(const Json& message) {
    if (!talk_) talk_ = given_conversation(tenant_);
    return ask("POST", "/api/conversations/" + talk_->id.text() + "/messages", as_agent(tenant_), message);
  }
  static std::vector<std::string> paths_of(const Answer& answer) {
    std::vector<std::string> paths;
    for (const auto& one : answer.json.value("details", Json::array())) paths.push_back(one["path"]);
    return paths;
  }

  TenantId tenant_;
  std::optional<store::Conversation> talk_;
  std::vector<std::string> asked_;
  std::unique_ptr<media::MediaFolder> files_ = media::MediaFolder::open(folder_.file("media"), "node-1").value();
};

TEST_F(UploadRoutes, TakesAFileInAndShowsIt) {
  Ask asked{.headers = as_agent(tenant_), .body = png(), .piece = 7};
  asked.headers.emplace_back("Content-Type", "image/png");
  asked.headers.emplace_back("X-File-Name", "Gar%C3%A4.png");
  const auto made = ask("POST", "/api/media", std::move(asked));
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.json["kind"], "image");
  EXPECT_EQ(made.json["mimeType"], "image/png");
  EXPECT_EQ(made.json["size"], png().size());
  EXPECT_EQ(made.json["sha256"], hex(sha256(png())));
  EXPECT_EQ(made.json["filename"], "Garä.png");
  EXPECT_EQ(made.json["createdAt"], iso8601(clock_.now()));
  EXPECT_THAT(on_disk(), ElementsAre(hex(sha256(png()))));
  const auto shown = ask("GET", "/api/media/" + made.json["id"].get<std::string>(), as_agent(tenant_));
  EXPECT_EQ(shown.status, 200);
  EXPECT_EQ(shown.body, png());
  EXPECT_EQ(shown.header("Content-Type"), "image/png");
  EXPECT_EQ(shown.header("X-Content-Type-Options"), "nosniff");
}

TEST_F(UploadRoutes, EqualFilesLieThereOnceAndAreTwoUploads) {
  EXPECT_NE(given_upload(), given_upload());
  EXPECT_THAT(on_disk(), ElementsAre(hex(sha256(png()))));
  EXPECT_EQ(rows_of("upload"), 2);
}

TEST_F(UploadRoutes, TakesTheFileOfAForm) {
  const std::string form =
      "--b\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nmine\r\n--b\r\nContent-Disposition: "
      "form-data; name=\"file\"; filename=\"C:\\\\films\\\\a.mp4\"\r\nContent-Type: video/mp4\r\n\r\n" +
      mp4() + "\r\n--b--\r\n";
  for (const std::size_t piece : {1U, 10U, 1'000U}) {
    Ask asked{.headers = as_agent(tenant_), .body = form, .piece = piece};
    asked.headers.emplace_back("Content-Type", "multipart/form-data; boundary=b");
    const auto made = ask("POST", "/api/media", std::move(asked));
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.json["kind"], "video");
    EXPECT_EQ(made.json["filename"], "a.mp4");
    EXPECT_EQ(made.json["sha256"], hex(sha256(mp4())));
  }
}

TEST_F(UploadRoutes, AFormWithoutAFileIsRefused) {
  const std::string type = "multipart/form-data; boundary=b";
  for (const std::string form :
       {"--b--\r\n", "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\ny\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nends in its middle", "no form",
        "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\na\r\n--b\r\nContent-Disposition: form-data; "
        "name=\"file\"\r\n\r\nb\r\n--b--"}) {
    const auto refused = bring(form, type);
    EXPECT_EQ(refused.status, 400) << form;
    EXPECT_THAT(paths_of(refused), ElementsAre("file")) << form;
  }
  EXPECT_TRUE(on_disk().empty());
}

TEST_F(UploadRoutes, TheNameComesFromWhereverItIsSaid) {
  EXPECT_EQ(bring(png(), "image/png", "?filename=..%2Fb%2Fc.png").json["filename"], "c.png");
  Ask asked{.headers = as_agent(tenant_), .body = png()};
  asked.headers.emplace_back("Content-Disposition", "attachment; filename=\"d.png\"");
  EXPECT_EQ(ask("POST", "/api/media", asked).json["filename"], "d.png");
  EXPECT_EQ(bring(png(), "image/png").json["filename"], nullptr);
}

TEST_F(UploadRoutes, TheBytesSayWhatItIsNotTheCaller) {
  const auto told = bring(pdf(), "image/png");
  ASSERT_EQ(told.status, 201) << told.body;
  EXPECT_EQ(told.json["mimeType"], "application/pdf");
  EXPECT_EQ(told.json["kind"], "document");
}

TEST_F(UploadRoutes, WhatMustNotBeKeptIsNot) {
  const auto page = bring("<html><script>alert(1)</script></html>", "image/png");
  EXPECT_EQ(page.status, 415);
  EXPECT_EQ(page.json["code"], "forbidden_type");
  const auto gif = bring("GIF89a\x01\x01" + std::string(20, '\0'), "image/gif");
  EXPECT_EQ(gif.status, 415) << "Meta takes none";
  EXPECT_EQ(bring("", "image/png").status, 400);
  EXPECT_THAT(paths_of(bring(png(), "image/png", "?kind=video")), ElementsAre("kind"));
  EXPECT_THAT(paths_of(bring(png(), "image/png", "?kind=song")), ElementsAre("kind"));
  EXPECT_TRUE(on_disk().empty());
  EXPECT_EQ(rows_of("upload"), 0);
  EXPECT_EQ(rows_of("media_file"), 0);
}

TEST_F(UploadRoutes, WhatIsTooLargeForItsKindIsNot) {
  const auto large = bring(png() + std::string(5 << 20, 'x'), "image/png");
  EXPECT_EQ(large.status, 413);
  EXPECT_EQ(large.json["code"], "too_large");
  EXPECT_EQ(large.json["mostBytes"], 5 << 20);
  EXPECT_TRUE(on_disk().empty());
}

TEST_F(UploadRoutes, NoMoreThanTheSettingIsTaken) {
  settings_.media.max_bytes = 5'000;
  EXPECT_EQ(bring(png() + std::string(5'000 - png().size(), 'x'), "image/png").status, 201);
  const auto large = bring(png() + std::string(5'001 - png().size(), 'x'), "image/png");
  EXPECT_EQ(large.status, 413);
  EXPECT_EQ(large.json["mostBytes"], 5'000);
  EXPECT_EQ(on_disk().size(), 1U);
}

TEST_F(UploadRoutes, ABodyThatBreaksOffLeavesNothing) {
  const std::string whole = png() + std::string(20'000, 'x');
  for (const std::size_t at : {0U, 1'000U, 20'000U}) {
    Ask asked{.headers = as_agent(tenant_), .body = whole, .breaks_at = at};
    asked.headers.emplace_back("Content-Type", "image/png");
    EXPECT_EQ(ask("POST", "/api/media", std::move(asked)).status, 0);
    EXPECT_TRUE(on_disk().empty()) << at;
    EXPECT_EQ(rows_of("upload"), 0) << at;
    EXPECT_EQ(rows_of("media_file"), 0) << at;
  }
}

TEST_F(UploadRoutes, StrangersAreRefusedBeforeTheBodyIsRead) {
  // A body that breaks where it is first read: whoever reads it gets no answer.
  EXPECT_EQ(ask("POST", "/api/media", Ask{.body = png(), .breaks_at = 0}).status, 401);
}

TEST_F(UploadRoutes, AnotherWorkspaceSeesNothingOfIt) {
  const auto id = given_upload();
  const auto other = given_workspace("Other");
  EXPECT_EQ(ask("GET", "/api/media/" + id, as_agent(other)).status, 404);
  EXPECT_EQ(ask("DELETE", "/api/media/" + id, as_agent(other)).status, 404);
  const auto talk = given_conversation(other);
  const auto refused = ask("POST", "/api/conversations/" + talk.id.text() + "/messages", as_agent(other),
                           {{"type", "image"}, {"uploadId", id}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(paths_of(refused), ElementsAre("uploadId"));
  EXPECT_EQ(rows_of("upload"), 1);
}

TEST_F(UploadRoutes, ASendNamesIt) {
  const auto id = given_upload();
  const auto sent = send({{"type", "image"}, {"uploadId", id}, {"caption", "look"}});
  ASSERT_EQ(sent.status, 201) << sent.body;
  EXPECT_EQ(sent.json["content"], Json({{"uploadId", id}, {"caption", "look"}}));
  EXPECT_EQ(send({{"type", "image"}, {"image", {{"uploadId", id}}}}).status, 201);
  EXPECT_EQ(send({{"type", "image"}, {"content", {{"uploadId", id}}}}).status, 201);
}

TEST_F(UploadRoutes, ASendThatNamesItWronglyIsRefusedByTheField) {
  const auto id = given_upload();
  const std::string nobodys = "01980000-0000-7000-8000-00000000000a";
  EXPECT_THAT(paths_of(send({{"type", "image"}, {"uploadId", nobodys}})), ElementsAre("uploadId"));
  EXPECT_THAT(paths_of(send({{"type", "video"}, {"uploadId", id}})), ElementsAre("uploadId")) << "it is a picture";
  EXPECT_THAT(paths_of(send({{"type", "image"}, {"content", {{"uploadId", nobodys}}}})),
              ElementsAre("content.uploadId"));
  EXPECT_THAT(paths_of(send({{"type", "template"},
                             {"name", "a"},
                             {"language", "en"},
                             {"header", {{"type", "video"}, {"uploadId", id}}}})),
              ElementsAre("header.uploadId"));
  EXPECT_THAT(paths_of(send({{"type", "image"}, {"uploadId", "7"}})), ElementsAre("uploadId"));
  EXPECT_EQ(rows_of("message"), 0);
}

TEST_F(UploadRoutes, IsDeletedOnceNobodyWaitsForIt) {
  const auto id = given_upload();
  const auto sent = send({{"type", "image"}, {"uploadId", id}});
  ASSERT_EQ(sent.status, 201);
  const auto refused = remove(id);
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.json["code"], "upload_in_use");
  write([&](sql::Connection& c) { c.run("UPDATE message SET state = 'accepted'"); });
  EXPECT_EQ(remove(id).status, 200);
  EXPECT_EQ(remove(id).status, 404);
  EXPECT_EQ(ask("GET", "/api/media/" + id, as_agent(tenant_)).status, 404);
  EXPECT_TRUE(asked_.empty()) << "Meta never had it";
  EXPECT_THAT(paths_of(send({{"type", "image"}, {"uploadId", id}})), ElementsAre("uploadId"));
}

TEST_F(UploadRoutes, IsDeletedAtMetaTooWhenNoOtherIsTheSame) {
  const auto channel = given_channel(tenant_);
  EXPECT_EQ(ask("PATCH", "/api/channels/" + channel.id.text(), as_admin(tenant_), {{"accessToken", "t"}}).status, 200);
  const auto first = given_upload();
  const auto second = given_upload();
  write([&](sql::Connection& c) {
    const auto upload = *store::find_upload(c, tenant_, *UploadId::parse(first));
    const store::FileAtMeta file{
        .meta_id = "77", .uploaded_at = clock_.now(), .expires_at = clock_.now() + std::chrono::days(29)};
    store::note_file_at_meta(c, channel, upload, file);
  });
  asked_.clear();
  EXPECT_EQ(remove(first).status, 200);
  EXPECT_TRUE(asked_.empty());
  EXPECT_EQ(remove(second).status, 200);
  EXPECT_THAT(asked_, ElementsAre("DELETE /77"));
  EXPECT_EQ(rows_of("file_at_meta"), 0);
}

TEST_F(UploadRoutes, ItsFileGoesWithItsLastRow) {
  const auto id = given_upload();
  EXPECT_EQ(remove(id).status, 200);
  clock_.pass(std::chrono::hours(2));
  const auto dropped = media::drop_outlived_media(*database_, *files_, std::chrono::days(365), clock_.now());
  ASSERT_TRUE(dropped);
  EXPECT_EQ(dropped->files, 1U);
  EXPECT_TRUE(on_disk().empty());
}

TEST_F(UploadRoutes, RetentionTakesWhatNobodyUsed) {
  const auto used = given_upload();
  given_upload(pdf(), "application/pdf");
  const auto held = given_upload(mp4(), "video/mp4");
  EXPECT_EQ(send({{"type", "video"}, {"uploadId", held}}).status, 201);
  clock_.pass(std::chrono::days(20));
  write([&](sql::Connection& c) { store::note_uploads_used(c, tenant_, {{"image", used}}, clock_.now()); });
  clock_.pass(std::chrono::days(20));
  const auto dropped = media::drop_outlived_media(*database_, *files_, std::chrono::days(30), clock_.now());
  ASSERT_TRUE(dropped);
  EXPECT_EQ(dropped->rows, 1U) << "one was used 20 days ago, one is waited for";
  EXPECT_EQ(rows_of("upload"), 2);
}

}  // namespace
}  // namespace waypost::test
