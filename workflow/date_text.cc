#include "workflow/date_text.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"

namespace waypost::workflow {
namespace {

constexpr std::int64_t kFirst = -62'135'596'800'000;  // 0001-01-01T00:00:00.000Z
constexpr std::int64_t kLast = 253'402'300'799'999;   // 9999-12-31T23:59:59.999Z

// A zone's clocks may be in the year before or behind; those are none of ours.
std::optional<LocalTime> shown(std::int64_t millis, std::string_view zone) {
  if (millis < kFirst || millis > kLast) return std::nullopt;
  const auto local = local_time(from_millis(millis), zone);
  return local.year >= 1 && local.year <= 9'999 ? std::optional(local) : std::nullopt;
}

std::optional<LocalTime> of_epoch(double number, std::string_view zone) {
  constexpr double kFirstMillis = 1e11;  // as seconds the year 5138
  constexpr double kFarAway = 1e15;
  if (!(number > -kFarAway && number < kFarAway)) return std::nullopt;
  return shown(static_cast<std::int64_t>(number < kFirstMillis && number > -kFirstMillis ? number * 1'000 : number),
               zone);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Programs write up to nine digits of a second; nobody shows them.
std::string without_fraction(std::string_view text) {
  const auto point = text.find('.');
  if (point == std::string_view::npos) return std::string(text);
  const auto behind = std::ranges::find_if_not(text.substr(point + 1), is_digit);
  return std::string(text.substr(0, point)).append(behind, text.end());
}

std::optional<LocalTime> of_text(std::string_view text, std::string_view zone) {
  constexpr std::size_t kLongest = 40;
  text = trimmed(text);
  if (text.size() > kLongest) return std::nullopt;
  if ((text.size() == 10 || text.size() == 13) && std::ranges::all_of(text, is_digit)) {
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return of_epoch(static_cast<double>(number), zone);
  }
  const auto plain = without_fraction(text);
  if (const auto at = parse_rfc3339(plain)) return shown(to_millis(*at), zone);
  const auto local = parse_local_time(plain);
  return local && local->year >= 1 ? local : std::nullopt;
}

std::string padded(int number, std::size_t digits) {
  const auto text = std::to_string(number);
  return std::string(digits - std::min(digits, text.size()), '0') + text;
}

int on_the_dial(int hour) { return hour % 12 == 0 ? 12 : hour % 12; }

constexpr std::array<DateLetters, 13> kLetters{{
    {"YYYY", "year: 2026", [](const LocalTime& at) { return padded(at.year, 4); }},
    {"YY", "year in two digits: 26", [](const LocalTime& at) { return padded(at.year % 100, 2); }},
    {"MM", "month in two digits: 03", [](const LocalTime& at) { return padded(at.month, 2); }},
    {"M", "month: 3", [](const LocalTime& at) { return padded(at.month, 1); }},
    {"DD", "day of the month in two digits: 09", [](const LocalTime& at) { return padded(at.day, 2); }},
    {"D", "day of the month: 9", [](const LocalTime& at) { return padded(at.day, 1); }},
    {"HH", "hour in two digits: 00 to 23", [](const LocalTime& at) { return padded(at.hour, 2); }},
    {"H", "hour: 0 to 23", [](const LocalTime& at) { return padded(at.hour, 1); }},
    {"hh", "hour of half a day in two digits: 01 to 12",
     [](const LocalTime& at) { return padded(on_the_dial(at.hour), 2); }},
    {"h", "hour of half a day: 1 to 12", [](const LocalTime& at) { return padded(on_the_dial(at.hour), 1); }},
    {"mm", "minute in two digits", [](const LocalTime& at) { return padded(at.minute, 2); }},
    {"ss", "second in two digits", [](const LocalTime& at) { return padded(at.second, 2); }},
    {"A", "AM or PM", [](const LocalTime& at) { return std::string(at.hour < 12 ? "AM" : "PM"); }},
}};

// Piece: what stands at the beginning of a format.
struct Piece {
  std::size_t size = 0;  // of the format
  std::string_view plain{};
  const DateLetters* letters = nullptr;
  bool is_known = true;
};

Piece first_piece(std::string_view format) {
  if (format.front() == '[') {
    const auto end = format.find(']');
    if (end == std::string_view::npos) return {.size = format.size(), .is_known = false};
    return {.size = end + 1, .plain = format.substr(1, end - 1)};
  }
  if (!is_letter(format.front())) return {.size = 1, .plain = format.substr(0, 1)};
  const auto end = format.find_first_not_of(format.front());
  const auto run = format.substr(0, end);
  const auto found = std::ranges::find(kLetters, run, &DateLetters::letters);
  if (found == kLetters.end()) return {.size = run.size(), .is_known = false};
  return {.size = run.size(), .letters = &*found};
}

}  // namespace

std::optional<LocalTime> read_date(const Json& json, std::string_view zone) {
  if (json.is_number()) return of_epoch(json.get<double>(), zone);
  return json.is_string() ? of_text(json.get_ref<const std::string&>(), zone) : std::nullopt;
}

std::span<const DateLetters> date_letters() { return kLetters; }

bool is_date_format(std::string_view format) {
  while (!format.empty()) {
    const auto piece = first_piece(format);
    if (!piece.is_known) return false;
    format.remove_prefix(piece.size);
  }
  return true;
}

std::string date_text(const LocalTime& local, std::string_view format) {
  std::string text;
  while (!format.empty()) {
    const auto piece = first_piece(format);
    text += piece.letters != nullptr ? piece.letters->write(local) : std::string(piece.plain);
    format.remove_prefix(piece.size);
  }
  return text;
}

}  // namespace waypost::workflow
