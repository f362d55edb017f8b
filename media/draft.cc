#include "media/draft.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "media/sniffer.h"

namespace waypost::media {
namespace {

constexpr mode_t kOurs = 0600;
constexpr mode_t kOurFolder = 0700;

// A name is on disk when its folder is.
bool sync_folder(const std::string& folder) {
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return false;
  const bool synced = ::fsync(file) == 0;
  ::close(file);
  return synced;
}

// With its name in the folder above, when it is new.
bool make_folder(const std::string& folder) {
  if (::mkdir(folder.c_str(), kOurFolder) != 0) return errno == EEXIST;
  return sync_folder(folder.substr(0, folder.rfind('/')));
}

}  // namespace

Draft::~Draft() {
  if (file_ >= 0) ::close(file_);
  if (file_ >= 0) ::unlink(path_.c_str());
}

Result<void> Draft::open() {
  file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kOurs);
  if (file_ < 0) return failed("making a draft");
  return {};
}

Result<void> Draft::append(std::string_view bytes) {
  digest_.add(bytes);
  size_ += bytes.size();
  beginning_ += bytes.substr(0, Sniffer::kWanted - beginning_.size());
  while (!bytes.empty()) {
    const auto written = ::write(file_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return failed("writing a draft");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<Draft::Whole> Draft::finish() {
  return Whole{.hash = digest_.finish(), .size = size_, .beginning = std::move(beginning_)};
}

Result<void> Draft::keep(const std::string& folder, const std::string& name) {
  if (::fsync(file_) != 0) return failed("writing a draft to disk");
  if (!make_folder(folder)) return failed("making a folder");
  if (::rename(path_.c_str(), (folder + "/" + name).c_str()) != 0) return failed("putting a file in its place");
  ::close(file_);
  file_ = -1;
  if (!sync_folder(folder)) return failed("writing a folder to disk");
  return {};
}

Result<void> Draft::failed(std::string_view doing) const {
  const std::error_code error(errno, std::generic_category());
  return fail(ErrorKind::Unavailable, std::string(doing) + " in the media folder: " + error.message());
}

}  // namespace waypost::media
