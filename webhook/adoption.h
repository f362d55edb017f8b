// Adoption: applies the journal of a node that is gone, behind a cursor of its own in the store, and then marks the
// folder, so that neither a second adoption nor a daemon takes it up again. The applier is the daemon's own, so that
// what was applied already changes nothing (law 2), and what is cut short goes on from the marks.
//
//   folder ──lock──▶ is it a journal? ─▶ applier: mark ──▶ end ─▶ marks saved ─▶ file "adopted"
//
// Blocking; one thread at a time.

#pragma once

#include <memory>
#include <string>

#include "webhook/applier.h"

namespace waypost {

struct AdoptionParts {
  sql::Database& database;
  Signals& signals;
  const Clock& clock;
  std::string node{};  // who adopts
};

struct AdoptionProgress {
  JournalId journal{};
  JournalPosition applied = 0;
  JournalPosition end = 0;
  bool is_over() const { return applied >= end; }
};

class Adoption {
 public:
  // NotFound when the folder holds no journal. Conflict when its daemon lives, or it was adopted before.
  static Result<std::unique_ptr<Adoption>> begin(const std::string& folder, const AdoptionParts& parts);
  Adoption(const Adoption&) = delete;
  Adoption& operator=(const Adoption&) = delete;
  // Stops where it is; another adoption goes on there.
  ~Adoption();

  AdoptionProgress progress() const;
  // Waits for the next progress, at most so long.
  void wait(std::chrono::milliseconds limit) const;
  // Once it is over: marks the folder. The folder is let go when the object is.
  Result<void> finish();

 private:
  Adoption(std::string folder, const AdoptionParts& parts, std::unique_ptr<Journal> journal);

  const std::string folder_;
  const AdoptionParts parts_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<Applier> applier_;
};

}  // namespace waypost
