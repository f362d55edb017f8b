// JournalFolder: the names of a journal's files and its id. Blocking; any thread, once made.

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"

namespace waypost {

using Day = std::chrono::sys_days;  // UTC

inline Day day_of(Time at) { return std::chrono::floor<std::chrono::days>(at); }

// "2026-11-23.journal", and back; nothing for any other name.
std::string day_file_name(Day day);
std::optional<Day> parse_day_file_name(std::string_view name);

class JournalFolder {
 public:
  // Makes the folder when it is absent.
  static Result<JournalFolder> open(std::string path);

  std::string path_of(Day day) const { return path_ + "/" + day_file_name(day); }
  std::string lock_path() const { return path_ + "/lock"; }
  const std::string& path() const { return path_; }

  // Oldest first.
  std::vector<Day> days() const;
  void remove(Day day) const;

  // What the file `adopted` says: when and by whom this journal was applied to its end. Nothing: it was not.
  std::optional<std::string> adopted() const;
  // Durable, and whole or not at all.
  Result<void> mark_adopted(const std::string& words) const;

  // Nothing when the file `id` is absent or does not hold an id.
  std::optional<JournalId> read_id() const;
  // Durable, and whole or not at all.
  Result<void> write_id(const JournalId& id) const;

 private:
  explicit JournalFolder(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

}  // namespace waypost
