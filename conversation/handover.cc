#include "conversation/handover.h"

#include "conversation/meta_time.h"

namespace waypost {
namespace {

const Json* first_object(const Json& one, const Json& other, std::string_view key) {
  const Json* found = find_object(one, key);
  return found ? found : find_object(other, key);
}

Sighting person_of(const Json* sender) {
  if (!sender) return {};
  Sighting person = person_named_in(*sender);
  if (!person.phone) {
    auto digits = phone_digits(text_or_empty(*sender, "phone_number"));
    if (!digits.empty()) person.phone = std::move(digits);
  }
  return person;
}

std::string owner_in(const Json& taken) {
  auto role = text_or_empty(taken, "new_owner_role");
  return role.empty() ? std::string(kAnotherApp) : role;
}

}  // namespace

std::optional<Handover> handover_of(const Json& value) {
  const Json* taken = find_object(value, "control_taken");
  const Json* said = taken ? taken : find_object(value, "control_passed");
  if (!said) return std::nullopt;
  auto at = meta_time(value, "timestamp");
  if (!at) at = meta_time(*said, "timestamp");
  auto person = person_of(first_object(value, *said, "sender"));
  if (!at || person.is_nobody()) return std::nullopt;
  return Handover{
      .person = std::move(person), .owner = taken ? std::optional(owner_in(*taken)) : std::nullopt, .at = *at};
}

}  // namespace waypost
