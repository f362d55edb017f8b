// A daemon's journal killed at random moments: a child process appends as fast as it can and says what was
// acknowledged; the test kills it, opens the journal and compares.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <random>
#include <sstream>

#include "tests/journal/test_journal.h"

namespace waypost {
namespace {

constexpr const char* kFolder = "WAYPOST_TEST_JOURNAL";
constexpr int kAppenders = 16;

// Tells by itself whether it is whole.
std::string body_of(unsigned number) {
  return std::to_string(number) + ":" + std::string(number * 37 % 6000, static_cast<char>('a' + number % 26));
}
bool is_whole(const std::string& body) {
  return body == body_of(static_cast<unsigned>(std::strtoul(body.c_str(), nullptr, 10)));
}

awaitable<void> append_forever(Journal& journal, unsigned first) {
  for (unsigned number = first;; number += kAppenders) {
    const auto position = co_await journal.append("default", body_of(number));
    if (!position) std::_Exit(3);
    const std::string line = std::to_string(*position) + " " + std::to_string(number) + "\n";
    if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) std::_Exit(4);
  }
}

// The child's whole life; run by exec with the folder in its environment, and skipped otherwise.
TEST(JournalChild, DISABLED_AppendsUntilItIsKilled) {
  const char* folder = std::getenv(kFolder);
  if (folder == nullptr) GTEST_SKIP();
  const SystemClock clock;
  const auto journal = Journal::open({.folder = folder}, clock).value();
  asio::io_context loop(1);
  const auto first = static_cast<unsigned>(journal->end());
  for (unsigned at = 0; at < kAppenders; ++at) {
    asio::co_spawn(loop, append_forever(*journal, first + at), [](std::exception_ptr) {});
  }
  loop.run();
}

struct Child {
  pid_t process = -1;
  int output = -1;
};

Child start_child(const std::string& folder) {
  int ends[2] = {-1, -1};
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t process = ::fork();
  if (process == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::close(ends[0]);
    ::close(ends[1]);
    ::setenv(kFolder, folder.c_str(), 1);
    ::execl("/proc/self/exe", "child", "--gtest_filter=JournalChild.*", "--gtest_also_run_disabled_tests",
            "--gtest_brief=1", nullptr);
    std::_Exit(5);
  }
  ::close(ends[1]);
  return {.process = process, .output = ends[0]};
}

class KilledJournal : public test::TestJournal {
 protected:
  // Lets the child run until it has acknowledged `least` appends and a little longer; kills it.
  std::vector<std::pair<JournalPosition, unsigned>> acknowledged_before_kill(std::size_t least, int extra_bytes) {
    const Child child = start_child(settings_.folder);
    std::string output;
    std::size_t limit = std::string::npos;
    char chunk[4096];
    ssize_t size = 0;
    while ((size = ::read(child.output, chunk, 256)) > 0) {
      output.append(chunk, static_cast<std::size_t>(size));
      const auto lines = static_cast<std::size_t>(std::ranges::count(output, '\n'));
      if (limit == std::string::npos && lines > least) limit = output.size() + static_cast<std::size_t>(extra_bytes);
      if (output.size() >= limit) {
        ::kill(child.process, SIGKILL);
        limit = std::string::npos - 1;
      }
    }
    ::close(child.output);
    int status = 0;
    ::waitpid(child.process, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "it ended by itself: " << WEXITSTATUS(status);
    return parsed(output);
  }

  static std::vector<std::pair<JournalPosition, unsigned>> parsed(const std::string& output) {
    std::vector<std::pair<JournalPosition, unsigned>> all;
    std::istringstream lines(output.substr(0, output.rfind('\n') + 1));
    std::string line;
    while (std::getline(lines, line)) {
      std::istringstream words(line);
      JournalPosition position = 0;
      unsigned number = 0;
      if (words >> position >> number) all.emplace_back(position, number);
    }
    return all;
  }
};

TEST_F(KilledJournal, AtRandomMomentsKeepsAllThatWasAcknowledgedWhole) {
  std::mt19937 dice(20261123);
  std::size_t acknowledged = 0;
  for (int round = 0; round < 12; ++round) {
    const auto told = acknowledged_before_kill(20, static_cast<int>(dice() % 20'000));
    ASSERT_FALSE(told.empty());
    acknowledged += told.size();
    open();
    const auto records = all();
    ASSERT_GE(records.size(), acknowledged);
    for (std::size_t at = 0; at < records.size(); ++at) {
      ASSERT_EQ(records[at].sequence, at + 1);
      ASSERT_TRUE(is_whole(records[at].body));
    }
    for (const auto& [position, number] : told) ASSERT_EQ(records[position - 1].body, body_of(number));
    close();
  }
}

}  // namespace
}  // namespace waypost
