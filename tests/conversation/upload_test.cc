#include "conversation/upload.h"

#include <gtest/gtest.h>

#include "conversation/send_form.h"

namespace waypost {
namespace {

constexpr const char* kId = "01980000-0000-7000-8000-00000000000a";
constexpr std::uint64_t kMiB = 1 << 20;

TEST(Upload, EachTypeHasItsKindAndMostBytes) {
  struct Case {
    const char* type;
    const char* kind;
    std::uint64_t most;
  };
  for (const auto& [type, kind, most] :
       {Case{"image/jpeg", "image", 5 * kMiB}, Case{"image/png", "image", 5 * kMiB},
        Case{"image/webp", "sticker", 500 * 1024}, Case{"audio/ogg", "audio", 16 * kMiB},
        Case{"audio/mpeg", "audio", 16 * kMiB}, Case{"video/mp4", "video", 16 * kMiB},
        Case{"video/3gpp", "video", 16 * kMiB}, Case{"application/pdf", "document", 100 * kMiB},
        Case{"text/plain", "document", 100 * kMiB}}) {
    EXPECT_EQ(natural_kind(type), kind);
    EXPECT_EQ(unfit_as(kind, {.type = type, .size = most}), std::nullopt) << type;
    EXPECT_NE(unfit_as(kind, {.type = type, .size = most + 1}), std::nullopt) << type;
    EXPECT_EQ(most_bytes_of(kind), most);
  }
}

TEST(Upload, WhatMetaDoesNotTakeHasNoKind) {
  for (const auto* type : {"image/gif", "video/quicktime", "text/html", "application/zip", ""}) {
    EXPECT_EQ(natural_kind(type), std::nullopt) << type;
  }
  EXPECT_NE(unfit_as("image", {.type = "video/mp4", .size = 1}), std::nullopt);
  EXPECT_NE(unfit_as("document", {.type = "image/png", .size = 1}), std::nullopt);
  EXPECT_NE(unfit_as("body", {.type = "image/png", .size = 1}), std::nullopt);
}

std::vector<std::string> found_in(const Json& request) {
  const auto sends = read_send(request);
  std::vector<std::string> found;
  if (!sends) return {"refused"};
  for (const auto& [kind, id] : uploads_in(sends->front().type, sends->front().content)) {
    found.push_back(kind + " " + id + " at " + path_of_upload(request, id));
  }
  return found;
}

TEST(Upload, IsFoundWhereverAContentNamesIt) {
  using Found = std::vector<std::string>;
  const std::string id = kId;
  EXPECT_EQ(found_in({{"type", "video"}, {"uploadId", kId}}), Found{"video " + id + " at uploadId"});
  EXPECT_EQ(found_in({{"type", "image"}, {"content", {{"uploadId", kId}}}}),
            Found{"image " + id + " at content.uploadId"});
  EXPECT_EQ(found_in({{"type", "image"}, {"image", {{"uploadId", kId}}}}), Found{"image " + id + " at image.uploadId"});
  EXPECT_EQ(found_in({{"type", "template"},
                      {"name", "a"},
                      {"language", "en"},
                      {"header", {{"type", "document"}, {"uploadId", kId}}}}),
            Found{"document " + id + " at header.uploadId"});
  const Json header{{"type", "header"},
                    {"parameters", Json::array({{{"type", "image"}, {"image", {{"uploadId", kId}}}}})}};
  EXPECT_EQ(found_in({{"type", "template"},
                      {"content", {{"name", "a"}, {"language", "en"}, {"components", Json::array({header})}}}}),
            Found{"image " + id + " at content.components[0].parameters[0].image.uploadId"});
  EXPECT_EQ(found_in({{"type", "interactive"},
                      {"body", "b"},
                      {"header", {{"type", "image"}, {"image", {{"uploadId", kId}}}}},
                      {"buttons", Json::array({"yes"})}}),
            Found{"image " + id + " at header.image.uploadId"});
  EXPECT_TRUE(found_in({{"type", "text"}, {"body", "uploadId"}}).empty());
}

TEST(Upload, StandsAloneAndIsAnId) {
  for (const Json& request : {Json{{"type", "image"}, {"uploadId", kId}, {"link", "https://x.example/a.png"}},
                              Json{{"type", "image"}, {"uploadId", kId}, {"mediaId", "7"}},
                              Json{{"type", "image"}, {"uploadId", "7"}}, Json{{"type", "image"}, {"uploadId", 7}},
                              Json{{"type", "image"}, {"uploadId", "01980000-0000-7000-8000-00000000000A"}},
                              Json{{"type", "text"}, {"body", "b"}, {"uploadId", kId}}}) {
    EXPECT_FALSE(read_send(request)) << request;
  }
}

TEST(Upload, BecomesMetasId) {
  const Json content{{"components", Json::array({{{"image", {{"uploadId", "a"}}}}, {{"video", {{"uploadId", "b"}}}}})}};
  const auto ready = with_ids_of_meta(content, {{"a", "7"}});
  EXPECT_EQ(ready["components"][0]["image"], Json({{"id", "7"}}));
  EXPECT_EQ(ready["components"][1]["video"], Json({{"uploadId", "b"}}));
  EXPECT_EQ(with_ids_of_meta(content, {}), content);
}

TEST(Upload, CodesThatMayMeanThatMetaLostAFile) {
  for (const int code : {100, 131009, 131052, 131053}) EXPECT_TRUE(may_mean_lost_file(code)) << code;
  for (const int code : {0, 190, 130429, 131000, 131008, 131047, 132012})
    EXPECT_FALSE(may_mean_lost_file(code)) << code;
}

}  // namespace
}  // namespace waypost
