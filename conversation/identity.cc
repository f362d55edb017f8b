#include "conversation/identity.h"

#include <algorithm>
#include <array>
#include <utility>

namespace waypost {
namespace {

constexpr std::array<std::pair<AliasKind, std::string_view>, 4> kAliasNames{{{AliasKind::Bsuid, "bsuid"},
                                                                             {AliasKind::ParentBsuid, "parent_bsuid"},
                                                                             {AliasKind::Phone, "phone"},
                                                                             {AliasKind::Group, "group"}}};

// Where a message names its customer.
struct PersonKeys {
  std::string_view user_id;
  std::string_view parent_user_id;
  std::string_view phone;
};
constexpr PersonKeys keys_of(Side side) {
  if (side == Side::From) return {"from_user_id", "from_parent_user_id", "from"};
  return {"to_user_id", "to_parent_user_id", "to"};
}

std::optional<std::string> non_empty(const Json& json, std::string_view key) {
  auto text = find_text(json, key);
  if (!text || text->empty()) return std::nullopt;
  return text;
}

std::optional<std::string> phone_of(const Json& json, std::string_view key) {
  const auto text = find_text(json, key);
  auto digits = text ? phone_digits(*text) : std::string();
  if (digits.empty()) return std::nullopt;
  return digits;
}

std::optional<std::string> first_of(std::optional<std::string> first, std::optional<std::string> second) {
  return first ? std::move(first) : std::move(second);
}

const KnownAlias* find_known(const std::vector<KnownAlias>& known, const Alias& alias) {
  const auto at = std::ranges::find(known, alias, &KnownAlias::alias);
  return at == known.end() ? nullptr : &*at;
}

bool older(const KnownAlias& a, const KnownAlias& b) {
  return a.contact_created != b.contact_created ? a.contact_created < b.contact_created : a.contact < b.contact;
}

std::vector<Alias> unknown_of(const std::vector<Alias>& shown, const std::vector<KnownAlias>& known) {
  std::vector<Alias> unknown;
  for (const auto& alias : shown) {
    if (!find_known(known, alias)) unknown.push_back(alias);
  }
  return unknown;
}

// The numbers have moved between people: the new phone is another contact's.
bool phone_is_taken(const IdentityChange& change, const std::vector<KnownAlias>& known, ContactId contact) {
  if (!change.after.phone) return false;
  const auto* holder = find_known(known, {.kind = AliasKind::Phone, .value = *change.after.phone});
  return holder && holder->contact != contact;
}

std::vector<KnownAlias> known_among(const std::vector<Alias>& shown, const std::vector<KnownAlias>& known) {
  std::vector<KnownAlias> among;
  for (const auto& alias : shown) {
    if (const auto* found = find_known(known, alias)) among.push_back(*found);
  }
  return among;
}

}  // namespace

std::string_view name_of(AliasKind kind) {
  const auto* known = std::ranges::find(kAliasNames, kind, &std::pair<AliasKind, std::string_view>::first);
  if (known == kAliasNames.end()) std::unreachable();
  return known->second;
}

std::optional<AliasKind> alias_kind(std::string_view name) {
  const auto* known = std::ranges::find(kAliasNames, name, &std::pair<AliasKind, std::string_view>::second);
  return known == kAliasNames.end() ? std::nullopt : std::optional(known->first);
}

std::string phone_digits(std::string_view phone) {
  std::string digits;
  for (const char c : phone) {
    if (c >= '0' && c <= '9') digits += c;
  }
  return digits;
}

std::vector<Alias> Sighting::aliases() const {
  std::vector<Alias> shown;
  if (user_id) shown.push_back({.kind = AliasKind::Bsuid, .value = *user_id});
  if (phone) shown.push_back({.kind = AliasKind::Phone, .value = *phone});
  if (parent_user_id) shown.push_back({.kind = AliasKind::ParentBsuid, .value = *parent_user_id});
  return shown;
}

const Json* contact_entry_of(const Json* contacts, const Json& message, Side side) {
  if (!contacts || !contacts->is_array()) return nullptr;
  const auto keys = keys_of(side);
  const auto user_id = non_empty(message, keys.user_id);
  const auto phone = phone_of(message, keys.phone);
  const Json* by_phone = nullptr;
  for (const auto& entry : *contacts) {
    if (user_id && non_empty(entry, "user_id") == user_id) return &entry;
    if (!by_phone && phone && phone_of(entry, "wa_id") == phone) by_phone = &entry;
  }
  // An entry with another BSUID is another person, whatever its phone.
  if (by_phone && user_id && non_empty(*by_phone, "user_id")) return nullptr;
  return by_phone;
}

Sighting person_named_in(const Json& json) {
  return {.user_id = non_empty(json, "user_id"),
          .parent_user_id = non_empty(json, "parent_user_id"),
          .phone = phone_of(json, "wa_id")};
}

Sighting customer_of(const Json& message, const Json* entry, Side side) {
  static const Json kNone;
  const auto keys = keys_of(side);
  const Json& shown = entry ? *entry : kNone;
  const Json* profile = find_object(shown, "profile");
  const Json& named = profile ? *profile : kNone;
  return {.user_id = first_of(non_empty(message, keys.user_id), non_empty(shown, "user_id")),
          .parent_user_id = first_of(non_empty(message, keys.parent_user_id), non_empty(shown, "parent_user_id")),
          .phone = first_of(phone_of(message, keys.phone), phone_of(shown, "wa_id")),
          .profile_name = non_empty(named, "name"),
          .username = non_empty(named, "username")};
}

Sighting customer_of_thread(const Json& thread) {
  const Json* context = find_object(thread, "context");
  Sighting person = context ? person_named_in(*context) : Sighting{};
  if (context) person.username = non_empty(*context, "username");
  const auto id = text_or_empty(thread, "id");
  const bool is_phone = id.find_first_not_of("+0123456789") == std::string::npos;
  if (!person.phone && is_phone) person.phone = phone_of(thread, "id");
  return person;
}

Sighting recipient_of(const Json& status) {
  return {.user_id = non_empty(status, "recipient_user_id"),
          .parent_user_id =
              first_of(non_empty(status, "recipient_parent_user_id"), non_empty(status, "parent_recipient_user_id")),
          .phone = phone_of(status, "recipient_id")};
}

Sighting participant_of(const Json& status) {
  return {
      .user_id = non_empty(status, "recipient_participant_user_id"),
      .parent_user_id = std::nullopt,
      .phone = first_of(phone_of(status, "recipient_participant_id"), phone_of(status, "participant_recipient_id"))};
}

std::optional<IdentityChange> identity_change_of(const Json& message) {
  const Json* system = find_object(message, "system");
  if (!system || text_or_empty(message, "type") != "system") return std::nullopt;
  const auto type = text_or_empty(*system, "type");
  if (type != "user_changed_number" && type != "user_changed_user_id") return std::nullopt;
  IdentityChange change{.before = {.user_id = non_empty(*system, "previous_user_id"),
                                   .parent_user_id = non_empty(*system, "previous_parent_user_id"),
                                   .phone = phone_of(message, "from")},
                        .after = {.user_id = non_empty(*system, "user_id"),
                                  .parent_user_id = non_empty(*system, "parent_user_id"),
                                  .phone = phone_of(*system, "wa_id")}};
  // The sender's own ids are the old ones, unless the message says that it is the new id already.
  auto sender = non_empty(message, "from_user_id");
  if (!change.before.user_id && sender != change.after.user_id) change.before.user_id = std::move(sender);
  if (change.before.is_nobody() && change.after.is_nobody()) return std::nullopt;
  return change;
}

IdentityPlan plan_identity(const std::vector<Alias>& shown, const std::vector<KnownAlias>& known) {
  IdentityPlan plan{.add = unknown_of(shown, known)};
  if (known.empty()) return plan;
  plan.contact = std::ranges::min_element(known, older)->contact;
  for (const auto& alias : known) {
    const bool listed = std::ranges::find(plan.merge, alias.contact) != plan.merge.end();
    if (alias.contact != *plan.contact && !listed) plan.merge.push_back(alias.contact);
  }
  return plan;
}

IdentityPlan plan_identity_change(const IdentityChange& change, const std::vector<KnownAlias>& known) {
  auto shown = change.before.aliases();
  const auto before = plan_identity(shown, known_among(shown, known));
  for (auto& alias : change.after.aliases()) {
    if (std::ranges::find(shown, alias) == shown.end()) shown.push_back(std::move(alias));
  }
  if (!before.contact || !phone_is_taken(change, known, *before.contact)) return plan_identity(shown, known);
  return {.contact = before.contact, .merge = {}, .add = unknown_of(shown, known)};
}

}  // namespace waypost
