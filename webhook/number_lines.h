// NumberLines: whose updates are in hand, and whose must wait in the journal. Of one phone number only so many are in
// hand at a time; the rest of a flood is only remembered, by its records' positions, and read again when its number's
// line gets shorter. So a flood fills neither the memory nor anybody else's way. Pure; not thread-safe.
//
//   record ──▶ place(): InHand ──▶ … applied()
//                 └──▶ Deferred ──▶ next() ──▶ read again ──▶ taken() ──▶ InHand

#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>

#include "journal/journal.h"

namespace waypost {

// Most updates in hand.
struct LineLimits {
  std::size_t all = 4'096;          // beyond it a number may have those of one record
  std::size_t of_a_number = 3'072;  // beyond it the number's next records are deferred
};

// Records behind one another in the journal, of which updates of this number wait.
struct DeferredRun {
  std::string number{};
  JournalPosition first = 0;
  std::size_t records = 0;
  bool whole = false;  // all that the records hold waits, whosever it is
};

class NumberLines {
 public:
  enum class Place { InHand, Deferred };

  explicit NumberLines(LineLimits limits) : limits_(limits) {}

  // Records come in order. Where an update of this number goes; all that one record has of a number goes to one place.
  Place place(const std::string& number, JournalPosition record);
  // Whether the number's next record will be deferred.
  bool is_full(const std::string& number) const;
  // Defers a record as a whole with those of this number.
  void defer(const std::string& number, JournalPosition record);
  // An update of the number that was in hand is dealt with.
  void applied(const std::string& number);

  // Of a number whose turn it is to have more in hand, its oldest that wait, at most so many records.
  std::optional<DeferredRun> next(std::size_t most) const;
  // An update that was deferred is in hand.
  void take(const std::string& number);
  // All of the first records of next() are. The next turn is another number's.
  void taken(const DeferredRun& run, std::size_t records);

  std::size_t in_hand() const { return in_hand_; }

 private:
  struct Deferred {
    JournalPosition record = 0;
    bool whole = false;
  };
  struct Line {
    std::size_t in_hand = 0;
    JournalPosition latest = 0;     // the record that was placed last
    std::deque<Deferred> deferred;  // ascending
    bool is_hungry = false;         // stands in hungry_
  };

  bool has_room(const Line& line) const;
  void look(const std::string& number, Line& line);

  const LineLimits limits_;
  std::unordered_map<std::string, Line> lines_;  // only those with something
  std::deque<std::string> hungry_;               // with deferred ones and half a line's room, in turn
  std::size_t in_hand_ = 0;
};

}  // namespace waypost
