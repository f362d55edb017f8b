// text, location, contacts, reaction, pin: kinds of a few members.

#include "base/text.h"
#include "conversation/content_rules.h"
#include "conversation/send_content.h"

namespace waypost {
namespace {

constexpr std::size_t kCards = 257;  // Meta, "Contacts messages"
constexpr std::int64_t kPinDays = 30;

void check_card(const Part& card) {
  if (const auto name = card.object("name")) name->text("formatted_name");
  for (const std::string_view details : {"phones", "emails", "addresses", "urls"})
    card.maybe_list(details, {.least = 0});
  card.maybe_object("org");
}

}  // namespace

void check_text(const Part& text) {
  const auto body = text.text("body", {.most = kTextCharacters});
  if (body && trimmed(*body).empty()) text.complain("body", "is blank");
  text.maybe_bool("preview_url");
}

// Meta's page shows texts going in and numbers coming out: both are taken.
void check_location(const Part& location) {
  location.number("latitude", -90, 90);
  location.number("longitude", -180, 180);
  location.maybe_text("name", {.least = 0});
  location.maybe_text("address", {.least = 0});
}

void check_contacts(const Part& contacts) {
  for (const auto& card : contacts.items({.most = kCards})) check_card(card);
}

// An empty emoji takes the reaction back.
void check_reaction(const Part& reaction) {
  reaction.text("message_id");
  reaction.text("emoji", {.least = 0});
}

void check_pin(const Part& pin) {
  const auto type = pin.word("type", {"pin", "unpin"});
  pin.text("message_id");
  if (type == "pin") {
    pin.integer("expiration_days", {.least = 1, .most = kPinDays});
  } else {
    pin.maybe_integer("expiration_days", {.least = 1, .most = kPinDays});
  }
}

}  // namespace waypost
