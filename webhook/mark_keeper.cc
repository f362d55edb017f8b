#include "webhook/mark_keeper.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace waypost {
namespace {

// Sends of other nodes wait this much longer than the grace at most; an idle node writes one row that often.
constexpr std::chrono::milliseconds kBeat{2'000};

store::Marks later_of(const store::Marks& a, const store::Marks& b) {
  return {.messages = std::max(a.messages, b.messages), .statuses = std::max(a.statuses, b.statuses)};
}

// What the store holds afterwards. Somebody else's marks are kept where they are further: what they passed is applied.
store::Marks move_to(sql::Connection& connection, JournalId journal, const store::MarksMove& move, Time now) {
  if (store::move_marks(connection, journal, move, now)) return move.to;
  const auto present = store::load_marks(connection, journal);
  const auto further = later_of(present, move.to);
  const store::MarksMove rest{.from = present, .to = further, .applied_until = move.applied_until};
  return store::move_marks(connection, journal, rest, now) ? further : present;
}

}  // namespace

Result<store::Marks> MarkKeeper::load() {
  const JournalId journal = journal_.id();
  auto marks = database_.read_and_wait(
      [journal](sql::Connection& connection) { return store::load_marks(connection, journal); });
  if (!marks) return marks;
  if (const auto checked = check_cursor(marks->messages, journal_); !checked) return fail(checked.error());
  if (const auto checked = check_cursor(marks->statuses, journal_); !checked) return fail(checked.error());
  saved_ = *marks;
  return marks;
}

bool MarkKeeper::collect() {
  if (!under_way_) return true;
  const std::scoped_lock lock(under_way_->mutex);
  if (!under_way_->ended) return false;
  if (under_way_->saved) saved_ = *under_way_->saved;
  return true;
}

bool MarkKeeper::is_time(const store::Marks& marks, Instant now) const {
  const bool beats = database_.engine() == sql::Engine::Postgres && now - last_ >= kBeat;
  return beats || (marks != saved_ && now - last_ >= every_);
}

void MarkKeeper::keep(const store::Marks& marks, Time applied_until, Instant now) {
  if (!is_time(marks, now) || !collect()) return;
  under_way_.reset();
  if (!is_time(marks, now)) return;
  last_ = now;
  auto outcome = std::make_shared<Outcome>();
  auto kept = std::make_shared<store::Marks>();
  const store::MarksMove move{.from = saved_, .to = marks, .applied_until = applied_until};
  sql::Job job{.unit = [kept, move, journal = journal_.id(),
                        &clock = clock_](sql::Connection& connection) -> std::optional<Error> {
                 *kept = move_to(connection, journal, move, clock.now());
                 return std::nullopt;
               },
               .done =
                   [outcome, kept](const std::optional<Error>& error) {
                     const std::scoped_lock lock(outcome->mutex);
                     outcome->ended = true;
                     if (!error) outcome->saved = *kept;
                   }};
  under_way_ = std::move(outcome);
  database_.submit_write(sql::lane_key(journal_.id()), sql::Urgency::Bulk, std::move(job));
}

Result<void> MarkKeeper::keep_and_wait(const store::Marks& marks, std::optional<Time> applied_until) {
  const JournalId journal = journal_.id();
  const Time now = clock_.now();
  const store::MarksMove move{.from = saved_, .to = marks, .applied_until = applied_until};
  const auto kept = database_.write_and_wait(
      sql::lane_key(journal), [=](sql::Connection& connection) { return move_to(connection, journal, move, now); });
  if (!kept) return fail(kept.error());
  saved_ = *kept;
  return {};
}

}  // namespace waypost
