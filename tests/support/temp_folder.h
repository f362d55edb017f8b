// TempFolder: a folder of the test's own, gone with it. Test thread only.

#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>

namespace waypost::test {

// On the disk, or in memory for tests that open thousands of files.
enum class Storage { Disk, Memory };

class TempFolder {
 public:
  explicit TempFolder(Storage storage = Storage::Disk) {
    const bool memory = storage == Storage::Memory && std::filesystem::exists("/dev/shm");
    const auto parent = memory ? std::filesystem::path("/dev/shm") : std::filesystem::temp_directory_path();
    std::string name = (parent / "waypost-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace waypost::test
