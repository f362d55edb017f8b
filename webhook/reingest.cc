#include "webhook/reingest.h"

#include <algorithm>
#include <set>
#include <utility>

#include "store/seen.h"

namespace waypost {
namespace {

constexpr std::size_t kPageRecords = 64;
constexpr std::size_t kPageBytes = 1 << 20;
constexpr std::size_t kTogether = 16;  // updates of one unit
constexpr int kTries = 3;              // of an update that loses a race
// Of the clock that stamps the records, within which they are not in the order of their times.
constexpr std::chrono::minutes kClockSteps{10};
// Who stamps a record and who remembers its messages may be two nodes.
constexpr std::chrono::hours kClocksDiffer{1};

std::string reaches_too_far(Time remembered) {
  return "What was applied before " + iso8601(remembered) +
         " is remembered no longer and would be applied twice: begin at that time or later";
}

Error not_so(const char* field, std::string words) {
  return Error(ErrorKind::InvalidInput, words).with_field(field, words);
}

template <class Update>
void take(std::vector<Update>& updates, const std::shared_ptr<const RecordPlace>& record,
          std::vector<std::shared_ptr<ApplyTask>>& tasks) {
  for (auto& update : updates)
    tasks.push_back(std::make_shared<ApplyTask>(ApplyTask{.update = std::move(update), .record = record}));
}

// A letter of a whole body, or of all its statuses, stands for the record's updates.
bool is_whole(const store::DeadLetter& letter) { return letter.place.empty() || letter.place == kAllStatuses; }

}  // namespace

struct Reingest::Page {
  std::vector<Task> tasks{};
  std::vector<Standing> standings{};  // of the tasks
  std::vector<store::DeadLetter> letters{};
  JournalPosition first = 0;
  JournalPosition last = 0;
  std::optional<Time> oldest{};

  // The letter's update is there, and cannot be applied today either.
  bool is_dead(const store::DeadLetter& letter) const {
    for (std::size_t at = 0; at < tasks.size(); ++at) {
      const bool same = tasks[at]->record->position == letter.position && origin_of(*tasks[at]).place == letter.place;
      if (same) return standings[at] == Standing::Dead;
    }
    return false;
  }
  void leave_out(const std::function<bool(const ApplyTask&)>& which) {
    for (std::size_t at = tasks.size(); at-- > 0;) {
      if (!which(*tasks[at])) continue;
      tasks.erase(tasks.begin() + static_cast<std::ptrdiff_t>(at));
      standings.erase(standings.begin() + static_cast<std::ptrdiff_t>(at));
    }
  }
};

Result<std::unique_ptr<Reingest>> Reingest::begin(Journal& journal, const ReplayParts& parts, ReingestSpan span,
                                                  JournalPosition applied) {
  if (span.from >= span.to) return fail(not_so("to", "The span is empty: name an end behind its beginning"));
  const auto horizon =
      parts.database.read_and_wait([](sql::Connection& connection) { return store::seen_horizon(connection); });
  if (!horizon) return fail(horizon.error());
  if (*horizon && span.from < **horizon + kClocksDiffer)
    return fail(not_so("from", reaches_too_far(**horizon + kClocksDiffer)));
  std::unique_ptr<Reingest> made(new Reingest(journal, parts, std::move(span)));
  if (auto found = made->find_ends(std::min(applied, journal.end())); !found) return fail(std::move(found.error()));
  return made;
}

Result<void> Reingest::find_ends(JournalPosition applied) {
  const auto first = last_before(span_.from - kClockSteps, applied);
  if (!first) return fail(first.error());
  const auto last = last_before(span_.to + kClockSteps, applied);
  if (!last) return fail(last.error());
  progress_ = {.first = *first, .read = *first, .last = *last};
  return {};
}

// Records are in the order of their times, clock steps aside.
Result<JournalPosition> Reingest::last_before(Time at, JournalPosition end) {
  JournalPosition before = 0;
  while (before < end) {
    const auto middle = before + (end - before) / 2;
    const auto next = journal_.read_apart(middle, 1, 1);
    if (!next) return fail(next.error());
    const bool later = next->empty() || next->front().received_at >= at;
    if (later)
      end = middle;
    else
      before = std::min(next->front().sequence, end);
  }
  return before;
}

Result<bool> Reingest::next_page() {
  if (progress_.read >= progress_.last) return false;
  auto records = journal_.read_apart(progress_.read, kPageRecords, kPageBytes);
  if (!records) return fail(records.error());
  std::erase_if(*records, [this](const auto& record) { return record.sequence > progress_.last; });
  if (records->empty()) return false;
  const auto read = records->back().sequence;
  auto page = page_of(*std::move(records));
  if (page.first != 0) {
    if (auto looked = look(page); !looked) return fail(std::move(looked.error()));
    if (auto retried = retry_letters(page); !retried) return fail(std::move(retried.error()));
    if (auto applied = apply_page(page); !applied) return fail(std::move(applied.error()));
  }
  progress_.read = read;
  return read < progress_.last;
}

bool Reingest::is_of_span(Time received_at, const std::string& app) const {
  return received_at >= span_.from && received_at < span_.to && (!span_.app || *span_.app == app);
}

Reingest::Page Reingest::page_of(std::vector<JournalRecord> records) {
  Page page;
  for (auto& record : records) {
    if (!is_of_span(record.received_at, record.app)) continue;
    ++progress_.records;
    if (page.first == 0) page.first = record.sequence;
    page.last = record.sequence;
    page.oldest = std::min(page.oldest.value_or(record.received_at), record.received_at);
    const auto place = std::make_shared<const RecordPlace>(RecordPlace{.journal = journal_.id(),
                                                                       .position = record.sequence,
                                                                       .app = std::move(record.app),
                                                                       .received_at = record.received_at});
    auto payload = read_payload(record.body);
    for (auto& update : payload.messages) update.inbound.starts_runs = span_.runs == LateRuns::AsUsual;
    take(payload.messages, place, page.tasks);
    take(payload.statuses, place, page.tasks);
    take(payload.others, place, page.tasks);
    take(payload.malformed, place, page.tasks);
  }
  return page;
}

// In one snapshot: what is remembered at the horizon it sees is remembered where it looks.
Result<void> Reingest::look(Page& page) {
  struct Seen {
    std::optional<Time> horizon{};
    std::vector<Standing> standings{};
    std::vector<store::DeadLetter> letters{};
  };
  auto seen = parts_.database.read_and_wait([&](sql::Connection& connection) {
    Seen now{.horizon = store::seen_horizon(connection),
             .letters = store::letters_of_records(connection,
                                                  {.journal = journal_.id(), .first = page.first, .last = page.last})};
    for (const auto& task : page.tasks) now.standings.push_back(standing_of(connection, *task));
    return now;
  });
  if (!seen) return fail(seen.error());
  if (seen->horizon && page.oldest && *page.oldest < *seen->horizon + kClocksDiffer)
    return fail(ErrorKind::Rejected, reaches_too_far(*seen->horizon + kClocksDiffer));
  page.standings = std::move(seen->standings);
  page.letters = std::move(seen->letters);
  return {};
}

// A letter and its record's update are one thing: it is tried as a letter, so that it is not applied without its mark.
Result<void> Reingest::retry_letters(Page& page) {
  for (const auto& letter : page.letters) {
    if (letter.applied_at || !is_of_span(letter.received_at, letter.app)) continue;
    const bool crashed = letter.reason == store::DeadReason::Crashed;
    if (!crashed && (span_.rehearsal == Rehearsal::Yes || page.is_dead(letter))) continue;
    page.leave_out([&](const ApplyTask& task) {
      return task.record->position == letter.position && (is_whole(letter) || origin_of(task).place == letter.place);
    });
    if (crashed) {
      ++progress_.updates.dead;
      continue;
    }
    const auto tried = retry_letter(parts_, letter.id, span_.runs);
    if (!tried && tried.error().kind() == ErrorKind::NotFound) continue;
    if (!tried) return fail(tried.error());
    progress_.updates.fresh += tried->fresh;
    progress_.updates.applied += tried->applied;
    progress_.updates.dead += tried->dead;
  }
  return {};
}

Result<void> Reingest::apply_page(const Page& page) {
  std::set<std::pair<JournalPosition, std::string>> buried;
  for (const auto& letter : page.letters) buried.emplace(letter.position, letter.place);
  std::vector<Task> fresh;
  for (std::size_t at = 0; at < page.tasks.size(); ++at) {
    const auto& task = page.tasks[at];
    const auto standing = page.standings[at];
    const bool known = standing == Standing::Dead && buried.contains({task->record->position, origin_of(*task).place});
    if (span_.rehearsal == Rehearsal::No && standing != Standing::Applied && !known) {
      fresh.push_back(task);
      continue;
    }
    auto& updates = progress_.updates;
    ++(standing == Standing::Fresh ? updates.fresh : standing == Standing::Dead ? updates.dead : updates.applied);
  }
  for (std::size_t at = 0; at < fresh.size(); at += kTogether) {
    const auto some = std::span<const Task>(fresh).subspan(at, std::min(kTogether, fresh.size() - at));
    if (auto applied = apply_together(some); !applied) return applied;
  }
  return {};
}

// What one of them cannot do, none does: then each is tried by itself.
Result<void> Reingest::apply_together(std::span<const Task> tasks) {
  const auto written = write(tasks);
  if (written) return {};
  if (written.error().kind() == ErrorKind::Unavailable && written.error().code() != sql::kContended)
    return fail(written.error());
  for (const auto& task : tasks) {
    if (auto applied = apply_alone(task); !applied) return applied;
  }
  return {};
}

Result<void> Reingest::apply_alone(const Task& task) {
  for (int tries = 1;; ++tries) {
    const auto written = write({&task, 1});
    if (written) return {};
    const auto& error = written.error();
    if (error.kind() == ErrorKind::Unavailable || task->fault) return fail(error);
    if (error.kind() == ErrorKind::Conflict && tries < kTries) continue;
    task->fault = error.words();
  }
}

Result<void> Reingest::write(std::span<const Task> tasks) {
  const auto written = parts_.database.write_and_wait(
      lane_key_of(*tasks.front()),
      [&](sql::Connection& connection) {
        for (const auto& task : tasks) apply(connection, *task, Origins::Journal, parts_.clock.now());
      },
      sql::Urgency::Bulk);
  if (!written) return fail(written.error());
  std::vector<Signal> signals;
  for (const auto& task : tasks) {
    count(*task);
    std::ranges::move(task->outcome.signals, std::back_inserter(signals));
  }
  if (!signals.empty()) parts_.signals.offer(std::move(signals));
  return {};
}

void Reingest::count(const ApplyTask& task) {
  auto& updates = progress_.updates;
  ++(task.outcome.dead ? updates.dead : task.outcome.fresh ? updates.fresh : updates.applied);
}

}  // namespace waypost
