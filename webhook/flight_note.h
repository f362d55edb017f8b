// FlightNote: which records are being applied, in a small file beside the journal. Written before they are touched,
// without fsync: it has to outlive the process, not the machine. Applier's thread only.
//
//   together (a range) ──fault──▶ one at a time, each noted alone ──three faults on one──▶ that one is a dead letter
//
// A crash of a range accuses nobody: only a record that was alone is counted, and only when the process ended by a
// fault of its own (SIGSEGV, SIGABRT …), which a signal handler marks here. Whoever is killed from outside, however
// often, accuses nobody: a good record must not be buried because the machine had a bad day.

#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/error.h"
#include "journal/journal.h"

namespace waypost {

enum class ApplyKind { Messages, Statuses };

inline constexpr std::uint64_t kCrashesToBury = 3;

// What one stream has in hand.
struct InHand {
  JournalPosition last = 0;     // records up to this one were handed out together; 0: none
  JournalPosition alone = 0;    // the one that is being applied alone; 0: none
  JournalPosition suspect = 0;  // the last one during which the process died, alone; 0: none
  std::uint64_t crashes = 0;    // and how often
};

// How the last process ended: stopped or killed from outside, or by a fault of its own.
enum class Ending { FromOutside, ByFault };
// What the next run makes of a note: a record in hand alone has one crash more, if a fault ended the last run.
InHand after_crash(InHand left, Ending ending);
// Whether the record is to be buried instead of tried again.
bool is_to_be_buried(const InHand& in_hand, JournalPosition position);

class FlightNote {
 public:
  // Opens or creates; a file that makes no sense is an empty note.
  static Result<FlightNote> open(const std::string& path);
  FlightNote(FlightNote&& other) noexcept;
  FlightNote& operator=(FlightNote&&) = delete;
  ~FlightNote();

  // As the last run left it, or as it was noted since.
  const InHand& of(ApplyKind kind) const { return in_hand_[static_cast<std::size_t>(kind)]; }
  void note(ApplyKind kind, const InHand& in_hand);

  // How the process that wrote the note before us ended.
  Ending last_ending() const { return last_ending_; }
  // From now on a fault of this process is marked in the file before the process ends by it. One note a process; what
  // handled the signal before handles it behind us.
  void watch_for_faults() const;

 private:
  explicit FlightNote(int file) : file_(file) {}
  void read();
  void write() const;

  int file_;
  Ending last_ending_ = Ending::FromOutside;
  std::array<InHand, 2> in_hand_{};
};

}  // namespace waypost
