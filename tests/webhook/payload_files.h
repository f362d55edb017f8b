// The payload files of tests/data/webhook, and what is expected of each, beside it: {"messages", "statuses", "others",
// "malformed"}: as what it is read (payload_test.cc); "rows": what it leaves in a store (payload_rows_test.cc). Test
// thread only.

#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace waypost::test {

inline std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

inline std::filesystem::path expectation_beside(std::filesystem::path file) {
  return file.replace_extension(".expected.json");
}

// Those that Meta sends, not the expectations beside them; by name.
inline std::vector<std::filesystem::path> payload_files() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(WAYPOST_TEST_DATA) / "webhook")) {
    if (!entry.path().string().ends_with(".expected.json")) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace waypost::test
