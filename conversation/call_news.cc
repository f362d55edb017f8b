#include "conversation/call_news.h"

#include <algorithm>
#include <array>

#include "conversation/meta_time.h"

namespace waypost {
namespace {

struct Word {
  std::string_view word;
  std::string_view state;
};
// By rank.
constexpr std::array<Word, 5> kWords{{{"connect", "connecting"},
                                      {"RINGING", "ringing"},
                                      {"REJECTED", "rejected"},
                                      {"ACCEPTED", "accepted"},
                                      {"terminate", "ended"}}};

// COMPLETED and Completed are one.
std::optional<std::string> outcome_of(const Json& call) {
  auto status = text_or_empty(call, "status");
  if (status.empty()) return std::nullopt;
  for (char& c : status) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return status;
}

std::string direction_of(const Json& call) {
  const auto direction = text_or_empty(call, "direction");
  if (direction == "USER_INITIATED") return "in";
  return direction == "BUSINESS_INITIATED" ? "out" : "";
}

std::optional<CallNews> news_of_call(const Json& call, const Json* contacts) {
  CallNews news{.call_id = text_or_empty(call, "id"),
                .word = text_or_empty(call, "event"),
                .direction = direction_of(call),
                .outcome = outcome_of(call),
                .started_at = meta_time(call, "start_time"),
                .ended_at = meta_time(call, "end_time"),
                .duration_s = find_integer(call, "duration")};
  const auto at = meta_time(call, "timestamp");
  if (news.call_id.empty() || news.word.empty() || !at) return std::nullopt;
  news.at = *at;
  const auto side = news.direction == "out" ? Side::To : Side::From;
  if (!news.direction.empty()) news.person = customer_of(call, contact_entry_of(contacts, call, side), side);
  return news;
}

// Of a call of ours.
std::optional<CallNews> news_of_status(const Json& status) {
  CallNews news{.call_id = text_or_empty(status, "id"), .word = text_or_empty(status, "status"), .direction = "out"};
  const auto at = meta_time(status, "timestamp");
  if (news.call_id.empty() || news.word.empty() || !at) return std::nullopt;
  news.at = *at;
  news.person = recipient_of(status);
  return news;
}

const Word* find_state(std::string_view state) { return std::ranges::find(kWords, state, &Word::state); }

}  // namespace

std::vector<CallNews> call_news_of(const Json& value) {
  std::vector<CallNews> all;
  const auto add = [&all](std::optional<CallNews> news) {
    if (news) all.push_back(*std::move(news));
  };
  const Json* contacts = find_array(value, "contacts");
  if (const Json* calls = find_array(value, "calls")) {
    for (const auto& call : *calls) add(news_of_call(call, contacts));
  }
  if (const Json* statuses = find_array(value, "statuses")) {
    for (const auto& status : *statuses) add(news_of_status(status));
  }
  return all;
}

std::string_view call_state(std::string_view word) {
  const auto* known = std::ranges::find(kWords, word, &Word::word);
  return known == kWords.end() ? std::string_view() : known->state;
}

bool outranks(std::string_view next, std::string_view present) {
  if (next.empty()) return false;
  return present.empty() || find_state(next) > find_state(present);
}

bool is_acceptance(const CallNews& news) { return news.direction == "out" && news.word == "ACCEPTED"; }

}  // namespace waypost
