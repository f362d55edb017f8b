#include "daemon/export_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

namespace waypost {
namespace {

std::unexpected<Error> io_error(const std::string& path) {
  return fail(ErrorKind::Unavailable, path + ": " + std::generic_category().message(errno));
}

bool sync_folder_of(const std::string& path) {
  const auto folder = std::filesystem::absolute(path).parent_path().string();
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return false;
  const bool synced = ::fsync(file) == 0;
  ::close(file);
  return synced;
}

}  // namespace

Result<std::unique_ptr<ExportWriter>> ExportWriter::open(const std::string& path) {
  const std::string fresh = path + ".new";
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0) return io_error(fresh);
  std::unique_ptr<ExportWriter> made(new ExportWriter(path, file));
  if (::fchmod(file, 0600) != 0) return io_error(fresh);
  return made;
}

ExportWriter::~ExportWriter() {
  ::close(file_);
  if (!moved_) ::unlink(fresh_.c_str());
}

Result<void> ExportWriter::write(std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(file_, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return io_error(fresh_);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> ExportWriter::sync() {
  if (::fsync(file_) != 0) return io_error(fresh_);
  return {};
}

Result<void> ExportWriter::move_into_place() {
  if (std::rename(fresh_.c_str(), path_.c_str()) != 0) return io_error(path_);
  moved_ = true;
  if (!sync_folder_of(path_)) return io_error(path_);
  return {};
}

}  // namespace waypost
