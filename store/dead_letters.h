// Dead letters: what could not be read, and what came for numbers without a channel. Installation-wide: only its admin
// sees them. Lane only.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "sql/connection.h"

namespace waypost::store {

enum class DeadReason { NotJson, WrongShape, NoChannel, Crashed };
std::string_view name_of(DeadReason reason);  // "not_json", "wrong_shape", "no_channel", "crashed"
std::optional<DeadReason> dead_reason_named(std::string_view name);

struct DeadLetter {
  DeadLetterId id{};
  DeadReason reason = DeadReason::WrongShape;
  std::string words{};
  std::string app{};
  JournalId journal{};
  std::uint64_t position = 0;
  std::string place{};  // "entry[0].changes[1].value.messages[3]"; "" = the whole body
  std::optional<std::string> phone_number_id{};
  std::string raw{};      // the whole body's bytes, or an envelope around the one part; lists leave it out
  std::size_t bytes = 0;  // of it, as the store says
  Time received_at{};
  Time created_at{};
  std::optional<Time> applied_at{};
};

// Without the raw bytes, but with their size.
Json to_json(const DeadLetter& letter);

// What read_letter() reads from a row's first columns: all but the raw bytes.
inline constexpr std::string_view kLetterColumns =
    "id, reason, words, app, journal_id, journal_position, place, phone_number_id, length(raw), received_at, "
    "created_at, applied_at";
DeadLetter read_letter(const sql::Row& row);

// Once a place: nothing when there is one already. Gives it its id.
std::optional<DeadLetterId> insert_dead_letter(sql::Connection& connection, const DeadLetter& letter, Time now);
std::optional<DeadLetter> find_dead_letter(sql::Connection& connection, DeadLetterId id);

// no_channel, not applied, of this number, in the order in which they came; behind `after` (a letter of the page
// before).
std::vector<DeadLetter> waiting_for_channel(sql::Connection& connection, std::string_view phone_number_id,
                                            const std::optional<DeadLetter>& after, std::size_t most);
// Numbers that have a channel by now and letters that still wait: what was missed, or another node's channel.
std::vector<std::string> numbers_with_waiting_letters(sql::Connection& connection);
// Until the unit's end nobody else applies the letter. False: it waits no longer.
bool lock_waiting_letter(sql::Connection& connection, DeadLetterId id);
// The same of a letter of any reason.
bool lock_letter(sql::Connection& connection, DeadLetterId id);
// The store refuses what a waiting letter holds: it waits no longer, and says why.
void mark_refused(sql::Connection& connection, DeadLetterId id, std::string_view words);
// False: it was applied already.
bool mark_applied(sql::Connection& connection, DeadLetterId id, Time now);
// It waits on, for the reason, with the words and of the number that `letter` has.
void keep_dead(sql::Connection& connection, const DeadLetter& letter);
// It is gone, as if it had never come. False: there was none.
bool drop_letter(sql::Connection& connection, DeadLetterId id);

// Retention: deletes up to `most` that were applied before `before`.
std::size_t drop_applied_letters(sql::Connection& connection, Time before, std::size_t most);

}  // namespace waypost::store
