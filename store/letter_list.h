// Letter list: dead letters as the installation's admin looks for them. Lane only.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "store/dead_letters.h"
#include "store/page.h"

namespace waypost::store {

enum class LetterState { Waiting, Applied, All };

struct LetterFilter {
  LetterState state = LetterState::Waiting;
  std::optional<DeadReason> reason{};
  std::optional<std::string> app{};
  std::optional<std::string> phone_number_id{};
  std::optional<Time> since{};  // they became letters then or later
};

// Newest first, without their raw bytes.
std::vector<DeadLetter> list_letters(sql::Connection& connection, const LetterFilter& filter, const Page& page);
// Up to `most`.
std::int64_t count_letters(sql::Connection& connection, const LetterFilter& filter, std::int64_t most);
// How many wait, by every reason, each counted up to `most`.
std::map<std::string, std::int64_t> waiting_letters(sql::Connection& connection, std::int64_t most);

// Oldest first, those behind `behind`: a walk through them sees each once.
std::vector<DeadLetterId> letters_behind(sql::Connection& connection, const LetterFilter& filter, DeadLetterId behind,
                                         std::int64_t most);
// Those of a journal's records from `first` to `last`, applied ones too, without their raw bytes.
struct RecordSpan {
  JournalId journal{};
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};
std::vector<DeadLetter> letters_of_records(sql::Connection& connection, const RecordSpan& span);

}  // namespace waypost::store
