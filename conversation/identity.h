// Identity: who an update speaks of, as a set of aliases, and what becomes of the contacts they lead to (law 13).
// Nobody needs a phone number to be a contact. Pure; any thread.
//
//   shown together            known contacts     what follows
//   BSUID, phone, parent      none               a new contact with all of them
//                             one                that contact; what it lacks is added
//                             several            one person: the later ones are merged into the oldest

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"

namespace waypost {

// Phone numbers and wa_ids are one kind: digits without "+".
// A group is a contact, too: its id leads to it.
enum class AliasKind { Bsuid, ParentBsuid, Phone, Group };
std::string_view name_of(AliasKind kind);  // "bsuid", "parent_bsuid", "phone", "group"
std::optional<AliasKind> alias_kind(std::string_view name);

struct Alias {
  AliasKind kind = AliasKind::Phone;
  std::string value{};
  bool operator==(const Alias&) const = default;
};

// "+1 (555) 010" and "1555010" are the same phone: digits only; empty when there is none.
std::string phone_digits(std::string_view phone);

// What one update shows of one person.
struct Sighting {
  std::optional<std::string> user_id{};         // BSUID, verbatim
  std::optional<std::string> parent_user_id{};  // parent BSUID
  std::optional<std::string> phone{};           // digits
  std::optional<std::string> profile_name{};
  std::optional<std::string> username{};  // display only, never a key

  // BSUID, phone, parent; those that are there.
  std::vector<Alias> aliases() const;
  bool is_nobody() const { return !user_id && !parent_user_id && !phone; }
};

// Which side of a message is the customer: who wrote it, or to whom the business did.
enum class Side { From, To };
// The entry of `contacts` (the webhook's contacts[], or null) that speaks of the message's customer: by BSUID first,
// then by phone, never by its place. Null when there is none.
const Json* contact_entry_of(const Json* contacts, const Json& message, Side side = Side::From);
// Who is named by user_id, parent_user_id and wa_id of `json` itself, as an entry of contacts[] does.
Sighting person_named_in(const Json& json);
// The message's customer; `entry` may be null.
Sighting customer_of(const Json& message, const Json* entry, Side side = Side::From);
// Whom a thread of the history is with: {"id": phone, "context": {wa_id, user_id, parent_user_id, username}}.
Sighting customer_of_thread(const Json& thread);
// Whom a status is about: recipient_id, recipient_user_id.
Sighting recipient_of(const Json& status);
// Whom a status of a group's message speaks of, in either spelling of Meta's; nobody in others.
Sighting participant_of(const Json& status);

// A system message that says somebody has other ids now (user_changed_number, user_changed_user_id): who it was, and
// who it is. Nothing for other system messages.
struct IdentityChange {
  Sighting before{};
  Sighting after{};
};
std::optional<IdentityChange> identity_change_of(const Json& message);

// An alias that leads to a contact.
struct KnownAlias {
  Alias alias{};
  ContactId contact{};
  Time contact_created{};
};

struct IdentityPlan {
  std::optional<ContactId> contact{};  // nothing: create one
  std::vector<ContactId> merge{};      // into `contact`
  std::vector<Alias> add{};            // to `contact`
  bool operator==(const IdentityPlan&) const = default;
};

// `known`: those of `shown` that lead to a contact.
IdentityPlan plan_identity(const std::vector<Alias>& shown, const std::vector<KnownAlias>& known);

// The same for a change of ids. When the new phone already belongs to another contact the numbers have moved between
// people: nobody is merged, and only what is free is added.
IdentityPlan plan_identity_change(const IdentityChange& change, const std::vector<KnownAlias>& known);

}  // namespace waypost
