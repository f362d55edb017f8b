#include "tests/support/failing_disk.h"

#include <sqlite3.h>

#include <atomic>
#include <cstring>
#include <limits>

namespace waypost::test {

struct FailingDisk::State {
  std::string name;
  sqlite3_vfs* under = nullptr;
  sqlite3_vfs vfs{};
  std::atomic<std::int64_t> operations = 0;
  std::atomic<std::int64_t> syncs = 0;
  std::atomic<std::int64_t> most_unsynced = 0;
  // Operations from `first_bad` up to before `first_good` fail.
  std::atomic<std::int64_t> first_bad = std::numeric_limits<std::int64_t>::max();
  std::atomic<std::int64_t> first_good = std::numeric_limits<std::int64_t>::max();
  std::atomic<DiskFailure> failure = DiskFailure::Io;

  bool next_fails() {
    const std::int64_t number = operations++;
    return number >= first_bad && number < first_good;
  }
  int code(int io_code) const { return failure == DiskFailure::Full ? SQLITE_FULL : io_code; }
};

namespace {

using State = FailingDisk::State;

struct File {
  sqlite3_file base{};
  State* state = nullptr;
  bool is_database = false;
  std::int64_t unsynced = 0;
  sqlite3_file* under() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  void note_unsynced(int size) {
    unsynced += size;
    std::int64_t most = state->most_unsynced;
    while (most < unsynced && !state->most_unsynced.compare_exchange_weak(most, unsynced)) {
    }
  }
};

File& mine(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
sqlite3_file* under(sqlite3_file* file) { return mine(file).under(); }
State& state_of(sqlite3_vfs* vfs) { return *static_cast<State*>(vfs->pAppData); }
sqlite3_vfs* under(sqlite3_vfs* vfs) { return state_of(vfs).under; }

int close_file(sqlite3_file* file) { return under(file)->pMethods->xClose(under(file)); }
int read_file(sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
  return under(file)->pMethods->xRead(under(file), to, size, at);
}
int write_file(sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
  const bool fails = mine(file).state->next_fails();
  const int code = under(file)->pMethods->xWrite(under(file), from, fails ? size / 2 : size, at);
  if (mine(file).is_database) mine(file).note_unsynced(size);
  return fails ? mine(file).state->code(SQLITE_IOERR_WRITE) : code;
}
int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  if (mine(file).state->next_fails()) return mine(file).state->code(SQLITE_IOERR_TRUNCATE);
  return under(file)->pMethods->xTruncate(under(file), size);
}
int sync_file(sqlite3_file* file, int flags) {
  if (mine(file).state->next_fails()) return mine(file).state->code(SQLITE_IOERR_FSYNC);
  ++mine(file).state->syncs;
  mine(file).unsynced = 0;
  return under(file)->pMethods->xSync(under(file), flags);
}
int file_size(sqlite3_file* file, sqlite3_int64* size) { return under(file)->pMethods->xFileSize(under(file), size); }
int lock_file(sqlite3_file* file, int level) { return under(file)->pMethods->xLock(under(file), level); }
int unlock_file(sqlite3_file* file, int level) { return under(file)->pMethods->xUnlock(under(file), level); }
int check_lock(sqlite3_file* file, int* held) { return under(file)->pMethods->xCheckReservedLock(under(file), held); }
int control_file(sqlite3_file* file, int what, void* with) {
  return under(file)->pMethods->xFileControl(under(file), what, with);
}
int sector_size(sqlite3_file* file) { return under(file)->pMethods->xSectorSize(under(file)); }
int characteristics(sqlite3_file* file) { return under(file)->pMethods->xDeviceCharacteristics(under(file)); }
int map_shared(sqlite3_file* file, int page, int size, int extend, void volatile** at) {
  return under(file)->pMethods->xShmMap(under(file), page, size, extend, at);
}
int lock_shared(sqlite3_file* file, int first, int count, int flags) {
  return under(file)->pMethods->xShmLock(under(file), first, count, flags);
}
void barrier(sqlite3_file* file) { under(file)->pMethods->xShmBarrier(under(file)); }
int unmap_shared(sqlite3_file* file, int remove) { return under(file)->pMethods->xShmUnmap(under(file), remove); }

const sqlite3_io_methods kMethods = {.iVersion = 2,
                                     .xClose = close_file,
                                     .xRead = read_file,
                                     .xWrite = write_file,
                                     .xTruncate = truncate_file,
                                     .xSync = sync_file,
                                     .xFileSize = file_size,
                                     .xLock = lock_file,
                                     .xUnlock = unlock_file,
                                     .xCheckReservedLock = check_lock,
                                     .xFileControl = control_file,
                                     .xSectorSize = sector_size,
                                     .xDeviceCharacteristics = characteristics,
                                     .xShmMap = map_shared,
                                     .xShmLock = lock_shared,
                                     .xShmBarrier = barrier,
                                     .xShmUnmap = unmap_shared,
                                     .xFetch = nullptr,
                                     .xUnfetch = nullptr};

int open_file(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* file, int flags, int* out) {
  File& made = mine(file);
  made = File{.base = {}, .state = &state_of(vfs), .is_database = (flags & SQLITE_OPEN_MAIN_DB) != 0};
  const int code = under(vfs)->xOpen(under(vfs), name, made.under(), flags, out);
  if (made.under()->pMethods != nullptr) made.base.pMethods = &kMethods;
  return code;
}
int delete_file(sqlite3_vfs* vfs, const char* name, int sync) { return under(vfs)->xDelete(under(vfs), name, sync); }
int access_file(sqlite3_vfs* vfs, const char* name, int how, int* may) {
  return under(vfs)->xAccess(under(vfs), name, how, may);
}
int full_name(sqlite3_vfs* vfs, const char* name, int size, char* out) {
  return under(vfs)->xFullPathname(under(vfs), name, size, out);
}
int randomness(sqlite3_vfs* vfs, int size, char* out) { return under(vfs)->xRandomness(under(vfs), size, out); }
int sleep_micros(sqlite3_vfs* vfs, int micros) { return under(vfs)->xSleep(under(vfs), micros); }
int current_time(sqlite3_vfs* vfs, double* now) { return under(vfs)->xCurrentTime(under(vfs), now); }
int last_error(sqlite3_vfs* vfs, int size, char* out) { return under(vfs)->xGetLastError(under(vfs), size, out); }
int current_millis(sqlite3_vfs* vfs, sqlite3_int64* now) { return under(vfs)->xCurrentTimeInt64(under(vfs), now); }

}  // namespace

FailingDisk::FailingDisk() : state_(std::make_unique<State>()) {
  static std::atomic<int> count = 0;
  State& state = *state_;
  state.name = "failing-disk-" + std::to_string(++count);
  state.under = sqlite3_vfs_find(nullptr);
  sqlite3_vfs& vfs = state.vfs;
  vfs.iVersion = 2;
  vfs.szOsFile = static_cast<int>(sizeof(File)) + state.under->szOsFile;
  vfs.mxPathname = state.under->mxPathname;
  vfs.zName = state.name.c_str();
  vfs.pAppData = &state;
  vfs.xOpen = open_file;
  vfs.xDelete = delete_file;
  vfs.xAccess = access_file;
  vfs.xFullPathname = full_name;
  vfs.xRandomness = randomness;
  vfs.xSleep = sleep_micros;
  vfs.xCurrentTime = current_time;
  vfs.xGetLastError = last_error;
  vfs.xCurrentTimeInt64 = current_millis;
  sqlite3_vfs_register(&vfs, 0);
}

FailingDisk::~FailingDisk() { sqlite3_vfs_unregister(&state_->vfs); }

const std::string& FailingDisk::vfs() const { return state_->name; }

void FailingDisk::fail_after(std::int64_t operations, DiskFailure failure) {
  state_->failure = failure;
  state_->first_good = std::numeric_limits<std::int64_t>::max();
  state_->first_bad = state_->operations + operations;
}

void FailingDisk::fail_once_after(std::int64_t operations, DiskFailure failure) {
  fail_after(operations, failure);
  state_->first_good = state_->first_bad + 1;
}

void FailingDisk::heal() { state_->first_bad = std::numeric_limits<std::int64_t>::max(); }

std::int64_t FailingDisk::operations() const { return state_->operations; }
std::int64_t FailingDisk::syncs() const { return state_->syncs; }
std::int64_t FailingDisk::most_unsynced() const { return state_->most_unsynced; }

}  // namespace waypost::test
