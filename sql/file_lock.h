// FileLock: keeps a second process (or a second opener in this one) away from a file or folder, by flock on a file
// beside it. The kernel lets go when the process ends, however it ends. Any thread.

#pragma once

#include <string>
#include <utility>

#include "base/error.h"

namespace waypost::sql {

class FileLock {
 public:
  // Makes the lock file when it is absent, and leaves it there: deleting it would let two in. Conflict when it is held.
  static Result<FileLock> take(const std::string& path);

  FileLock(FileLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  FileLock& operator=(FileLock&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
  }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int file) : file_(file) {}

  int file_;
};

}  // namespace waypost::sql
