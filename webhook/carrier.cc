#include "webhook/carrier.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/metrics.h"
#include "conversation/account_news.h"
#include "conversation/message_kind.h"
#include "webhook/apply_letters.h"
#include "webhook/skim.h"

namespace waypost {
namespace {

constexpr std::size_t kReadRecords = 64;                 // in a turn, so that a turn is short
constexpr std::size_t kReadAgain = 64;                   // records of one number in a turn
constexpr std::chrono::milliseconds kBetweenAnswers{1};  // while the lanes work, the journal is looked at this often
constexpr std::chrono::milliseconds kBetweenTries{20};

// PostgreSQL is asked for many at once, because each statement is a round trip.
StreamLimits limits_of(const ApplierSettings& settings, ApplyKind kind, const sql::Database& database) {
  const bool together = kind == ApplyKind::Messages && database.engine() == sql::Engine::Postgres;
  return {.records = settings.records_open,
          .updates = {.all = settings.updates_in_hand, .of_a_number = settings.updates_of_a_number},
          .together = together ? settings.updates_together : 1,
          .first_pause = settings.first_pause,
          .longest_pause = settings.longest_pause};
}

void count_applied(const ApplyTask& task) {
  static auto& applied = counter("waypost_webhook_updates_applied_total", "Updates of webhooks carried into the store");
  static auto& dead = counter("waypost_webhook_dead_letters_total", "Updates kept as dead letters");
  static auto& unhandled =
      counter("waypost_webhook_unhandled_total", "Updates of fields or kinds not known, kept raw as events");
  static auto& unknown = counter("waypost_webhook_unknown_kinds_total",
                                 "Messages of kinds not known, kept whole and shown as unsupported");
  if (task.outcome.dead) return dead.Increment();
  applied.Increment();
  const auto* message = std::get_if<MessageUpdate>(&task.update);
  if (message && !is_known_kind(message->inbound.message.type)) unknown.Increment();
  const auto* news = std::get_if<OtherUpdate>(&task.update);
  if (news && kind_of_news(news->field, news->value).event == kUnhandled) unhandled.Increment();
}

// For whoever reads no feed.
void warn_of_news(const ApplyTask& task) {
  const auto* news = std::get_if<OtherUpdate>(&task.update);
  if (!news || task.outcome.dead) return;
  const auto kind = kind_of_news(news->field, news->value);
  if (!kind.is_alarming) return;
  log::warn("Meta has news of account {}: {}; the feed has it whole", news->origin.waba_id, kind.event);
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
  for (const auto kind : {ApplyKind::Messages, ApplyKind::Statuses}) busy |= read_again(kind);
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
      warn_of_news(*task);
      if (task->outcome.owner) owners_.emplace(origin_of(*task).phone_number_id, *task->outcome.owner);
      std::ranges::move(task->outcome.signals, std::back_inserter(signals));
    }
  }
  if (!signals.empty()) parts_.signals.offer(std::move(signals));
  for (auto* one : {&messages_, &statuses_}) one->hand_over();  // what was buried now, which add() does not see
  return !answers.empty();
}

// What a halted stream tries again is in hand again.
bool Carrier::resume() {
  bool resumed = false;
  const auto now = std::chrono::steady_clock::now();
  for (const auto kind : {ApplyKind::Messages, ApplyKind::Statuses}) {
    const auto& open = stream(kind).open();
    if (open.empty() || !stream(kind).may_resume(now)) continue;
    note_handing_out(kind, open.first(), open.last());
    stream(kind).resume();
    resumed = true;
  }
  return resumed;
}

bool Carrier::read_messages() {
  if (!messages_.has_room()) return false;
  // Looking further for others' messages costs what acknowledging needs now.
  if (burst_.lasts() && messages_.is_well_stocked()) return false;
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
  // What waits in the journal anyway is not read now.
  const auto number = skim(record.body);
  if (number && messages_.defers(std::string(*number))) {
    backlog_.offer(previous, {.record = place});
    return messages_.defer(*place, std::string(*number));
  }
  Payload payload;
  if (!is_to_be_buried(note_->of(ApplyKind::Messages), record.sequence)) payload = read_payload(record.body);
  auto tasks = messages_of(record, payload, place);
  backlog_.offer(previous, {.record = place, .statuses = std::move(payload.statuses)});
  messages_.add(*place, std::move(tasks));
}

// What a number's line left in the journal.
bool Carrier::read_again(ApplyKind kind) {
  const auto run = stream(kind).next_deferred(kReadAgain);
  if (!run) return false;
  auto records = parts_.journal.read_after(run->first - 1, run->records, settings_.read_bytes);
  if (!records && !cannot_read_) log::error("the applier cannot read the journal: {}", records.error().words());
  cannot_read_ = !records;
  if (!records || records->empty()) return false;
  note_handing_out(kind, run->first, records->back().sequence);
  stream(kind).add_again(*run, found_in(kind, *run, *records));
  stream(kind).hand_over();
  return true;
}

bool Carrier::feed_statuses() {
  bool fed = refill_backlog();
  while (!backlog_.is_empty() && statuses_.has_room()) {
    if (is_careful(ApplyKind::Statuses, statuses_.mark() + 1) && !statuses_.is_idle()) break;
    hand_out_statuses(*backlog_.next());
    fed = true;
  }
  if (fed) statuses_.hand_over();
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
  const auto record = next.record;
  if (!next.statuses.empty()) {
    note_handing_out(ApplyKind::Statuses, record->position, std::max(record->position, backlog_.read()));
  }
  statuses_.add(*record, statuses_of(std::move(next)));
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
