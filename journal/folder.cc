#include "journal/folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "base/text.h"

namespace waypost {
namespace {

namespace files = std::filesystem;

constexpr std::string_view kEnding = ".journal";

std::optional<unsigned> digits(std::string_view text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Result<void> io_error(const std::string& path) {
  return fail(ErrorKind::Unavailable, path + ": " + std::generic_category().message(errno));
}

bool sync_path(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool synced = ::fsync(file) == 0;
  ::close(file);
  return synced;
}

// Written beside it, then moved into its place.
bool write_whole(const std::string& path, const std::string& line) {
  const std::string fresh = path + ".new";
  std::ofstream(fresh, std::ios::trunc) << line << '\n';
  return sync_path(fresh) && std::rename(fresh.c_str(), path.c_str()) == 0 &&
         sync_path(files::path(path).parent_path().string());
}

}  // namespace

std::string day_file_name(Day day) {
  const std::chrono::year_month_day date(day);
  return fmt::format("{:04}-{:02}-{:02}{}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), kEnding);
}

std::optional<Day> parse_day_file_name(std::string_view name) {
  if (name.size() != 10 + kEnding.size()) return std::nullopt;
  const auto year = digits(name.substr(0, 4));
  const auto month = digits(name.substr(5, 2));
  const auto day = digits(name.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                                         std::chrono::day(*day));
  if (!date.ok() || day_file_name(date) != name) return std::nullopt;
  return Day(date);
}

Result<JournalFolder> JournalFolder::open(std::string path) {
  std::error_code error;
  files::create_directories(path, error);
  if (error) return fail(ErrorKind::Unavailable, path + ": " + error.message());
  const auto parent = files::absolute(path).parent_path();
  if (!sync_path(parent)) return fail(ErrorKind::Unavailable, parent.string() + " cannot be synced");
  return JournalFolder(std::move(path));
}

std::vector<Day> JournalFolder::days() const {
  std::vector<Day> days;
  std::error_code error;
  for (const auto& entry : files::directory_iterator(path_, error)) {
    if (const auto day = parse_day_file_name(entry.path().filename().string())) days.push_back(*day);
  }
  std::ranges::sort(days);
  return days;
}

// The database last: a WAL without its database would be taken for the next one of that name.
void JournalFolder::remove(Day day) const {
  std::error_code ignored;
  for (const char* part : {"-wal", "-shm", ""}) files::remove(path_of(day) + part, ignored);
}

std::optional<JournalId> JournalFolder::read_id() const {
  std::ifstream file(path_ + "/id");
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return JournalId::parse(trimmed(text));
}

std::optional<std::string> JournalFolder::adopted() const {
  std::ifstream file(path_ + "/adopted");
  if (!file) return std::nullopt;
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return std::string(trimmed(text));
}

Result<void> JournalFolder::mark_adopted(const std::string& words) const {
  const std::string path = path_ + "/adopted";
  if (!write_whole(path, words)) return io_error(path);
  return {};
}

Result<void> JournalFolder::write_id(const JournalId& id) const {
  const std::string path = path_ + "/id";
  if (!write_whole(path, id.text())) return io_error(path);
  if (read_id() != id) return fail(ErrorKind::Unavailable, path + " could not be written");
  return {};
}

}  // namespace waypost
