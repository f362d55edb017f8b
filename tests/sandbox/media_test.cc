#include "sandbox/media.h"

#include "base/crypto.h"
#include "tests/sandbox/stage.h"

namespace waypost::sandbox {
namespace {

class MediaOfSandbox : public Stage {
 protected:
  MediaOfSandbox() { given_sandbox(); }
  // What the webhook says of the file.
  Json sent(const Json& body) {
    const auto before = gateway_.received();
    post("/control/customers/" + customer_ + "/messages", body);
    const auto message =
        Json::parse(gateway_.wait_for(before + 1).back().body)["entry"][0]["changes"][0]["value"]["messages"][0];
    return message[message["type"].get<std::string>()];
  }
  Answer file_at(const std::string& url, const std::string& token = "sandbox-token") {
    return ask("GET", url.substr(sandbox_->url().size()), {}, token);
  }
  static std::string hash_of(const std::string& bytes) {
    const auto digest = sha256(bytes);
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
  }
};

TEST_F(MediaOfSandbox, ACustomerSendsAFile) {
  const auto document = sent(
      {{"type", "document"},
       {"media",
        {{"base64", base64("hello")}, {"mime_type", "text/plain"}, {"filename", "a.txt"}, {"caption", "read it"}}}});
  EXPECT_EQ(document["mime_type"], "text/plain");
  EXPECT_EQ(document["filename"], "a.txt");
  EXPECT_EQ(document["caption"], "read it");
  EXPECT_EQ(document["sha256"], base64(hash_of("hello")));
  const auto answer = file_at(document["url"]);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.text, "hello");
}

TEST_F(MediaOfSandbox, WithoutBytesItIsASampleOfItsType) {
  for (const auto* type : {"image", "document", "audio", "video", "sticker"}) {
    const auto media = sent({{"type", type}});
    EXPECT_FALSE(media["id"].get<std::string>().empty()) << type;
    EXPECT_EQ(file_at(media["url"]).status, 200) << type;
  }
  const auto padded = sent({{"type", "image"}, {"media", {{"bytes", 200'000}, {"url", false}}}});
  EXPECT_FALSE(padded.contains("url"));
}

TEST_F(MediaOfSandbox, AMessageWrittenOutIsSentAsItStands) {
  EXPECT_EQ(sent({{"type", "image"}, {"content", {{"id", "x"}}}}), Json({{"id", "x"}}));
}

TEST_F(MediaOfSandbox, AnIdGivesAFreshAddress) {
  const auto image = sent({{"type", "image"}});
  const auto id = image["id"].get<std::string>();
  const auto found = graph("GET", id + "?phone_number_id=" + number_);
  ASSERT_EQ(found.status, 200) << found.text;
  EXPECT_EQ(found.body["id"], id);
  EXPECT_NE(found.body["url"], image["url"]);
  EXPECT_EQ(found.body["sha256"].get<std::string>().size(), 64U);
  EXPECT_EQ(file_at(found.body["url"]).status, 200);
  EXPECT_EQ(graph("GET", id + "?phone_number_id=7").status, 400);
  EXPECT_EQ(error_code(ask("GET", "/v25.0/" + id, {}, "wrong")), 190);
}

TEST_F(MediaOfSandbox, OnlyTheTokenOpensIt) {
  const auto image = sent({{"type", "image"}});
  EXPECT_EQ(file_at(image["url"], "wrong").status, 401);
  EXPECT_EQ(file_at(image["url"], "").status, 401);
}

TEST_F(MediaOfSandbox, AddressesLiveForFiveMinutesAndIdsForSevenDays) {
  const auto image = sent({{"type", "image"}});
  pass(std::chrono::minutes(5));
  EXPECT_EQ(file_at(image["url"]).status, 404);
  EXPECT_EQ(graph("GET", image["id"].get<std::string>()).status, 200);
  pass(std::chrono::hours(7 * 24));
  EXPECT_EQ(error_code(graph("GET", image["id"].get<std::string>())), 100);
}

TEST_F(MediaOfSandbox, FaultsStrikeItsDownload) {
  const auto image = sent({{"type", "image"}, {"media", {{"bytes", 200'000}}}});
  fault({{"kind", "media_dead"}, {"next", 1}});
  EXPECT_EQ(file_at(image["url"]).status, 404);
  fault({{"kind", "media_cut"}, {"next", 1}});
  EXPECT_EQ(file_at(image["url"]).status, 0);
  const auto good = file_at(image["url"]).text;
  fault({{"kind", "media_corrupt"}, {"next", 1}});
  const auto corrupt = file_at(image["url"]).text;
  EXPECT_EQ(corrupt.size(), good.size());
  EXPECT_NE(corrupt, good);
  fault({{"kind", "media_slow"}, {"next", 1}, {"ms", 50}});
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(file_at(image["url"]).text, good);
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(150));
}

}  // namespace
}  // namespace waypost::sandbox
