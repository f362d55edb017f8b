#include "webhook/letter_retry.h"

#include <iterator>
#include <utility>

#include "base/log.h"
#include "store/seen.h"
#include "webhook/apply_task.h"

namespace waypost {
namespace {

using store::DeadLetter;
using store::DeadReason;

constexpr std::int64_t kPage = 50;

using Tasks = std::vector<std::shared_ptr<ApplyTask>>;

enum class End {
  Gone,  // somebody else has applied or dropped it
  Fresh,
  Applied,
  Dead,
  Split,  // into the letters that are named
};

struct Attempt {
  End end = End::Dead;
  std::vector<DeadLetterId> made{};
  std::vector<Signal> signals{};
};

template <class Update>
void take(std::vector<Update>& updates, const ApplyTask& like, Tasks& tasks) {
  for (auto& update : updates) {
    tasks.push_back(std::make_shared<ApplyTask>(like));
    tasks.back()->update = std::move(update);
  }
}

Tasks tasks_of(const DeadLetter& letter, LateRuns runs) {
  auto payload = read_payload(letter.raw);
  for (auto& update : payload.messages) update.inbound.starts_runs = runs == LateRuns::AsUsual;
  const ApplyTask like{.record = std::make_shared<const RecordPlace>(RecordPlace{.journal = letter.journal,
                                                                                 .position = letter.position,
                                                                                 .app = letter.app,
                                                                                 .received_at = letter.received_at})};
  Tasks tasks;
  take(payload.messages, like, tasks);
  take(payload.statuses, like, tasks);
  take(payload.others, like, tasks);
  take(payload.malformed, like, tasks);
  return tasks;
}

// Of what crashed the daemon a part may have been applied; when that is forgotten, applying it may double it.
bool may_double(sql::Connection& connection, const DeadLetter& letter) {
  if (letter.reason != DeadReason::Crashed) return false;
  const auto horizon = store::seen_horizon(connection);
  return horizon && letter.received_at < *horizon;
}

Attempt keep(sql::Connection& connection, DeadLetter letter, DeadReason reason, std::string words) {
  letter.reason = reason;
  letter.words = std::move(words);
  store::keep_dead(connection, letter);
  return {.end = End::Dead};
}

Attempt apply_only(sql::Connection& connection, DeadLetter letter, ApplyTask& task, Time now) {
  if (auto number = number_waited_for(origin_of(task))) letter.phone_number_id = std::move(number);
  if (const auto* unreadable = std::get_if<Malformed>(&task.update))
    return keep(connection, std::move(letter), unreadable->reason, unreadable->words);
  apply(connection, task, Origins::Letter, now);
  if (task.outcome.dead) return keep(connection, std::move(letter), *task.outcome.dead, std::string(kNoChannelWords));
  store::mark_applied(connection, letter.id, now);
  return {.end = task.outcome.fresh ? End::Fresh : End::Applied, .signals = std::move(task.outcome.signals)};
}

// Each part waits on its own, so that none is applied without its mark. In a body the places are the updates' own.
Attempt split(sql::Connection& connection, const DeadLetter& letter, const Tasks& tasks, Time now) {
  Attempt done{.end = End::Split};
  store::drop_letter(connection, letter.id);
  for (const auto& task : tasks) {
    const auto& origin = origin_of(*task);
    DeadLetter part = letter;
    part.place = letter.place.empty() ? origin.place : letter.place + "/" + origin.place;
    part.phone_number_id = number_waited_for(origin);
    part.raw = raw_of(*task);
    if (const auto made = store::insert_dead_letter(connection, part, now)) done.made.push_back(*made);
  }
  return done;
}

// In a unit; may run twice.
Attempt attempt(sql::Connection& connection, const DeadLetter& letter, const Tasks& tasks, Time now) {
  if (!store::lock_letter(connection, letter.id)) return {.end = End::Gone};
  if (may_double(connection, letter)) {
    return keep(connection, letter, letter.reason,
                "it is only kept: what of its time was applied before the crash is remembered no longer");
  }
  if (tasks.size() > 1) return split(connection, letter, tasks, now);
  if (tasks.size() == 1) return apply_only(connection, letter, *tasks.front(), now);
  store::mark_applied(connection, letter.id, now);
  return {.end = End::Applied};
}

// A lost race leaves it as it is. What the data is to blame for is said with it.
Result<Attempt> refused(sql::Database& database, const DeadLetter& letter, const Error& why) {
  const bool contended = why.code() == sql::kContended || why.kind() == ErrorKind::Conflict;
  if (why.kind() == ErrorKind::Unavailable && !contended) return fail(why);
  log::warn("dead letter {} cannot be applied: {}", letter.id.text(), why.words());
  if (contended) return Attempt{.end = End::Dead};
  return database.write_and_wait(
      0, [&](sql::Connection& connection) { return keep(connection, letter, DeadReason::WrongShape, why.words()); },
      sql::Urgency::Bulk);
}

Result<Attempt> try_letter(const ReplayParts& parts, DeadLetterId id, LateRuns runs) {
  const auto letter = parts.database.read_and_wait(
      [id](sql::Connection& connection) { return store::find_dead_letter(connection, id); });
  if (!letter) return fail(letter.error());
  if (!*letter || (*letter)->applied_at) return Attempt{.end = End::Gone};
  const auto tasks = tasks_of(**letter, runs);
  auto tried = parts.database.write_and_wait(
      tasks.empty() ? sql::LaneKey() : lane_key_of(*tasks.front()),
      [&](sql::Connection& connection) { return attempt(connection, **letter, tasks, parts.clock.now()); },
      sql::Urgency::Bulk);
  if (!tried) return refused(parts.database, **letter, tried.error());
  if (!tried->signals.empty()) parts.signals.offer(std::move(tried->signals));
  return tried;
}

void count(ReplayCounts& counts, End end) {
  switch (end) {
    case End::Fresh:
      ++counts.fresh;
      return;
    case End::Applied:
      ++counts.applied;
      return;
    case End::Dead:
    case End::Split:  // again, which only an unlucky slice is
      ++counts.dead;
      return;
    case End::Gone:
      return;
  }
}

// The letter, and those it was split into. Nothing: it is gone.
Result<std::optional<std::vector<DeadLetterId>>> try_whole(const ReplayParts& parts, DeadLetterId id, LateRuns runs,
                                                           ReplayCounts& counts) {
  const auto first = try_letter(parts, id, runs);
  if (!first) return fail(first.error());
  if (first->end == End::Gone) return std::nullopt;
  if (first->end != End::Split) count(counts, first->end);
  for (const auto part : first->made) {
    const auto tried = try_letter(parts, part, runs);
    if (!tried) return fail(tried.error());
    count(counts, tried->end);
  }
  return first->made;
}

}  // namespace

Result<ReplayCounts> retry_letter(const ReplayParts& parts, DeadLetterId id, LateRuns runs) {
  ReplayCounts counts;
  const auto tried = try_whole(parts, id, runs, counts);
  if (!tried) return fail(tried.error());
  if (!*tried) return fail(ErrorKind::NotFound, "no such dead letter waits");
  return counts;
}

Result<bool> LetterRetry::next_page() {
  const auto ids = parts_.database.read_and_wait(
      [this](sql::Connection& connection) { return store::letters_behind(connection, filter_, behind_, kPage); });
  if (!ids) return fail(ids.error());
  for (const auto id : *ids) {
    behind_ = id;
    if (tried_.erase(id) > 0) continue;
    const auto tried = try_whole(parts_, id, runs_, counts_);
    if (!tried) return fail(tried.error());
    if (*tried) tried_.insert((*tried)->begin(), (*tried)->end());
  }
  return !ids->empty();
}

}  // namespace waypost
