#include "webhook/apply_letters.h"

#include <functional>
#include <iterator>
#include <utility>

#include "base/log.h"

namespace waypost {
namespace {

constexpr std::size_t kPage = 100;

template <class Update>
void take_tasks(std::vector<Update>& updates, const std::shared_ptr<const RecordPlace>& record,
                std::vector<ApplyTask>& tasks) {
  for (auto& update : updates) tasks.push_back({.update = std::move(update), .record = record});
}

std::vector<ApplyTask> tasks_of(const store::DeadLetter& letter) {
  auto payload = read_payload(letter.raw);
  const auto record = std::make_shared<const RecordPlace>(RecordPlace{
      .journal = letter.journal, .position = letter.position, .app = letter.app, .received_at = letter.received_at});
  std::vector<ApplyTask> tasks;
  take_tasks(payload.messages, record, tasks);
  take_tasks(payload.statuses, record, tasks);
  take_tasks(payload.others, record, tasks);
  return tasks;
}

// Nothing of a letter that still has no channel is marked. Two nodes that apply the same letters wait for each other at
// each of them, so that it is applied once and behind the one before.
std::vector<ApplyOutcome> apply_letter(sql::Connection& connection, const store::DeadLetter& letter, Time now) {
  if (!store::lock_waiting_letter(connection, letter.id)) return {};
  std::vector<ApplyOutcome> outcomes;
  for (auto& task : tasks_of(letter)) {
    apply(connection, task, Origins::Letter, now);
    if (task.outcome.dead) return {};
    outcomes.push_back(std::move(task.outcome));
  }
  store::mark_applied(connection, letter.id, now);
  return outcomes;
}

// A lost race is over at the next look. What the data is to blame for stays with the letter.
Result<void> set_aside(sql::Database& database, const store::DeadLetter& letter, const Error& why) {
  log::warn("dead letter {} cannot be applied: {}", letter.id.text(), why.words());
  if (why.kind() == ErrorKind::Conflict) return {};
  return database.write_and_wait(
      0, [&](sql::Connection& connection) { store::mark_refused(connection, letter.id, why.words()); });
}

Result<std::vector<store::DeadLetter>> next_page(sql::Database& database, const std::string& phone_number_id,
                                                 const std::optional<store::DeadLetter>& after) {
  return database.read_and_wait([&](sql::Connection& connection) {
    return store::waiting_for_channel(connection, phone_number_id, after, kPage);
  });
}

}  // namespace

Result<std::vector<std::string>> numbers_that_wait(sql::Database& database) {
  return database.read_and_wait(
      [](sql::Connection& connection) { return store::numbers_with_waiting_letters(connection); });
}

Result<std::vector<ApplyOutcome>> apply_letters(sql::Database& database, const std::string& phone_number_id, Time now) {
  std::vector<ApplyOutcome> all;
  const auto key = sql::LaneKey(std::hash<std::string>()(phone_number_id));
  std::optional<store::DeadLetter> last;
  while (true) {
    auto letters = next_page(database, phone_number_id, last);
    if (!letters) return fail(letters.error());
    if (letters->empty()) return all;
    for (const auto& letter : *letters) {
      auto outcomes = database.write_and_wait(
          key, [&](sql::Connection& connection) { return apply_letter(connection, letter, now); });
      // Others hold what it wants: those behind it wait with it until the next look, and the applier does not.
      if (!outcomes && outcomes.error().code() == sql::kContended) return all;
      if (!outcomes && outcomes.error().kind() == ErrorKind::Unavailable) return fail(outcomes.error());
      if (!outcomes) {
        if (auto aside = set_aside(database, letter, outcomes.error()); !aside) return fail(aside.error());
        continue;
      }
      all.insert(all.end(), std::make_move_iterator(outcomes->begin()), std::make_move_iterator(outcomes->end()));
    }
    last = std::move(letters->back());
  }
}

}  // namespace waypost
