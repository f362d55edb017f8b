#include "webhook/flight_note.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "base/log.h"

namespace waypost {
namespace {

constexpr std::uint64_t kMagic = 0x32'65'74'6f'6e'70'77;  // "wpnote2"

struct OnDisk {
  std::uint64_t magic = kMagic;
  std::array<InHand, 2> in_hand{};
  std::uint64_t sum = 0;
};

// Behind the note, and no part of its sum: a handler writes it when nothing else may be trusted.
constexpr off_t kFaultAt = sizeof(OnDisk);
constexpr char kFault = 'F';
constexpr std::array kFaultSignals{SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};

std::atomic<int> watched_file = -1;
std::array<struct sigaction, kFaultSignals.size()> handlers_before;

// Only what is safe in a signal handler: one write, then whoever would have had the signal without us.
void mark_fault(int signal) {
  const int file = watched_file.load();
  if (file >= 0 && ::pwrite(file, &kFault, 1, kFaultAt) < 0) watched_file = -1;
  for (std::size_t at = 0; at < kFaultSignals.size(); ++at) {
    if (kFaultSignals[at] == signal) sigaction(signal, &handlers_before[at], nullptr);
  }
  std::raise(signal);
}

std::uint64_t sum_of(const std::array<InHand, 2>& in_hand) {
  std::uint64_t sum = kMagic;
  for (const auto& one : in_hand) {
    for (const std::uint64_t part : {one.last, one.alone, one.suspect, one.crashes}) sum = sum * 31 + part;
  }
  return sum;
}

}  // namespace

InHand after_crash(InHand left, Ending ending) {
  if (ending == Ending::FromOutside) left.alone = 0;
  if (left.alone == 0) return left;
  left.crashes = left.alone == left.suspect ? left.crashes + 1 : 1;
  left.suspect = std::exchange(left.alone, 0);
  return left;
}

bool is_to_be_buried(const InHand& in_hand, JournalPosition position) {
  return in_hand.suspect == position && in_hand.crashes >= kCrashesToBury;
}

Result<FlightNote> FlightNote::open(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return fail(ErrorKind::Internal, path + ": " + std::strerror(errno));
  FlightNote note(file);
  note.read();
  return note;
}

FlightNote::FlightNote(FlightNote&& other) noexcept
    : file_(std::exchange(other.file_, -1)), last_ending_(other.last_ending_), in_hand_(other.in_hand_) {}

FlightNote::~FlightNote() {
  if (file_ < 0) return;
  int mine = file_;
  watched_file.compare_exchange_strong(mine, -1);
  ::close(file_);
}

void FlightNote::watch_for_faults() const {
  struct sigaction marking{};
  marking.sa_handler = mark_fault;
  for (std::size_t at = 0; at < kFaultSignals.size(); ++at) {
    struct sigaction present{};
    sigaction(kFaultSignals[at], nullptr, &present);
    if (present.sa_handler == mark_fault) continue;
    handlers_before[at] = present;
    sigaction(kFaultSignals[at], &marking, nullptr);
  }
  watched_file = file_;
}

void FlightNote::note(ApplyKind kind, const InHand& in_hand) {
  in_hand_[static_cast<std::size_t>(kind)] = in_hand;
  write();
}

void FlightNote::read() {
  OnDisk disk;
  const bool whole = ::pread(file_, &disk, sizeof disk, 0) == static_cast<ssize_t>(sizeof disk);
  if (whole && disk.magic == kMagic && disk.sum == sum_of(disk.in_hand)) in_hand_ = disk.in_hand;
  char mark = 0;
  if (::pread(file_, &mark, 1, kFaultAt) == 1 && mark == kFault) last_ending_ = Ending::ByFault;
  if (::ftruncate(file_, std::min<off_t>(kFaultAt, ::lseek(file_, 0, SEEK_END))) != 0) {
    log::warn("the applier's note cannot be cleared: {}", std::strerror(errno));
  }
}

void FlightNote::write() const {
  const OnDisk disk{.in_hand = in_hand_, .sum = sum_of(in_hand_)};
  if (::pwrite(file_, &disk, sizeof disk, 0) != static_cast<ssize_t>(sizeof disk)) {
    log::warn("the applier's note cannot be written: {}", std::strerror(errno));
  }
}

}  // namespace waypost
