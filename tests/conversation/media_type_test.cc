#include "conversation/media_type.h"

#include <gtest/gtest.h>

#include "config/settings.h"

namespace waypost {
namespace {

TEST(MediaType, TheBytesDecide) {
  EXPECT_EQ(kept_type("image/png", "image/jpeg"), "image/png");
  EXPECT_EQ(kept_type("text/html", "text/plain"), "text/html");
  EXPECT_EQ(kept_type("image/svg+xml", "image/png"), "image/svg+xml");
  EXPECT_EQ(kept_type("application/x-dosexec", "application/pdf"), "application/x-dosexec");
}

TEST(MediaType, OneNameAType) {
  EXPECT_EQ(kept_type("audio/x-m4a", ""), "audio/mp4");
  EXPECT_EQ(kept_type("audio/x-hx-aac-adts", ""), "audio/aac");
  EXPECT_EQ(kept_type("text/rtf", ""), "application/rtf");
  EXPECT_EQ(kept_type("text/x-c", ""), "text/plain");
  EXPECT_EQ(kept_type("application/csv", ""), "text/csv");
  EXPECT_EQ(kept_type("text/javascript", "text/plain"), "text/javascript");
}

TEST(MediaType, WhereTheBytesLeaveItOpenTheSendersWordCounts) {
  const std::string docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
  EXPECT_EQ(kept_type("application/zip", docx), docx);
  EXPECT_EQ(kept_type("application/zip", "image/png"), "application/zip");
  EXPECT_EQ(kept_type("application/CDFV2", "application/msword"), "application/msword");
  EXPECT_EQ(kept_type("application/CDFV2", "text/html"), "application/cdfv2");
  EXPECT_EQ(kept_type("video/mp4", "audio/mp4; codecs=mp4a"), "audio/mp4");
  EXPECT_EQ(kept_type("text/plain", "Text/CSV"), "text/csv");
  EXPECT_EQ(kept_type("text/plain", "text/html"), "text/plain");
}

TEST(MediaType, WhatMayRunInABrowserIsNotAllowedByDefault) {
  const auto allowed = MediaSettings().types;
  for (const auto* type : {"text/html", "image/svg+xml", "text/xml", "text/javascript", "application/xhtml+xml",
                           "application/x-dosexec", "application/octet-stream", "application/zip"})
    EXPECT_FALSE(is_allowed_type(kept_type(type, "text/plain"), allowed)) << type;
  for (const auto* type : {"image/jpeg", "audio/ogg", "video/mp4", "application/pdf", "text/plain"})
    EXPECT_TRUE(is_allowed_type(type, allowed)) << type;
}

TEST(MediaType, PicturesSoundAndFilmsAreShown) {
  EXPECT_TRUE(is_shown_inline("image/jpeg"));
  EXPECT_TRUE(is_shown_inline("audio/ogg"));
  EXPECT_TRUE(is_shown_inline("video/mp4"));
  EXPECT_FALSE(is_shown_inline("application/pdf"));
  EXPECT_FALSE(is_shown_inline("text/plain"));
  EXPECT_FALSE(is_shown_inline("image/svg+xml"));
}

TEST(MediaType, TheDispositionNamesTheFile) {
  EXPECT_EQ(content_disposition("application/pdf", "bill.pdf", "x"), R"(attachment; filename="bill.pdf")");
  EXPECT_EQ(content_disposition("image/jpeg", std::nullopt, "0198"), R"(inline; filename="0198.jpg")");
  EXPECT_EQ(content_disposition("text/plain", "", "x"), R"(attachment; filename="x.txt")");
}

TEST(MediaType, ANameBeyondAsciiIsWrittenTwice) {
  EXPECT_EQ(content_disposition("application/pdf", "Bücher €.pdf", "x"),
            R"(attachment; filename="B_cher _.pdf"; filename*=UTF-8''B%C3%BCcher%20%E2%82%AC.pdf)");
}

TEST(MediaType, ANameIsNoPathAndBeginsNoHeader) {
  EXPECT_EQ(content_disposition("application/pdf", "../../etc/passwd", "x"), R"(attachment; filename="passwd")");
  EXPECT_EQ(content_disposition("application/pdf", "C:\\x\\bill.pdf", "x"), R"(attachment; filename="bill.pdf")");
  EXPECT_EQ(content_disposition("application/pdf", "a\"; filename=b\r\nX: y", "x"),
            R"(attachment; filename="a__ filename_bX_ y"; filename*=UTF-8''a_%3B%20filename%3DbX_%20y)");
  EXPECT_EQ(content_disposition("application/pdf", "...", "x"), R"(attachment; filename="x.pdf")");
  EXPECT_EQ(content_disposition("application/pdf", ".hidden", "x"), R"(attachment; filename="hidden")");
}

}  // namespace
}  // namespace waypost
