#include "conversation/media.h"

#include <gtest/gtest.h>

namespace waypost {
namespace {

// SHA-256 of "hello".
constexpr const char* kHex = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
constexpr const char* kBase64 = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";

Json image(Json payload) { return {{"type", "image"}, {"image", std::move(payload)}}; }

TEST(Media, APictureNamesItsFile) {
  const auto media = named_media(image({{"id", "7"}, {"mime_type", "image/jpeg"}, {"sha256", kBase64}, {"url", "u"}}));
  ASSERT_TRUE(media);
  EXPECT_EQ(media->kind, "image");
  EXPECT_EQ(media->id, "7");
  EXPECT_EQ(media->url, "u");
  EXPECT_EQ(media->said_type, "image/jpeg");
  EXPECT_EQ(media->said_hash, sha256("hello"));
  EXPECT_EQ(media->refusal, "");
}

TEST(Media, AnOldVoiceIsAnAudio) {
  const auto media = named_media({{"type", "voice"}, {"voice", {{"id", "7"}}}});
  ASSERT_TRUE(media);
  EXPECT_EQ(media->kind, "audio");
  EXPECT_TRUE(media->is_voice);
  EXPECT_TRUE(named_media({{"type", "audio"}, {"audio", {{"id", "7"}, {"voice", true}}}})->is_voice);
}

TEST(Media, OtherKindsBringNone) {
  for (const auto* type : {"text", "location", "reaction", "unsupported", "edit", "media_placeholder"})
    EXPECT_FALSE(named_media({{"type", type}, {type, {{"id", "7"}}}})) << type;
  EXPECT_FALSE(named_media(Json()));
  EXPECT_FALSE(named_media(Json::array()));
}

TEST(Media, WhatMetaCouldNotTakeIsRefused) {
  Json message = image({{"id", "7"}});
  message["errors"] = Json::array({{{"code", 131052}}});
  EXPECT_EQ(named_media(message)->refusal, kMediaRefusedByMeta);
  message["errors"] = Json::array({{{"code", "131052"}}});
  EXPECT_EQ(named_media(message)->refusal, kMediaRefusedByMeta);
  message["errors"] = Json::array({{{"code", 131051}}, 7});
  EXPECT_EQ(named_media(message)->refusal, "");
}

TEST(Media, WithoutIdAndAddressThereIsNothingToFetch) {
  EXPECT_EQ(named_media({{"type", "image"}})->refusal, kMediaNotNamed);
  EXPECT_EQ(named_media({{"type", "image"}, {"image", "x"}})->refusal, kMediaNotNamed);
  EXPECT_EQ(named_media(image({{"id", 7}, {"url", ""}}))->refusal, kMediaNotNamed);
  EXPECT_EQ(named_media(image({{"id", std::string(300, '7')}}))->refusal, kMediaNotNamed);
  EXPECT_EQ(named_media(image({{"url", "https://x"}}))->refusal, "");
}

TEST(Media, ALongNameIsCut) {
  const auto media =
      named_media({{"type", "document"}, {"document", {{"id", "7"}, {"filename", std::string(1'000, 'a')}}}});
  EXPECT_EQ(media->file_name->size(), 255U);
}

TEST(Media, AHashIsReadInBothEncodings) {
  const auto hello = sha256("hello");
  EXPECT_EQ(read_media_hash(kBase64), hello);
  EXPECT_EQ(read_media_hash(std::string(kBase64).substr(0, 43)), hello);
  EXPECT_EQ(read_media_hash(kHex), hello);
  EXPECT_EQ(read_media_hash("2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B9824"), hello);
  for (const auto* bad : {"", "hello", "zz", "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmC"})
    EXPECT_FALSE(read_media_hash(bad)) << bad;
  EXPECT_FALSE(read_media_hash(std::string(64, 'x')));
}

}  // namespace
}  // namespace waypost
