#include "store/letter_list.h"

#include <array>

namespace waypost::store {
namespace {

// The conditions of a statement, and what their parameters stand for.
class Conditions {
 public:
  explicit Conditions(const LetterFilter& filter) {
    switch (filter.state) {
      case LetterState::Waiting:
        add("applied_at IS NULL");
        break;
      case LetterState::Applied:
        add("applied_at IS NOT NULL");
        break;
      case LetterState::All:
        break;
    }
    if (filter.reason) add("reason = ", name_of(*filter.reason));
    if (filter.app) add("app = ", *filter.app);
    if (filter.phone_number_id) add("phone_number_id = ", *filter.phone_number_id);
    if (filter.since) add("id >= ", first_id_of(*filter.since));
  }
  Conditions& add(std::string_view condition) {
    text_ += text_.empty() ? "WHERE " : " AND ";
    text_ += condition;
    return *this;
  }
  Conditions& add(std::string_view condition, sql::Value value) {
    add(condition);
    text_ += parameter(std::move(value));
    return *this;
  }
  // "$3", and what it stands for.
  std::string parameter(sql::Value value) {
    values_.push_back(std::move(value));
    return "$" + std::to_string(values_.size());
  }
  const std::string& text() const { return text_; }
  std::span<const sql::Value> values() const { return values_; }

 private:
  // Ids begin with their time (base/id.h), so that the key finds what came since.
  static DeadLetterId first_id_of(Time at) {
    DeadLetterId id;
    auto millis = static_cast<std::uint64_t>(to_millis(at));
    for (std::size_t byte = 6; byte-- > 0; millis >>= 8) id.uuid.bytes.at(byte) = static_cast<std::uint8_t>(millis);
    return id;
  }

  std::string text_;
  std::vector<sql::Value> values_;
};

std::vector<DeadLetter> read_all(const sql::Rows& rows) {
  std::vector<DeadLetter> letters;
  for (const auto row : rows) letters.push_back(read_letter(row));
  return letters;
}

}  // namespace

std::vector<DeadLetter> list_letters(sql::Connection& connection, const LetterFilter& filter, const Page& page) {
  Conditions conditions(filter);
  const auto limit = conditions.parameter(page.limit);
  const auto offset = conditions.parameter(page.offset);
  const std::string text = "SELECT " + std::string(kLetterColumns) + " FROM dead_letter " + conditions.text() +
                           " ORDER BY id DESC LIMIT " + limit + " OFFSET " + offset;
  return read_all(connection.run(text, conditions.values()));
}

std::int64_t count_letters(sql::Connection& connection, const LetterFilter& filter, std::int64_t most) {
  Conditions conditions(filter);
  const auto limit = conditions.parameter(most);
  const std::string text = "SELECT count(*) FROM (SELECT 1 AS one FROM dead_letter " + conditions.text() + " LIMIT " +
                           limit + ") AS counted";
  return connection.run(text, conditions.values()).front().number(0);
}

std::map<std::string, std::int64_t> waiting_letters(sql::Connection& connection, std::int64_t most) {
  std::map<std::string, std::int64_t> counts;
  for (const auto reason : {DeadReason::NotJson, DeadReason::WrongShape, DeadReason::NoChannel, DeadReason::Crashed}) {
    counts[std::string(name_of(reason))] = count_letters(connection, {.reason = reason}, most);
  }
  return counts;
}

std::vector<DeadLetterId> letters_behind(sql::Connection& connection, const LetterFilter& filter, DeadLetterId behind,
                                         std::int64_t most) {
  Conditions conditions(filter);
  conditions.add("id > ", behind);
  const auto limit = conditions.parameter(most);
  const std::string text = "SELECT id FROM dead_letter " + conditions.text() + " ORDER BY id LIMIT " + limit;
  std::vector<DeadLetterId> ids;
  for (const auto row : connection.run(text, conditions.values())) ids.push_back(row.id<DeadLetterId>(0));
  return ids;
}

std::vector<DeadLetter> letters_of_records(sql::Connection& connection, const RecordSpan& span) {
  static const std::string kText = "SELECT " + std::string(kLetterColumns) +
                                   " FROM dead_letter WHERE journal_id = $1 AND journal_position >= $2 AND "
                                   "journal_position <= $3 ORDER BY journal_position, place";
  return read_all(connection.run(kText, {span.journal, span.first, span.last}));
}

}  // namespace waypost::store
