#include "store/dead_letters.h"

#include <array>
#include <stdexcept>
#include <utility>

#include "sql/dialect.h"

namespace waypost::store {
namespace {

constexpr std::array<std::pair<DeadReason, std::string_view>, 4> kNames{{{DeadReason::NotJson, "not_json"},
                                                                         {DeadReason::WrongShape, "wrong_shape"},
                                                                         {DeadReason::NoChannel, "no_channel"},
                                                                         {DeadReason::Crashed, "crashed"}}};

const std::string& select_letters() {
  static const std::string kText = "SELECT " + std::string(kLetterColumns) + ", raw FROM dead_letter ";
  return kText;
}

DeadLetter read_whole(const sql::Row& row) {
  auto letter = read_letter(row);
  letter.raw = row.bytes(12);
  return letter;
}

std::vector<DeadLetter> read_all(const sql::Rows& rows) {
  std::vector<DeadLetter> letters;
  for (const auto row : rows) letters.push_back(read_whole(row));
  return letters;
}

}  // namespace

std::optional<DeadReason> dead_reason_named(std::string_view name) {
  for (const auto& [reason, known] : kNames) {
    if (known == name) return reason;
  }
  return std::nullopt;
}

DeadLetter read_letter(const sql::Row& row) {
  const auto reason = dead_reason_named(row.text(1));
  if (!reason) throw std::logic_error("a dead letter of an unknown reason");
  return {.id = row.id<DeadLetterId>(0),
          .reason = *reason,
          .words = row.text(2),
          .app = row.text(3),
          .journal = row.id<JournalId>(4),
          .position = static_cast<std::uint64_t>(row.number(5)),
          .place = row.text(6),
          .phone_number_id = row.maybe_text(7),
          .bytes = static_cast<std::size_t>(row.number(8)),
          .received_at = row.time(9),
          .created_at = row.time(10),
          .applied_at = row.maybe_time(11)};
}

std::string_view name_of(DeadReason reason) {
  for (const auto& [known, name] : kNames) {
    if (known == reason) return name;
  }
  std::unreachable();
}

Json to_json(const DeadLetter& letter) {
  return {{"id", letter.id.text()},
          {"reason", name_of(letter.reason)},
          {"words", letter.words},
          {"app", letter.app},
          {"journalId", letter.journal.text()},
          {"journalPosition", letter.position},
          {"place", letter.place},
          {"phoneNumberId", letter.phone_number_id ? Json(*letter.phone_number_id) : Json()},
          {"bytes", letter.bytes},
          {"receivedAt", iso8601(letter.received_at)},
          {"createdAt", iso8601(letter.created_at)},
          {"appliedAt", letter.applied_at ? Json(iso8601(*letter.applied_at)) : Json()}};
}

std::optional<DeadLetterId> insert_dead_letter(sql::Connection& connection, const DeadLetter& letter, Time now) {
  const auto rows = connection.run(
      "INSERT INTO dead_letter (id, reason, words, app, journal_id, journal_position, place, "
      "phone_number_id, raw, received_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) "
      "ON CONFLICT (journal_id, journal_position, place) DO NOTHING RETURNING id",
      {DeadLetterId::make(now), name_of(letter.reason), letter.words, letter.app, letter.journal, letter.position,
       letter.place, letter.phone_number_id, sql::Bytes{letter.raw}, letter.received_at, now});
  if (rows.empty()) return std::nullopt;
  return rows.front().id<DeadLetterId>(0);
}

std::optional<DeadLetter> find_dead_letter(sql::Connection& connection, DeadLetterId id) {
  static const std::string kText = select_letters() + "WHERE id = $1";
  const auto rows = connection.run(kText, {id});
  if (rows.empty()) return std::nullopt;
  return read_whole(rows.front());
}

std::vector<DeadLetter> waiting_for_channel(sql::Connection& connection, std::string_view phone_number_id,
                                            const std::optional<DeadLetter>& after, std::size_t most) {
  static const std::string kText = select_letters() +
                                   "WHERE phone_number_id = $1 AND applied_at IS NULL AND reason = 'no_channel' "
                                   "AND (received_at, journal_position, id) > ($2, $3, $4) "
                                   "ORDER BY received_at, journal_position, id LIMIT $5";
  const DeadLetter from = after.value_or(DeadLetter{.received_at = from_millis(-1)});
  return read_all(connection.run(
      kText, {phone_number_id, from.received_at, from.position, from.id, static_cast<std::int64_t>(most)}));
}

std::vector<std::string> numbers_with_waiting_letters(sql::Connection& connection) {
  std::vector<std::string> numbers;
  const auto rows = connection.run(
      "SELECT phone_number_id FROM channel WHERE EXISTS (SELECT 1 FROM dead_letter WHERE "
      "dead_letter.phone_number_id = channel.phone_number_id AND dead_letter.applied_at IS NULL AND "
      "dead_letter.reason = 'no_channel') ORDER BY phone_number_id");
  for (const auto row : rows) numbers.push_back(row.text(0));
  return numbers;
}

bool lock_waiting_letter(sql::Connection& connection, DeadLetterId id) {
  const std::string text = "SELECT 1 FROM dead_letter WHERE id = $1 AND applied_at IS NULL AND reason = 'no_channel'" +
                           std::string(sql::for_update(connection.engine()));
  return !connection.run(text, {id}).empty();
}

void mark_refused(sql::Connection& connection, DeadLetterId id, std::string_view words) {
  connection.run(
      "UPDATE dead_letter SET reason = 'wrong_shape', words = $2 WHERE id = $1 AND applied_at IS NULL AND "
      "reason = 'no_channel'",
      {id, words});
}

bool mark_applied(sql::Connection& connection, DeadLetterId id, Time now) {
  return connection.run("UPDATE dead_letter SET applied_at = $2 WHERE id = $1 AND applied_at IS NULL", {id, now})
             .changed() > 0;
}

bool lock_letter(sql::Connection& connection, DeadLetterId id) {
  const std::string text = "SELECT 1 FROM dead_letter WHERE id = $1 AND applied_at IS NULL" +
                           std::string(sql::for_update(connection.engine()));
  return !connection.run(text, {id}).empty();
}

void keep_dead(sql::Connection& connection, const DeadLetter& letter) {
  connection.run(
      "UPDATE dead_letter SET reason = $2, words = $3, phone_number_id = $4 WHERE id = $1 AND applied_at IS NULL AND "
      "(reason <> $2 OR words <> $3 OR phone_number_id IS DISTINCT FROM $4)",
      {letter.id, name_of(letter.reason), letter.words, letter.phone_number_id});
}

bool drop_letter(sql::Connection& connection, DeadLetterId id) {
  return connection.run("DELETE FROM dead_letter WHERE id = $1", {id}).changed() > 0;
}

std::size_t drop_applied_letters(sql::Connection& connection, Time before, std::size_t most) {
  const auto rows =
      connection.run("DELETE FROM dead_letter WHERE id IN (SELECT id FROM dead_letter WHERE applied_at < $1 LIMIT $2)",
                     {before, static_cast<std::int64_t>(most)});
  return static_cast<std::size_t>(rows.changed());
}

}  // namespace waypost::store
