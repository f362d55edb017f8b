#include "store/broadcast_audience.h"

#include <utility>

#include "conversation/rates.h"
#include "store/channels.h"
#include "store/filter_sql.h"
#include "store/saved_filters.h"
#include "store/templates.h"

namespace waypost::store {
namespace {

template <class Item, class Read>
std::vector<Item> read_ids(const Json& audience, std::string_view key, Read read) {
  std::vector<Item> items;
  const Json* list = find_array(audience, key);
  for (std::size_t at = 0; list != nullptr && at < list->size(); ++at) {
    if (!(*list)[at].is_string()) continue;
    if (auto item = read((*list)[at].get<std::string>())) items.push_back(*std::move(item));
  }
  return items;
}

void add_groups(sql::Connection& connection, const Broadcast& broadcast, AudienceQuery& query) {
  for (const auto id : read_ids<SavedFilterId>(broadcast.audience, "groups", SavedFilterId::parse)) {
    const auto saved = find_saved_filter(connection, broadcast.tenant, id);
    if (!saved) continue;
    if (auto filter = read_contact_filter(saved->filters, "filters")) query.filters.push_back(*std::move(filter));
  }
}

void add_tags(const Broadcast& broadcast, AudienceQuery& query) {
  auto tags = read_ids<std::string>(broadcast.audience, "tags", [](std::string tag) { return std::optional(tag); });
  if (tags.empty()) return;
  query.filters.push_back({.conditions = {{.op = FilterOperator::In, .texts = std::move(tags)}}});
}

// The id of the last of the contacts that a page looks at; nothing: all that are left.
std::optional<ContactId> end_of_page(sql::Connection& connection, TenantId tenant, ContactId behind,
                                     std::int64_t most) {
  const auto rows =
      connection.run("SELECT id FROM contact WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT 1 OFFSET $3",
                     {tenant, behind, most - 1});
  if (rows.empty()) return std::nullopt;
  return rows.front().id<ContactId>(0);
}

std::string who_is_in_it(BoundText& bound, const AudienceQuery& query) {
  std::string any = "1 = 0";
  for (const auto& filter : query.filters) any += " OR " + condition_of(bound, filter);
  std::string ids;
  for (const auto id : query.contacts) ids += (ids.empty() ? "" : ", ") + bound.bind(id);
  if (!ids.empty()) any += " OR contact.id IN (" + ids + ")";
  return "(" + any + ")";
}

std::string why_left_out(const AudienceQuery& query) {
  const std::string marketing =
      query.is_marketing ? "WHEN contact.marketing_stopped THEN 'marketing_stopped' " : std::string();
  return "CASE WHEN contact.opted_out THEN 'opted_out' " + marketing +
         "WHEN contact.phone IS NULL AND contact.user_id IS NULL THEN 'no_address' ELSE '' END";
}

AudienceMember member_of(const sql::Row& row) {
  return {.contact = row.id<ContactId>(0), .reason = row.text(1), .phone = row.maybe_text(2).value_or("")};
}

}  // namespace

std::string category_of_broadcast(sql::Connection& connection, const Broadcast& broadcast) {
  const auto channel = find_channel(connection, broadcast.tenant, broadcast.channel);
  if (!channel) return {};
  const auto known = find_template(
      connection, broadcast.tenant,
      {.waba_id = channel->waba_id, .name = broadcast.template_name, .language = broadcast.template_language});
  return known ? category_of_template(known->category) : std::string();
}

AudienceQuery audience_of(sql::Connection& connection, const Broadcast& broadcast, Time until) {
  AudienceQuery query{.tenant = broadcast.tenant,
                      .broadcast = broadcast.id,
                      .is_marketing = category_of_broadcast(connection, broadcast) == "marketing",
                      .until = until};
  add_groups(connection, broadcast, query);
  add_tags(broadcast, query);
  query.contacts = read_ids<ContactId>(broadcast.audience, "contactIds", ContactId::parse);
  return query;
}

AudiencePage audience_page(sql::Connection& connection, const AudienceQuery& query, std::optional<ContactId> behind,
                           std::int64_t most) {
  AudiencePage page;
  if (query.filters.empty() && query.contacts.empty()) return page;
  const ContactId from = behind.value_or(ContactId{});
  page.behind = end_of_page(connection, query.tenant, from, most);
  BoundText bound(connection.engine());
  std::string text = "SELECT contact.id, " + why_left_out(query) +
                     ", contact.phone FROM contact WHERE contact.tenant_id = " + bound.bind(query.tenant) +
                     " AND contact.id > " + bound.bind(from);
  if (page.behind) text += " AND contact.id <= " + bound.bind(*page.behind);
  text += " AND contact.created_at <= " + bound.bind(query.until);
  text += " AND contact.merged_into IS NULL AND contact.group_id IS NULL AND " + who_is_in_it(bound, query);
  text +=
      " AND NOT EXISTS (SELECT 1 FROM broadcast_recipient AS r WHERE r.tenant_id = contact.tenant_id AND "
      "r.broadcast_id = " +
      bound.bind(query.broadcast) + " AND r.contact_id = contact.id)";
  for (const auto row : connection.run(text, bound.values())) page.members.push_back(member_of(row));
  return page;
}

AudiencePage named_page(sql::Connection& connection, const AudienceQuery& query, std::optional<ContactId> behind,
                        std::int64_t most) {
  BoundText bound(connection.engine());
  std::string text =
      "SELECT r.contact_id, " + why_left_out(query) +
      ", contact.phone FROM broadcast_recipient AS r JOIN contact ON contact.tenant_id = r.tenant_id AND contact.id = "
      "r.contact_id WHERE r.state = 'waiting' AND r.tenant_id = " +
      bound.bind(query.tenant);
  text += " AND r.broadcast_id = " + bound.bind(query.broadcast);
  text += " AND r.contact_id > " + bound.bind(behind.value_or(ContactId{}));
  text += " ORDER BY r.contact_id LIMIT " + bound.bind(most);
  AudiencePage page;
  for (const auto row : connection.run(text, bound.values())) page.members.push_back(member_of(row));
  if (std::cmp_equal(page.members.size(), most)) page.behind = page.members.back().contact;
  return page;
}

bool freeze_page(sql::Connection& connection, const Broadcast& seen, const AudiencePage& page, Time now) {
  auto broadcast = find_broadcast(connection, seen.tenant, seen.id, Lock::UntilCommit);
  if (!broadcast || broadcast->status != BroadcastStatus::Preparing || broadcast->frozen_behind != seen.frozen_behind)
    return false;
  for (const auto& member : page.members) {
    const auto why = member.reason.empty() ? std::nullopt : std::optional<std::string_view>(member.reason);
    connection.run(
        "INSERT INTO broadcast_recipient (tenant_id, broadcast_id, contact_id, state, reason, created_at, updated_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT (tenant_id, broadcast_id, contact_id) DO NOTHING",
        {seen.tenant, seen.id, member.contact, why ? "excluded" : "waiting", why, now});
  }
  if (page.behind) broadcast->frozen_behind = page.behind;
  if (!page.behind) broadcast->prepared_at = now;
  update_broadcast(connection, *broadcast, now);
  if (!page.behind) move_broadcast(connection, *broadcast, BroadcastStatus::Sending, now);
  return true;
}

}  // namespace waypost::store
