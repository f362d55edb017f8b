// A WAL that ends anywhere, as a crash leaves it: what was acknowledged before that place is there, whole, and nothing
// else is.

#include <fstream>

#include "sql/sqlite_session.h"
#include "tests/journal/test_journal.h"

namespace waypost {
namespace {

namespace files = std::filesystem;

class TornWal : public test::TestJournal {
 protected:
  void SetUp() override {
    open();
    for (int at = 0; at < 6; ++at) {
      ASSERT_TRUE(append(body(at)));
      wal_sizes_.push_back(files::file_size(wal()));
    }
    std::ifstream file(wal(), std::ios::binary);
    wal_bytes_.assign(std::istreambuf_iterator<char>(file), {});
    files::create_directory(torn());
    for (const char* name : {"/id", "/lock"}) files::copy_file(settings_.folder + name, torn() + name);
  }

  static std::string body(int at) { return std::to_string(at) + std::string(300, static_cast<char>('a' + at)); }
  std::string day_file(const std::string& folder) const { return folder + "/2026-11-23.journal"; }
  std::string wal() const { return day_file(settings_.folder) + "-wal"; }
  std::string torn() const { return folder_.file("torn"); }

  // A copy of the journal as it stands, with these bytes for its WAL.
  void leave(std::string_view wal_bytes) {
    files::remove(day_file(torn()) + "-shm");
    files::copy_file(day_file(settings_.folder), day_file(torn()), files::copy_options::overwrite_existing);
    std::ofstream(day_file(torn()) + "-wal", std::ios::binary | std::ios::trunc) << wal_bytes;
  }
  test::Bodies found() const {
    test::Bodies bodies;
    const auto session = sql::open_sqlite_session({.path = day_file(torn())}).value();
    for (const sql::Row row : session->run("SELECT body FROM record ORDER BY sequence")) bodies.push_back(row.bytes(0));
    return bodies;
  }
  test::Bodies acknowledged(std::size_t wal_size) const {
    test::Bodies bodies;
    for (std::size_t at = 0; at < wal_sizes_.size() && wal_sizes_[at] <= wal_size; ++at) {
      bodies.push_back(body(static_cast<int>(at)));
    }
    return bodies;
  }

  std::vector<std::size_t> wal_sizes_;  // after each append
  std::string wal_bytes_;
};

TEST_F(TornWal, CutAtEveryByteOfTheLastFramesHoldsAllThatWasAcknowledged) {
  for (std::size_t size = wal_sizes_[3]; size <= wal_sizes_[5]; ++size) {
    leave(std::string_view(wal_bytes_).substr(0, size));
    ASSERT_EQ(found(), acknowledged(size)) << "cut at " << size;
  }
}

TEST_F(TornWal, AJournalOpensOnItAndGoesOnBehindWhatIsThere) {
  const std::string whole = std::exchange(settings_.folder, torn());
  close();
  for (std::size_t size = wal_sizes_[3]; size <= wal_sizes_[5]; size += 509) {
    settings_.folder = whole;
    leave(std::string_view(wal_bytes_).substr(0, size));
    settings_.folder = torn();
    open();
    const auto there = acknowledged(size);
    EXPECT_EQ(bodies(), there);
    EXPECT_EQ(append("next").value(), there.size() + 1);
    close();
  }
}

TEST_F(TornWal, AChangedByteCostsThatRecordAtMostAndIsNeverRead) {
  for (std::size_t at = wal_sizes_[4]; at < wal_sizes_[5]; at += 7) {
    std::string changed = wal_bytes_;
    changed[at] = static_cast<char>(changed[at] ^ 0x55);
    leave(changed);
    const auto bodies = found();
    ASSERT_TRUE(bodies == acknowledged(wal_sizes_[4]) || bodies == acknowledged(wal_sizes_[5])) << "changed at " << at;
  }
}

}  // namespace
}  // namespace waypost
