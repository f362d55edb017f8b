#include "webhook/carrier.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/metrics.h"
#include "webhook/apply_letters.h"

namespace waypost {
namespace {

constexpr std::size_t kReadRecords = 256;
constexpr std::chrono::milliseconds kBetweenAnswers{2};  // while the lanes work, the journal is looked at this often
constexpr std::chrono::milliseconds kBetweenTries{20};

// PostgreSQL is asked for many at once, because each statement is a round trip.
StreamLimits limits_of(const ApplierSettings& settings, ApplyKind kind, const sql::Database& database) {
  const bool together = kind == ApplyKind::Messages && database.engine() == sql::Engine::Postgres;
  return {.records = settings.records_in_flight,
          .updates = settings.updates_in_flight,
          .of_a_number = settings.updates_of_a_number * database.write_lanes(),
          .together = together ? settings.updates_together : 1,
          .first_pause = settings.first_pause,
          .longest_pause = settings.longest_pause};
}

void count_applied(const ApplyTask& task) {
  static auto& applied = counter("waypost_webhook_updates_applied_total", "Updates of webhooks carried into the store");
  static auto& dead = counter("waypost_webhook_dead_letters_total", "Updates kept as dead letters");
  static auto& unhandled =
      counter("waypost_webhook_unhandled_total", "Updates of fields or kinds not known, kept raw as events");
  if (task.outcome.dead) return dead.Increment();
  if (std::holds_alternative<OtherUpdate>(task.update)) unhandled.Increment();
  applied.Increment();
}

}  // namespace

Carrier::Carrier(const ApplierParts& parts, const ApplierSettings& settings, ApplyAnswers& answers,
                 MarkWaiters& waiters)
    : parts_(parts),
      settings_(settings),
      answers_(answers),
      waiters_(waiters),
      keeper_(parts.database, parts.journal, parts.clock, settings.save_marks),
      messages_(ApplyKind::Messages, parts.database, answers, parts.clock,
                limits_of(settings, ApplyKind::Messages, parts.database)),
      statuses_(ApplyKind::Statuses, parts.database, answers, parts.clock,
                limits_of(settings, ApplyKind::Statuses, parts.database)),
      backlog_(settings.waiting_statuses) {}

Result<void> Carrier::begin() {
  auto note = FlightNote::open(settings_.note_file);
  if (!note) return fail(note.error());
  const auto marks = keeper_.load();
  if (!marks) return fail(marks.error());
  note_ = std::make_unique<FlightNote>(std::move(*note));
  note_->watch_for_faults();
  for (const auto kind : {ApplyKind::Messages, ApplyKind::Statuses}) {
    const auto left = after_crash(note_->of(kind), note_->last_ending());
    note_->note(kind, left);
    // Whoever was killed from outside goes on at full speed: one at a time would stall what waits behind.
    const bool careful = note_->last_ending() == Ending::ByFault;
    careful_until_[static_cast<std::size_t>(kind)] = careful ? left.last : 0;
  }
  messages_.begin_at(marks->messages);
  statuses_.begin_at(marks->statuses);
  backlog_.begin_at(marks->statuses);
  read_ = marks->messages;
  publish_marks();
  return {};
}

bool Carrier::turn() {
  bool busy = take_answers();
  busy |= resume();
  held_back_ = burst_.holds_back(parts_.journal.end(), messages_.mark(), std::chrono::steady_clock::now());
  if (!held_back_) busy |= read_messages();
  busy |= feed_statuses();
  note_idle_streams();
  publish_marks();
  keeper_.keep({.messages = messages_.mark(), .statuses = statuses_.mark()}, applied_until(),
               std::chrono::steady_clock::now());
  return busy;
}

void Carrier::rest() {
  if (held_back_) return answers_.wait(kBetweenAnswers);
  if (messages_.with_lanes() + statuses_.with_lanes() > 0) return answers_.wait(kBetweenAnswers);
  if (messages_.halted() || statuses_.halted() || cannot_read_) return answers_.wait(kBetweenTries);
  parts_.journal.wait_behind(read_, std::min(settings_.idle, settings_.save_marks));
}

void Carrier::end() {
  while (messages_.with_lanes() + statuses_.with_lanes() > 0) {
    take_answers();
    answers_.wait(kBetweenTries);
  }
  take_answers();
  for (const auto kind : {ApplyKind::Messages, ApplyKind::Statuses}) note_->note(kind, {});
  publish_marks();
  const bool all = mark() >= parts_.journal.end();
  const auto kept = keeper_.keep_and_wait({.messages = messages_.mark(), .statuses = statuses_.mark()},
                                          all ? std::nullopt : std::optional(applied_until()));
  if (!kept) log::warn("the applier's marks cannot be saved: {}", kept.error().words());
}

bool Carrier::take_answers() {
  auto answers = answers_.take();
  std::vector<Signal> signals;
  for (auto& answer : answers) {
    stream(answer.kind).settle(answer);
    if (answer.error) continue;
    for (const auto& task : answer.tasks) {
      count_applied(*task);
      if (task->outcome.owner) owners_.emplace(origin_of(*task).phone_number_id, *task->outcome.owner);
      std::ranges::move(task->outcome.signals, std::back_inserter(signals));
    }
  }
  if (!signals.empty()) parts_.signals.offer(std::move(signals));
  for (auto* one : {&messages_, &statuses_}) one->hand_over();  // whose turn came by what was applied
  return !answers.empty();
}

// What a halted stream tries again is in hand again.
bool Carrier::resume() {
  bool resumed = false;
  const auto now = std::chrono::steady_clock::now();
  for (const auto kind : {ApplyKind::Messages, ApplyKind::Statuses}) {
    const auto first = stream(kind).first_open();
    if (!first || !stream(kind).may_resume(now)) continue;
    note_handing_out(kind, *first, *stream(kind).last_open());
    stream(kind).resume();
    resumed = true;
  }
  return resumed;
}

bool Carrier::read_messages() {
  if (!messages_.has_room()) return false;
  const bool careful = is_careful(ApplyKind::Messages, read_ + 1);
  if (careful && !messages_.is_idle()) return false;
  auto records = parts_.journal.read_after(read_, careful ? 1 : kReadRecords, settings_.read_bytes);
  if (!records && !cannot_read_) log::error("the applier cannot read the journal: {}", records.error().words());
  cannot_read_ = !records;
  if (!records || records->empty()) return false;
  note_handing_out(ApplyKind::Messages, records->front().sequence, records->back().sequence);
  for (auto& record : *records) hand_out_messages(record);
  messages_.hand_over();
  return true;
}

void Carrier::hand_out_messages(JournalRecord& record) {
  const auto place = place_of(record);
  const auto previous = std::exchange(read_, record.sequence);
  if (is_to_be_buried(note_->of(ApplyKind::Messages), record.sequence)) {
    backlog_.offer(previous, {.record = place});
    return messages_.add(place, {burial_of(place, "", std::move(record.body))});
  }
  auto payload = read_payload(record.body);
  std::vector<std::shared_ptr<ApplyTask>> tasks;
  for (auto& update : payload.messages) tasks.push_back(task_of(std::move(update), place));
  for (auto& update : payload.others) tasks.push_back(task_of(std::move(update), place));
  for (auto& update : payload.malformed) tasks.push_back(task_of(std::move(update), place));
  backlog_.offer(previous, {.record = place, .statuses = std::move(payload.statuses)});
  messages_.add(place, std::move(tasks));
}

bool Carrier::feed_statuses() {
  bool fed = refill_backlog();
  while (!backlog_.is_empty() && statuses_.has_room()) {
    if (is_careful(ApplyKind::Statuses, statuses_.mark() + 1) && !statuses_.is_idle()) break;
    hand_out_statuses(*backlog_.next());
    fed = true;
  }
  return fed;
}

// What memory had no room for, and what comes while messages are halted, is read for statuses alone.
bool Carrier::refill_backlog() {
  const auto until = messages_.halted() ? parts_.journal.end() : read_;
  if (!backlog_.is_empty() || backlog_.read() >= until || !statuses_.has_room()) return false;
  auto records = parts_.journal.read_after(backlog_.read(), kReadRecords, settings_.read_bytes);
  if (!records) return false;
  for (const auto& record : *records) {
    if (record.sequence > until) break;
    const bool buried = is_to_be_buried(note_->of(ApplyKind::Messages), record.sequence);
    auto statuses = buried ? std::vector<StatusUpdate>() : read_payload(record.body).statuses;
    backlog_.put({.record = place_of(record), .statuses = std::move(statuses)});
  }
  return !records->empty();
}

void Carrier::hand_out_statuses(RecordStatuses next) {
  const auto position = next.record->position;
  if (next.statuses.empty()) return statuses_.add(std::move(next.record), {});
  note_handing_out(ApplyKind::Statuses, position, std::max(position, backlog_.read()));
  std::vector<std::shared_ptr<ApplyTask>> tasks;
  if (is_to_be_buried(note_->of(ApplyKind::Statuses), position)) {
    Json slices = Json::array();
    for (const auto& update : next.statuses) slices.push_back(update.status.content);
    tasks.push_back(burial_of(next.record, "statuses", dump(slices)));
  } else {
    for (auto& update : next.statuses) tasks.push_back(task_of(std::move(update), next.record));
  }
  statuses_.add(std::move(next.record), std::move(tasks));
}

Result<void> Carrier::apply_waiting_letters(const std::string& phone_number_id) {
  auto outcomes = apply_letters(parts_.database, phone_number_id, parts_.clock.now());
  if (!outcomes) return fail(outcomes.error());
  std::vector<Signal> signals;
  for (auto& outcome : *outcomes) std::ranges::move(outcome.signals, std::back_inserter(signals));
  if (!signals.empty()) parts_.signals.offer(std::move(signals));
  return {};
}

}  // namespace waypost
