#include "api/destination.h"

#include <algorithm>

#include "api/phone.h"
#include "base/text.h"

namespace waypost::api {
namespace {

// Meta, "Business-scoped user IDs": a country's two letters, a dot, up to 128 letters and digits; a parent's has "ENT."
// between.
bool is_user_id(std::string_view text) {
  constexpr std::size_t kLongest = 140;
  const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto fits = [&](char c) { return upper(c) || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.'; };
  return text.size() > 3 && text.size() <= kLongest && upper(text[0]) && upper(text[1]) && text[2] == '.' &&
         std::ranges::all_of(text, fits);
}

bool is_parent(std::string_view user_id) { return user_id.substr(3).starts_with("ENT."); }

void read_number(Input& input, Person& person) {
  const auto text = input.maybe_text("to", {.most = 64});
  if (!text) return;
  const auto digits = phone_digits(*text);
  if (!digits || !text->starts_with('+')) {
    input.complain("to", "Invalid phone number: E.164 with its + expected, like +14155551234");
  } else {
    person.alias = {.kind = AliasKind::Phone, .value = *digits};
  }
}

void read_user_id(Input& input, std::string_view key, Person& person) {
  const auto text = input.maybe_text(key, {.most = 200});
  if (!text) return;
  if (!is_user_id(*text)) return input.complain(key, "Invalid user id: like DE.1349001122334455");
  person.alias = {.kind = is_parent(*text) ? AliasKind::ParentBsuid : AliasKind::Bsuid, .value = *text};
}

}  // namespace

Person take_person(Input& input) {
  Person person;
  const auto user_key = input.either("userId", "recipient");
  const bool by_user = input.has(user_key) && !input.is_null(user_key);
  const bool by_number = input.has("to") && !input.is_null("to");
  if (by_user && by_number) input.complain(user_key, "Stands beside to: exactly one of them");
  if (!by_user && !by_number) input.complain("to", "Required: a phone number, or userId");
  if (by_number) read_number(input, person);
  if (by_user) read_user_id(input, user_key, person);
  if (const auto channel = input.maybe_text("channelId")) {
    person.channel = ChannelId::parse(*channel);
    if (!person.channel) input.complain("channelId", "Invalid uuid");
  }
  for (const std::string_view key : {"to", "userId", "recipient", "channelId"}) input.take(key);
  return person;
}

void refuse_recipient(Input& input) {
  for (const std::string_view key : {"userId", "recipient"}) {
    if (input.has(key) && !input.is_null(key)) input.complain(key, "The conversation says to whom");
  }
}

}  // namespace waypost::api
