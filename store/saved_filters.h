// Saved filters, the groups of the API: a name and conditions (conversation/contact_filter.h). Who is in one is asked
// when it is needed. Lane only.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "conversation/contact_filter.h"
#include "sql/connection.h"
#include "store/contacts.h"

namespace waypost::store {

using SavedFilterId = Id<struct SavedFilterTag>;

struct SavedFilter {
  TenantId tenant{};
  SavedFilterId id{};
  std::string name{};
  Json filters = Json::object();
  Time created_at{};
  Time updated_at{};
};
Json to_json(const SavedFilter& saved);

SavedFilter create_saved_filter(sql::Connection& connection, SavedFilter saved, Time now);
std::optional<SavedFilter> find_saved_filter(sql::Connection& connection, TenantId tenant, SavedFilterId id);
std::vector<SavedFilter> list_saved_filters(sql::Connection& connection, TenantId tenant);  // by name
// Writes name and filters. False when it is not there.
bool update_saved_filter(sql::Connection& connection, const SavedFilter& saved, Time now);
bool delete_saved_filter(sql::Connection& connection, TenantId tenant, SavedFilterId id);

// Newest first, merged ones and groups of WhatsApp left out; and how many there are, counted up to `most`.
std::vector<Contact> contacts_of(sql::Connection& connection, TenantId tenant, const ContactFilter& filter,
                                 const Page& page);
std::int64_t count_contacts_of(sql::Connection& connection, TenantId tenant, const ContactFilter& filter,
                               std::int64_t most);

}  // namespace waypost::store
