// TestJournal: a journal in a temporary folder with a clock turned by hand, and the few words that tests say to it.
// Test thread only.

#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "journal/journal.h"
#include "tests/support/run_loop.h"
#include "tests/support/temp_folder.h"

namespace waypost::test {

// 2026-11-23T12:00:00Z.
inline constexpr Time kNoon = Time(std::chrono::milliseconds(1'795'435'200'000));

class TestJournal : public ::testing::Test {
 protected:
  void open() {
    auto opened = Journal::open(settings_, clock_);
    if (!opened) throw std::runtime_error(opened.error().words());
    journal_ = std::move(*opened);
  }
  void close() { journal_.reset(); }
  void reopen() {
    close();
    open();
  }
  ErrorKind refused_to_open() {
    const auto opened = Journal::open(settings_, clock_);
    EXPECT_FALSE(opened.has_value());
    return opened ? ErrorKind::Internal : opened.error().kind();
  }

  Result<JournalPosition> append(std::string body, std::string app = "default") {
    return loop_.wait(journal_->append(std::move(app), std::move(body)));
  }
  void given(std::string body) { EXPECT_TRUE(append(std::move(body)).has_value()); }
  // All of the bodies at once, so that they may share commits; their answers in order.
  std::vector<Result<JournalPosition>> append_all(const std::vector<std::string>& bodies) {
    std::vector<Result<JournalPosition>> answers(bodies.size());
    std::size_t waiting = bodies.size();
    for (std::size_t at = 0; at < bodies.size(); ++at) {
      asio::co_spawn(loop_.context(), journal_->append("default", bodies[at]),
                     [&, at](std::exception_ptr, Result<JournalPosition> position) {
                       answers[at] = std::move(position);
                       --waiting;
                     });
    }
    EXPECT_TRUE(loop_.run_until([&] { return waiting == 0; }));
    return answers;
  }
  std::vector<JournalRecord> all(JournalPosition after = 0) {
    return journal_->read_after(after, 1'000'000, std::size_t{1} << 30).value();
  }
  // Reads to the end, however many reads that takes.
  std::vector<std::string> bodies() {
    std::vector<std::string> bodies;
    JournalPosition position = 0;
    while (true) {
      const auto records = all(position);
      if (records.empty()) return bodies;
      for (const auto& record : records) bodies.push_back(record.body);
      position = records.back().sequence;
    }
  }
  std::vector<std::string> day_files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(settings_.folder)) {
      if (entry.path().extension() == ".journal") names.push_back(entry.path().filename().string());
    }
    std::ranges::sort(names);
    return names;
  }

  TempFolder folder_{Storage::Memory};
  JournalSettings settings_{.folder = folder_.file("journal")};
  FakeClock clock_{kNoon};
  RunLoop loop_;
  std::unique_ptr<Journal> journal_;
};

using Bodies = std::vector<std::string>;

}  // namespace waypost::test
