// Whom a broadcast goes to: {"groups": [id], "tags": [name], "contactIds": [id]}, all of them together, each contact
// once; and whoever was named one by one (store/broadcast_recipients.h). Looked up a page of contacts at a time, by id,
// so that a million of them take no more memory than a page. Lane only.
//
//   audience_page (a read) ─▶ freeze_page (a write): rows and cursor in one transaction, or neither
//
// Groups of WhatsApp are none of it. Left out at once: opted_out, marketing_stopped (of a MARKETING template),
// no_address. Whoever stops later is left out when it is their turn.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "conversation/contact_filter.h"
#include "store/broadcasts.h"

namespace waypost::store {

struct AudienceQuery {
  TenantId tenant{};
  BroadcastId broadcast{};
  std::vector<ContactFilter> filters{};  // of the groups and tags
  std::vector<ContactId> contacts{};
  bool is_marketing = false;
  Time until{};  // who became a contact later is not in it
};
// A group that is gone has no contacts.
AudienceQuery audience_of(sql::Connection& connection, const Broadcast& broadcast, Time until);

// Meta's category of its messages in prices' words (conversation/rates.h); "": its channel or template is gone.
std::string category_of_broadcast(sql::Connection& connection, const Broadcast& broadcast);

struct AudienceMember {
  ContactId contact{};
  std::string reason{};  // why it is left out; "": it is not
  std::string phone{};   // digits; "": none
};
struct AudiencePage {
  std::vector<AudienceMember> members{};
  std::optional<ContactId> behind{};  // where the next page begins; nothing: that was the last one
};
// Looks at `most` contacts behind that one, and leaves out who has a row already.
AudiencePage audience_page(sql::Connection& connection, const AudienceQuery& query, std::optional<ContactId> behind,
                           std::int64_t most);

// The same of those who were named one by one and wait.
AudiencePage named_page(sql::Connection& connection, const AudienceQuery& query, std::optional<ContactId> behind,
                        std::int64_t most);

// What was read behind `seen.frozen_behind`. False, nothing written: the broadcast is not preparing any more, or
// somebody else froze that page. The last page makes it `sending`.
bool freeze_page(sql::Connection& connection, const Broadcast& seen, const AudiencePage& page, Time now);

}  // namespace waypost::store
