#include "media/folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/support/run_loop.h"
#include "tests/support/temp_folder.h"

namespace waypost::media {
namespace {

namespace fs = std::filesystem;

const std::string kPng = "\x89PNG\r\n\x1a\n" + std::string("\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x8\6\0\0\0", 21);

class FolderTest : public testing::Test {
 protected:
  FolderTest() { open(); }
  void open(const std::string& node = "node-1") { folder = MediaFolder::open(path, node).value(); }
  std::shared_ptr<Draft> given_draft(const std::string& bytes) {
    auto draft = loop.wait(folder->begin()).value();
    EXPECT_TRUE(loop.wait(folder->append(draft, bytes)));
    return draft;
  }
  Digest given_file(const std::string& bytes) {
    const auto draft = given_draft(bytes);
    const auto arrived = loop.wait(folder->finish(draft)).value();
    EXPECT_TRUE(loop.wait(folder->keep(draft, arrived.hash)));
    return arrived.hash;
  }
  std::string read(const Digest& hash, std::uint64_t offset = 0, std::size_t size = 1'000'000) {
    const auto file = loop.wait(folder->read(hash)).value();
    return loop.wait(folder->read(file, offset, size)).value();
  }
  std::size_t drafts() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(path + "/drafts"), fs::directory_iterator()));
  }

  test::TempFolder temp;
  const std::string path = temp.file("deep/media");
  test::RunLoop loop;
  std::unique_ptr<MediaFolder> folder;
};

TEST_F(FolderTest, AFileLiesUnderItsHash) {
  const auto draft = given_draft(kPng.substr(0, 3));
  ASSERT_TRUE(loop.wait(folder->append(draft, kPng.substr(3))));
  const auto arrived = loop.wait(folder->finish(draft)).value();
  EXPECT_EQ(arrived.hash, sha256(kPng));
  EXPECT_EQ(arrived.size, kPng.size());
  EXPECT_EQ(arrived.sniffed, "image/png");
  ASSERT_TRUE(loop.wait(folder->keep(draft, arrived.hash)));
  const auto name = hex(arrived.hash);
  EXPECT_TRUE(fs::exists(path + "/" + name.substr(0, 2) + "/" + name));
  EXPECT_EQ(drafts(), 0U);
  EXPECT_EQ(read(arrived.hash), kPng);
}

TEST_F(FolderTest, NobodyElseMayLook) {
  const auto hash = given_file("x");
  struct stat about{};
  const auto name = hex(hash);
  const auto mode = [&](const std::string& of) {
    EXPECT_EQ(::stat(of.c_str(), &about), 0);
    return about.st_mode & 0777;
  };
  EXPECT_EQ(mode(path), 0700U);
  EXPECT_EQ(mode(path + "/" + name.substr(0, 2)), 0700U);
  EXPECT_EQ(mode(path + "/" + name.substr(0, 2) + "/" + name), 0600U);
}

TEST_F(FolderTest, PartsAreRead) {
  const auto hash = given_file("0123456789");
  EXPECT_EQ(read(hash, 2, 3), "234");
  EXPECT_EQ(read(hash, 8, 100), "89");
  EXPECT_EQ(read(hash, 100, 100), "");
}

TEST_F(FolderTest, TheSameContentLiesThereOnce) {
  EXPECT_EQ(given_file("x"), given_file("x"));
  EXPECT_EQ(read(sha256("x")), "x");
}

TEST_F(FolderTest, ADraftThatIsNotKeptIsGone) {
  auto draft = given_draft("x");
  EXPECT_EQ(drafts(), 1U);
  draft.reset();
  EXPECT_EQ(drafts(), 0U);
}

TEST_F(FolderTest, DraftsOfAnEarlierProcessAreGoneWithTheNext) {
  std::ofstream(path + "/drafts/node-1~abc") << "half";
  std::ofstream(path + "/drafts/node-10~abc") << "another node's";
  folder.reset();
  open();
  EXPECT_FALSE(fs::exists(path + "/drafts/node-1~abc"));
  EXPECT_TRUE(fs::exists(path + "/drafts/node-10~abc"));
}

TEST_F(FolderTest, DraftsOfNodesThatAreGoneAreGoneInTime) {
  std::ofstream(path + "/drafts/node-2~abc") << "half";
  folder->drop_abandoned(std::chrono::hours(1));
  EXPECT_EQ(drafts(), 1U);
  fs::last_write_time(path + "/drafts/node-2~abc", fs::file_time_type::clock::now() - std::chrono::hours(2));
  folder->drop_abandoned(std::chrono::hours(1));
  EXPECT_EQ(drafts(), 0U);
}

TEST_F(FolderTest, ADeletedFileCanBeReadToItsEndByWhoeverReadsIt) {
  const auto hash = given_file("0123456789");
  const auto file = loop.wait(folder->read(hash)).value();
  EXPECT_TRUE(folder->remove(hash));
  EXPECT_TRUE(folder->remove(hash));
  EXPECT_EQ(loop.wait(folder->read(file, 5, 5)).value(), "56789");
  EXPECT_EQ(loop.wait(folder->read(hash)).error().kind(), ErrorKind::NotFound);
}

// The store may lie on the same disk.
TEST_F(FolderTest, OnADiskThatIsNearlyFullNothingBegins) {
  folder.reset();
  folder = MediaFolder::open(path, "node-1", std::uint64_t{1} << 62).value();
  EXPECT_EQ(loop.wait(folder->begin()).error().kind(), ErrorKind::Unavailable);
  EXPECT_EQ(drafts(), 0U);
}

TEST_F(FolderTest, AFolderThatCannotBeMadeIsNamed) {
  std::ofstream(temp.file("file")) << "x";
  const auto refused = MediaFolder::open(temp.file("file/media"), "node-1");
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().words().contains("media.folder"));
}

TEST_F(FolderTest, WhatLooksLikeAPageIsOne) {
  const auto sniffed = [this](const std::string& bytes) {
    return loop.wait(folder->finish(given_draft(bytes))).value().sniffed;
  };
  EXPECT_EQ(sniffed("<html><script>alert(1)</script></html>"), "text/html");
  EXPECT_EQ(sniffed("<svg xmlns=\"http://www.w3.org/2000/svg\"/>"), "image/svg+xml");
  EXPECT_EQ(sniffed("%PDF-1.4\n"), "application/pdf");
  EXPECT_EQ(sniffed("just words\n"), "text/plain");
  EXPECT_EQ(sniffed(std::string(100, '\0')), "application/octet-stream");
}

}  // namespace
}  // namespace waypost::media
