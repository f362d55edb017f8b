#include "conversation/address_book.h"

#include "conversation/meta_time.h"

namespace waypost {
namespace {

std::optional<std::string> name_in(const Json& contact) {
  for (const std::string_view key : {"full_name", "first_name"}) {
    auto name = text_or_empty(contact, key);
    if (!name.empty()) return name;
  }
  return std::nullopt;
}

Sighting person_in(const Json& contact) {
  Sighting person = person_named_in(contact);
  auto digits = phone_digits(text_or_empty(contact, "phone_number"));
  if (!digits.empty()) person.phone = std::move(digits);
  return person;
}

std::optional<BookEntry> entry_of(const Json& item) {
  const Json* contact = find_object(item, "contact");
  const Json* metadata = find_object(item, "metadata");
  const auto action = text_or_empty(item, "action");
  if (!contact || (action != "add" && action != "remove")) return std::nullopt;
  BookEntry entry{.person = person_in(*contact)};
  if (action == "add") entry.name = name_in(*contact);
  const auto at = metadata ? meta_time(*metadata, "timestamp") : std::nullopt;
  if (!at || entry.person.is_nobody() || (action == "add" && !entry.name)) return std::nullopt;
  entry.at = *at;
  return entry;
}

}  // namespace

std::vector<BookEntry> book_entries_of(const Json& value) {
  std::vector<BookEntry> entries;
  const Json* list = find_array(value, "state_sync");
  if (!list) return entries;
  for (const auto& item : *list) {
    if (auto entry = entry_of(item)) entries.push_back(*std::move(entry));
  }
  return entries;
}

}  // namespace waypost
