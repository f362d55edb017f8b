#include "sql/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace waypost::sql {

Result<FileLock> FileLock::take(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return fail(ErrorKind::Unavailable, path + ": " + std::generic_category().message(errno));
  FileLock lock(file);
  if (::flock(file, LOCK_EX | LOCK_NB) == 0) return lock;
  const int why = errno;
  if (why == EWOULDBLOCK) return fail(ErrorKind::Conflict, path + " is held by another process");
  return fail(ErrorKind::Unavailable, path + ": " + std::generic_category().message(why));
}

FileLock::~FileLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace waypost::sql
