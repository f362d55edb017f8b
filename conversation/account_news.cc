#include "conversation/account_news.h"

#include <algorithm>
#include <array>

#include "conversation/meta_time.h"

namespace waypost {
namespace {

struct Field {
  std::string_view field;
  NewsKind kind;
};
constexpr std::array<Field, 28> kFields{{
    {"account_alerts", {"account.alert", true}},
    {"account_review_update", {"account.reviewed", true}},
    {"account_settings_update", {"account.settings_updated"}},
    {"account_update", {"account.updated", true}},
    {"automatic_events", {"contact.automatic_event"}},
    {"business_capability_update", {"account.capability_updated"}},
    {"business_username_updates", {"number.username_updated"}},
    {"calls", {"call.updated"}},
    {"flows", {"flow.updated", true}},
    {"group_lifecycle_update", {"group.updated"}},
    {"group_participant_update", {"group.participants_updated"}},
    {"group_participants_update", {"group.participants_updated"}},
    {"group_settings_update", {"group.settings_updated"}},
    {"group_status_update", {"group.status_updated", true}},
    {"messaging_handovers", {"conversation.handed_over"}},
    {"message_template_components_update", {"template.components_updated"}},
    {"message_template_quality_update", {"template.quality_updated"}},
    {"message_template_status_update", {"template.status_updated"}},
    {"partner_solutions", {"partner_solution.updated"}},
    {"payment_configuration_update", {"payment_configuration.updated"}},
    {"phone_number_name_update", {"number.name_updated"}},
    {"phone_number_quality_update", {"number.quality_updated", true}},
    {"security", {"number.security", true}},
    {"smb_app_state_sync", {"contact.book_updated"}},
    {"template_category_update", {"template.category_updated", true}},
    {"template_correct_category_detection", {"template.category_detected", true}},
    {"user_id_update", {"contact.ids_updated"}},
    {"user_preferences", {"contact.preferences_updated"}},
}};

// Under "messages", beside messages and statuses.
struct Part {
  std::string_view key;
  NewsKind kind;
};
constexpr std::array<Part, 2> kParts{{{"errors", {"account.error", true}}, {"user_actions", {"marketing.clicked"}}}};

// What an event of message_template_status_update makes of a template, in the words of Meta's listing.
struct StatusWord {
  std::string_view event;
  std::string_view status;
};
constexpr std::array<StatusWord, 13> kStatusWords{{{"APPROVED", "APPROVED"},
                                                   {"REJECTED", "REJECTED"},
                                                   {"PENDING", "PENDING"},
                                                   {"PAUSED", "PAUSED"},
                                                   {"DISABLED", "DISABLED"},
                                                   {"IN_APPEAL", "IN_APPEAL"},
                                                   {"LIMIT_EXCEEDED", "LIMIT_EXCEEDED"},
                                                   {"LOCKED", "LOCKED"},
                                                   {"REINSTATED", "APPROVED"},
                                                   {"PENDING_DELETION", "PENDING_DELETION"},
                                                   {"DELETED", "DELETED"},
                                                   {"ARCHIVED", "ARCHIVED"},
                                                   {"UNARCHIVED", "APPROVED"}}};

// Of account_update each event stands for itself.
struct AccountWord {
  std::string_view event;
  std::string_view key;
};
constexpr std::array<AccountWord, 8> kAccountWords{{{"ACCOUNT_DELETED", "account"},
                                                    {"ACCOUNT_OFFBOARDED", "account"},
                                                    {"ACCOUNT_RECONNECTED", "account"},
                                                    {"ACCOUNT_RESTRICTION", "restriction"},
                                                    {"ACCOUNT_VIOLATION", "violation"},
                                                    {"DISABLED_UPDATE", "ban"},
                                                    {"VERIFIED_ACCOUNT", "verification"},
                                                    {"VOLUME_BASED_PRICING_TIER_UPDATE", "pricingTier"}}};

enum class Of { Account, DisplayedNumber, NumberSettings };
struct Standing {
  std::string_view field;
  std::string_view key;
  Of of;
};
constexpr std::array<Standing, 6> kStandings{{
    {"account_review_update", "review", Of::Account},
    {"account_settings_update", "settings", Of::NumberSettings},
    {"business_capability_update", "capability", Of::Account},
    {"business_username_updates", "username", Of::DisplayedNumber},
    {"phone_number_name_update", "name", Of::DisplayedNumber},
    {"phone_number_quality_update", "quality", Of::DisplayedNumber},
}};

// Ids come as texts or as numbers.
std::optional<std::string> id_at(const Json& json, std::string_view key) {
  if (auto text = find_text(json, key)) return text->empty() ? std::nullopt : std::move(text);
  const auto number = find_integer(json, key);
  return number ? std::optional(std::to_string(*number)) : std::nullopt;
}

std::optional<std::string> word_at(const Json& json, std::string_view key) {
  auto text = find_text(json, key);
  return text && !text->empty() ? std::move(text) : std::nullopt;
}

std::optional<std::string> status_after(std::string_view event) {
  const auto* known = std::ranges::find(kStatusWords, event, &StatusWord::event);
  return known == kStatusWords.end() ? std::nullopt : std::optional(std::string(known->status));
}

void read_status(const Json& value, TemplateNews& news) {
  news.status = status_after(text_or_empty(value, "event"));
  news.category = word_at(value, "message_template_category");
  if (!news.status) return;
  const auto reason = text_or_empty(value, "reason");
  news.rejected_reason = news.status == "REJECTED" && reason != "NONE" ? reason : "";
}

// While a change is impending new_category still is the one in force.
void read_category(const Json& value, TemplateNews& news) { news.category = word_at(value, "new_category"); }

void read_quality(const Json& value, TemplateNews& news) { news.quality = word_at(value, "new_quality_score"); }

struct TemplateField {
  std::string_view field;
  void (*read)(const Json&, TemplateNews&);
};
constexpr std::array<TemplateField, 4> kTemplateFields{
    {{"message_template_status_update", read_status},
     {"message_template_quality_update", read_quality},
     {"template_category_update", read_category},
     {"message_template_components_update", [](const Json&, TemplateNews&) {}}}};

// The owner of a number may refuse to share its history.
NewsKind history_kind(const Json& value) {
  const Json* chunks = find_array(value, "history");
  const auto is_refusal = [](const Json& chunk) { return find_array(chunk, "errors") != nullptr; };
  if (chunks && std::ranges::any_of(*chunks, is_refusal)) return {"history.declined", true};
  return {"history.progressed"};
}

std::string_view standing_key_of_account(const Json& value) {
  const auto* known = std::ranges::find(kAccountWords, text_or_empty(value, "event"), &AccountWord::event);
  return known == kAccountWords.end() ? std::string_view() : known->key;
}

// Each object of the list under the field's own name.
template <class Read>
void for_each_item(std::string_view field, const Json& value, Read read) {
  const Json* list = find_array(value, field);
  if (!list) return;
  for (const auto& item : *list) {
    if (item.is_object()) read(item);
  }
}

std::optional<std::string> changed_id(const Json& item, std::string_view key, std::string_view when) {
  const Json* ids = find_object(item, key);
  return ids ? word_at(*ids, when) : std::nullopt;
}

}  // namespace

NewsKind kind_of_news(std::string_view field, const Json& value) {
  if (field == "messages") {
    for (const auto& part : kParts) {
      if (find_array(value, part.key)) return part.kind;
    }
    return {};
  }
  if (field == "history") return history_kind(value);
  const auto* known = std::ranges::find(kFields, field, &Field::field);
  return known == kFields.end() ? NewsKind{} : known->kind;
}

std::string account_of_news(std::string_view entry_id, const Json& value) {
  const Json* info = find_object(value, "waba_info");
  auto account = info ? id_at(*info, "waba_id") : std::nullopt;
  return account ? *std::move(account) : std::string(entry_id);
}

std::optional<TemplateNews> template_news_of(std::string_view field, const Json& value) {
  const auto* known = std::ranges::find(kTemplateFields, field, &TemplateField::field);
  auto name = word_at(value, "message_template_name");
  auto language = word_at(value, "message_template_language");
  if (known == kTemplateFields.end() || !name || !language) return std::nullopt;
  TemplateNews news{.name = *std::move(name), .language = *std::move(language)};
  known->read(value, news);
  return news;
}

std::optional<StandingNews> standing_news_of(std::string_view field, const Json& value) {
  if (field == "account_update") {
    const auto key = standing_key_of_account(value);
    return key.empty() ? std::nullopt : std::optional(StandingNews{.key = key});
  }
  const auto* known = std::ranges::find(kStandings, field, &Standing::field);
  if (known == kStandings.end()) return std::nullopt;
  StandingNews news{.key = known->key};
  if (known->of == Of::DisplayedNumber) {
    news.display_digits = phone_digits(text_or_empty(value, "display_phone_number"));
    if (news.display_digits->empty()) return std::nullopt;
  } else if (known->of == Of::NumberSettings) {
    const Json* settings = find_object(value, "phone_number_settings");
    news.phone_number_id = settings ? id_at(*settings, "phone_number_id") : std::nullopt;
    if (!news.phone_number_id) return std::nullopt;
  }
  return news;
}

std::vector<MarketingWish> marketing_wishes_of(std::string_view field, const Json& value) {
  std::vector<MarketingWish> wishes;
  if (field != "user_preferences") return wishes;
  for_each_item(field, value, [&](const Json& item) {
    const auto wish = text_or_empty(item, "value");
    const auto at = meta_time(item, "timestamp");
    auto person = person_named_in(item);
    if (text_or_empty(item, "category") != "marketing_messages" || (wish != "stop" && wish != "resume")) return;
    if (at && !person.is_nobody()) wishes.push_back({.person = std::move(person), .stops = wish == "stop", .at = *at});
  });
  return wishes;
}

std::vector<IdentityChange> identity_news_of(std::string_view field, const Json& value) {
  std::vector<IdentityChange> changes;
  if (field != "user_id_update") return changes;
  for_each_item(field, value, [&](const Json& item) {
    const auto phone = person_named_in(item).phone;
    IdentityChange change{.before = {.user_id = changed_id(item, "user_id", "previous"),
                                     .parent_user_id = changed_id(item, "parent_user_id", "previous"),
                                     .phone = phone},
                          .after = {.user_id = changed_id(item, "user_id", "current"),
                                    .parent_user_id = changed_id(item, "parent_user_id", "current"),
                                    .phone = phone}};
    if (change.before.user_id || change.after.user_id) changes.push_back(std::move(change));
  });
  return changes;
}

}  // namespace waypost
