#include "conversation/group_news.h"

#include <algorithm>
#include <array>
#include <utility>

#include "conversation/meta_time.h"

namespace waypost {
namespace {

constexpr std::array<std::string_view, 5> kFields{"group_lifecycle_update", "group_participants_update",
                                                  "group_participant_update", "group_settings_update",
                                                  "group_status_update"};

// What a type makes of the group.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kStates{{{"group_create", "active"},
                                                                                {"group_delete", "deleted"},
                                                                                {"group_suspend", "suspended"},
                                                                                {"group_suspend_cleared", "active"}}};

std::optional<std::string> word_at(const Json& json, std::string_view key) {
  auto text = find_text(json, key);
  return text && !text->empty() ? std::move(text) : std::nullopt;
}

bool has_errors(const Json& json) {
  const Json* errors = find_array(json, "errors");
  return errors && !errors->empty();
}

// A setting that was changed: {"text": …, "update_successful": true}.
std::optional<std::string> setting_at(const Json& item, std::string_view key) {
  const Json* setting = find_object(item, key);
  if (!setting || find_bool(*setting, "update_successful") == false || has_errors(*setting)) return std::nullopt;
  return find_text(*setting, "text");
}

// {"wa_id", "user_id", "input"}: the input is what the business wrote, of those Meta has no id for.
std::vector<Sighting> people_at(const Json& item, std::string_view key) {
  std::vector<Sighting> people;
  const Json* list = find_array(item, key);
  if (!list) return people;
  for (const auto& one : *list) {
    auto person = person_named_in(one);
    if (auto digits = phone_digits(text_or_empty(one, "input")); person.is_nobody() && !digits.empty())
      person.phone = std::move(digits);
    person.username = word_at(one, "username");
    if (!person.is_nobody() && !has_errors(one)) people.push_back(std::move(person));
  }
  return people;
}

std::optional<GroupNews> news_of(const Json& item) {
  auto id = word_at(item, "group_id");
  const auto at = meta_time(item, "timestamp");
  if (!id || !at || has_errors(item)) return std::nullopt;
  GroupNews news{.group_id = *std::move(id),
                 .at = *at,
                 .subject = word_at(item, "subject"),
                 .description = word_at(item, "description"),
                 .invite_link = word_at(item, "invite_link"),
                 .added = people_at(item, "added_participants"),
                 .removed = people_at(item, "removed_participants")};
  const auto* state =
      std::ranges::find(kStates, text_or_empty(item, "type"), &std::pair<std::string_view, std::string_view>::first);
  if (state != kStates.end()) news.state = std::string(state->second);
  if (auto subject = setting_at(item, "group_subject")) news.subject = std::move(subject);
  if (auto words = setting_at(item, "group_description")) news.description = std::move(words);
  return news;
}

}  // namespace

bool is_of_groups(std::string_view field) { return std::ranges::find(kFields, field) != kFields.end(); }

std::vector<GroupNews> group_news_of(const Json& value) {
  std::vector<GroupNews> all;
  const Json* list = find_array(value, "groups");
  if (!list) return all;
  for (const auto& item : *list) {
    if (auto news = news_of(item)) all.push_back(*std::move(news));
  }
  return all;
}

}  // namespace waypost
