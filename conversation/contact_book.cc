#include "conversation/contact_book.h"

#include <optional>

namespace waypost {
namespace {

const Json* found_in(const std::unordered_map<std::string, const Json*>& index, const std::optional<std::string>& key) {
  const auto at = key ? index.find(*key) : index.end();
  return at == index.end() ? nullptr : at->second;
}

}  // namespace

// Of several entries of one person the first counts: emplace() leaves it.
ContactBook::ContactBook(const Json* contacts) {
  if (!contacts || !contacts->is_array()) return;
  for (const auto& entry : *contacts) {
    const auto person = person_named_in(entry);
    if (person.user_id) by_user_id_.emplace(*person.user_id, &entry);
    if (person.phone) by_phone_.emplace(*person.phone, &entry);
  }
}

const Json* ContactBook::entry_of(const Sighting& person) const {
  if (const Json* entry = found_in(by_user_id_, person.user_id)) return entry;
  const Json* entry = found_in(by_phone_, person.phone);
  // An entry with another BSUID is another person, whatever its phone.
  return entry && person.user_id && person_named_in(*entry).user_id ? nullptr : entry;
}

}  // namespace waypost
