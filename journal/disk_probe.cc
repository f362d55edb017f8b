#include "journal/disk_probe.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace waypost {
namespace {

constexpr std::string_view kWritten = "waypost looks whether this disk takes writes\n";

std::unexpected<Error> failed(const std::string& path, int why) {
  return fail(ErrorKind::Unavailable, path + ": " + std::generic_category().message(why));
}

Result<void> write_through(int file, const std::string& path) {
  const auto written = ::write(file, kWritten.data(), kWritten.size());
  if (written != static_cast<ssize_t>(kWritten.size())) return failed(path, written < 0 ? errno : ENOSPC);
  if (::fdatasync(file) != 0) return failed(path, errno);
  return {};
}

}  // namespace

Result<DiskFacts> probe_disk(const std::string& folder) {
  std::error_code unknown;
  const auto space = std::filesystem::space(folder, unknown);
  if (unknown) return failed(folder, unknown.value());
  std::string path = folder + "/probe-XXXXXX";
  const int file = ::mkstemp(path.data());
  if (file < 0) return failed(folder, errno);
  const auto begun = std::chrono::steady_clock::now();
  const auto done = write_through(file, path);
  const auto took = std::chrono::steady_clock::now() - begun;
  ::close(file);
  ::unlink(path.c_str());
  if (!done) return fail(done.error());
  return DiskFacts{.free_bytes = space.available,
                   .all_bytes = space.capacity,
                   .sync = std::chrono::duration_cast<std::chrono::microseconds>(took)};
}

}  // namespace waypost
