// Re-ingest: reads a span of this node's journal again, through today's parser, and applies what was never applied. The
// seen ids decide that (store/seen.h), so the span reaches back no further than they do. The applier's marks stay where
// they are, and what is not applied yet is left to it.
//
//   records of the span ─▶ updates ─▶ standing (a reading unit) ─▶ the fresh ones: small units in the bulk mailbox
//                  └─▶ dead letters of theirs ─▶ retried (letter_retry.h), but those that crashed the daemon
//
// Blocks; a thread of the caller's. Whoever stops between two pages has changed nothing but what is counted; begun
// again it finds that applied.

#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "journal/journal.h"
#include "webhook/apply_task.h"
#include "webhook/letter_retry.h"
#include "webhook/standing.h"

namespace waypost {

enum class Rehearsal { No, Yes };  // Yes: nothing is written, only counted

struct ReingestSpan {
  Time from{};
  Time to{};                         // not this one
  std::optional<std::string> app{};  // only what came by this app
  LateRuns runs = LateRuns::None;
  Rehearsal rehearsal = Rehearsal::No;
};

struct ReingestProgress {
  JournalPosition first = 0;  // where reading began
  JournalPosition read = 0;   // up to here
  JournalPosition last = 0;   // where it ends
  std::int64_t records = 0;   // of the span
  ReplayCounts updates{};
};

class Reingest {
 public:
  // `applied`: the applier's mark. Journal and parts outlive it. InvalidInput: the span is none, or reaches back to
  // what is forgotten.
  static Result<std::unique_ptr<Reingest>> begin(Journal& journal, const ReplayParts& parts, ReingestSpan span,
                                                 JournalPosition applied);

  // False: that was the last page. Rejected: what was applied is forgotten by now. Unavailable: begin again.
  Result<bool> next_page();
  const ReingestProgress& progress() const { return progress_; }

 private:
  using Task = std::shared_ptr<ApplyTask>;
  struct Page;

  Reingest(Journal& journal, const ReplayParts& parts, ReingestSpan span)
      : journal_(journal), parts_(parts), span_(std::move(span)) {}
  Result<void> find_ends(JournalPosition applied);
  Result<JournalPosition> last_before(Time at, JournalPosition end);
  bool is_of_span(Time received_at, const std::string& app) const;
  Page page_of(std::vector<JournalRecord> records);
  Result<void> look(Page& page);
  Result<void> retry_letters(Page& page);
  Result<void> apply_page(const Page& page);
  Result<void> apply_together(std::span<const Task> tasks);
  Result<void> apply_alone(const Task& task);
  Result<void> write(std::span<const Task> tasks);
  void count(const ApplyTask& task);

  Journal& journal_;
  const ReplayParts parts_;
  const ReingestSpan span_;
  ReingestProgress progress_;
};

}  // namespace waypost
