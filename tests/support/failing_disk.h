// FailingDisk: a SQLite VFS over the default one whose writes, syncs and truncations fail from a given one on, and are
// counted. A failing write leaves the first half of its bytes, as a full disk does. Any thread; outlives the
// connections that use it.

#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace waypost::test {

enum class DiskFailure { Full, Io };

class FailingDisk {
 public:
  FailingDisk();
  FailingDisk(const FailingDisk&) = delete;
  FailingDisk& operator=(const FailingDisk&) = delete;
  ~FailingDisk();

  // Its name, for SqliteOptions::vfs and its like.
  const std::string& vfs() const;

  // `operations` more succeed, then all fail; or only the next one.
  void fail_after(std::int64_t operations, DiskFailure failure);
  void fail_once_after(std::int64_t operations, DiskFailure failure);
  void heal();

  // Writes, syncs and truncations asked for so far; syncs that succeeded.
  std::int64_t operations() const;
  std::int64_t syncs() const;
  // The most bytes that a file's database had got from one connection between two syncs.
  std::int64_t most_unsynced() const;

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace waypost::test
