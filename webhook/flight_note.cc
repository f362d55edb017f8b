#include "webhook/flight_note.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
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

std::uint64_t sum_of(const std::array<InHand, 2>& in_hand) {
  std::uint64_t sum = kMagic;
  for (const auto& one : in_hand) {
    for (const std::uint64_t part : {one.last, one.alone, one.suspect, one.crashes}) sum = sum * 31 + part;
  }
  return sum;
}

}  // namespace

InHand after_crash(InHand left) {
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

FlightNote::FlightNote(FlightNote&& other) noexcept : file_(std::exchange(other.file_, -1)), in_hand_(other.in_hand_) {}

FlightNote::~FlightNote() {
  if (file_ >= 0) ::close(file_);
}

void FlightNote::note(ApplyKind kind, const InHand& in_hand) {
  in_hand_[static_cast<std::size_t>(kind)] = in_hand;
  write();
}

void FlightNote::read() {
  OnDisk disk;
  const bool whole = ::pread(file_, &disk, sizeof disk, 0) == static_cast<ssize_t>(sizeof disk);
  if (whole && disk.magic == kMagic && disk.sum == sum_of(disk.in_hand)) in_hand_ = disk.in_hand;
}

void FlightNote::write() const {
  const OnDisk disk{.in_hand = in_hand_, .sum = sum_of(in_hand_)};
  if (::pwrite(file_, &disk, sizeof disk, 0) != static_cast<ssize_t>(sizeof disk)) {
    log::warn("the applier's note cannot be written: {}", std::strerror(errno));
  }
}

}  // namespace waypost
