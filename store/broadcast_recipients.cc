#include "store/broadcast_recipients.h"

#include <algorithm>
#include <utility>

#include "base/or_null.h"
#include "store/locks.h"

namespace waypost::store {
namespace {

constexpr std::int64_t kRowsAtOnce = 500;  // that one unit changes

// What became of it, by its own row and its message's.
constexpr std::string_view kState =
    "CASE r.state WHEN 'waiting' THEN $3 WHEN 'excluded' THEN 'excluded' ELSE COALESCE(m.state, 'gone') END";
constexpr std::string_view kReason = "COALESCE(r.reason, m.failure_reason)";
constexpr std::string_view kFrom =
    " FROM broadcast_recipient AS r LEFT JOIN message AS m ON m.tenant_id = r.tenant_id AND m.id = r.message_id ";
constexpr std::string_view kOfBroadcast = "WHERE r.tenant_id = $1 AND r.broadcast_id = $2 ";

std::string_view word_for_waiting(const Broadcast& broadcast) {
  return broadcast.status == BroadcastStatus::Cancelled ? "cancelled" : "waiting";
}

const std::string& select_views() {
  static const std::string kText =
      "SELECT r.contact_id, COALESCE(c.name, c.book_name, c.profile_name, ''), c.phone, c.user_id, " +
      std::string(kState) + ", " + std::string(kReason) +
      ", r.parameters, r.message_id, m.created_at, m.accepted_at, m.sent_at, m.delivered_at, m.read_at, m.failed_at, "
      "r.updated_at" +
      std::string(kFrom) + "LEFT JOIN contact AS c ON c.tenant_id = r.tenant_id AND c.id = r.contact_id " +
      std::string(kOfBroadcast);
  return kText;
}

// "" asks for all: $4 the state, $5 the reason.
const std::string& filter_text() {
  static const std::string kText =
      "AND ($4 = '' OR " + std::string(kState) + " = $4) AND ($5 = '' OR " + std::string(kReason) + " = $5) ";
  return kText;
}

RecipientView read_view(const sql::Row& row) {
  return {.contact = row.id<ContactId>(0),
          .name = row.text(1),
          .phone = row.maybe_text(2),
          .user_id = row.maybe_text(3),
          .state = row.text(4),
          .reason = row.maybe_text(5),
          .parameters = row.is_null(6) ? Json() : row.json(6),
          .message = row.maybe_id<MessageId>(7),
          .queued_at = row.maybe_time(8),
          .accepted_at = row.maybe_time(9),
          .sent_at = row.maybe_time(10),
          .delivered_at = row.maybe_time(11),
          .read_at = row.maybe_time(12),
          .failed_at = row.maybe_time(13),
          .updated_at = row.time(14)};
}

std::vector<RecipientView> read_views(const sql::Rows& rows) {
  std::vector<RecipientView> views;
  for (const auto row : rows) views.push_back(read_view(row));
  return views;
}

std::optional<Alias> alias_of(const NamedRecipient& named) {
  if (named.phone) return Alias{.kind = AliasKind::Phone, .value = *named.phone};
  if (named.user_id) return Alias{.kind = AliasKind::Bsuid, .value = *named.user_id};
  return std::nullopt;
}

// What one recipient's row says for the totals.
void add_row(const sql::Row& row, RecipientTotals& totals, Time now) {
  const auto state = row.text(1);
  const auto reason = row.maybe_text(2).value_or("");
  const auto accepted_at = row.maybe_time(3);
  const bool was_read = !row.is_null(5);
  const bool was_delivered = was_read || !row.is_null(4);
  totals.recipients += 1;
  totals.states[state] += 1;
  if (state == "excluded") totals.excluded[reason] += 1;
  if (state == "failed" || state == "expired") totals.failed[reason] += 1;
  totals.sent += accepted_at || was_delivered ? 1 : 0;
  totals.delivered += was_delivered ? 1 : 0;
  totals.read += was_read ? 1 : 0;
  totals.replied += row.boolean(6) ? 1 : 0;
  totals.opted_out += row.boolean(7) ? 1 : 0;
  totals.sent_lately += accepted_at && *accepted_at > now - std::chrono::minutes(1) ? 1 : 0;
}

}  // namespace

std::optional<ContactId> contact_for(sql::Connection& connection, TenantId tenant, const NamedRecipient& named,
                                     Time now) {
  if (named.contact) {
    const auto contact = surviving_contact(connection, tenant, *named.contact);
    return contact ? std::optional(contact->id) : std::nullopt;
  }
  const auto alias = alias_of(named);
  if (!alias) return std::nullopt;
  if (const auto known = contact_of_alias(connection, tenant, *alias)) return known;
  const auto made =
      create_contact(connection, {.tenant = tenant, .name = named.name, .phone = named.phone, .user_id = named.user_id},
                     {*alias}, now);
  if (!made) run_again("a contact was made by another transaction");
  return made->id;
}

void name_recipient(sql::Connection& connection, const RecipientKey& key, const Json& parameters, Time now) {
  const std::string json = parameters.is_null() ? std::string() : dump(parameters);
  connection.run(
      "INSERT INTO broadcast_recipient (tenant_id, broadcast_id, contact_id, state, parameters, created_at, "
      "updated_at) VALUES ($1, $2, $3, 'waiting', $4, $5, $5) ON CONFLICT (tenant_id, broadcast_id, contact_id) DO "
      "UPDATE SET parameters = excluded.parameters, updated_at = excluded.updated_at",
      {key.tenant, key.broadcast, key.contact,
       parameters.is_null() ? sql::Value::null(sql::Type::Json) : sql::Value(sql::JsonText{json}), now});
}

Json to_json(const RecipientView& recipient) {
  return {{"contactId", recipient.contact.text()},
          {"name", recipient.name},
          {"phone", recipient.phone ? Json("+" + *recipient.phone) : Json()},
          {"userId", or_null(recipient.user_id)},
          {"state", recipient.state},
          {"reason", or_null(recipient.reason)},
          {"parameters", recipient.parameters},
          {"messageId", recipient.message ? Json(recipient.message->text()) : Json()},
          {"queuedAt", or_null(recipient.queued_at)},
          {"acceptedAt", or_null(recipient.accepted_at)},
          {"sentAt", or_null(recipient.sent_at)},
          {"deliveredAt", or_null(recipient.delivered_at)},
          {"readAt", or_null(recipient.read_at)},
          {"failedAt", or_null(recipient.failed_at)},
          {"updatedAt", iso8601(recipient.updated_at)}};
}

std::vector<RecipientView> recipients_page(sql::Connection& connection, const Broadcast& broadcast,
                                           const RecipientFilter& filter, const Page& page) {
  static const std::string kText = select_views() + filter_text() + "ORDER BY r.contact_id LIMIT $6 OFFSET $7";
  return read_views(
      connection.run(kText, {broadcast.tenant, broadcast.id, word_for_waiting(broadcast), filter.state.value_or(""),
                             filter.reason.value_or(""), page.limit, page.offset}));
}

std::vector<RecipientView> recipients_behind(sql::Connection& connection, const Broadcast& broadcast,
                                             const RecipientFilter& filter, ContactId behind) {
  static const std::string kText =
      select_views() + filter_text() + "AND r.contact_id > $6 ORDER BY r.contact_id LIMIT $7";
  return read_views(
      connection.run(kText, {broadcast.tenant, broadcast.id, word_for_waiting(broadcast), filter.state.value_or(""),
                             filter.reason.value_or(""), behind, static_cast<std::int64_t>(kRecipientsAtOnce)}));
}

std::int64_t count_recipients(sql::Connection& connection, const Broadcast& broadcast, const RecipientFilter& filter,
                              std::int64_t most) {
  static const std::string kAll = "SELECT count(*) FROM broadcast_recipient WHERE tenant_id = $1 AND broadcast_id = $2";
  static const std::string kSome = "SELECT count(*) FROM (SELECT 1" + std::string(kFrom) + std::string(kOfBroadcast) +
                                   filter_text() + "LIMIT $6) AS counted";
  if (!filter.state && !filter.reason) return connection.run(kAll, {broadcast.tenant, broadcast.id}).front().number(0);
  return connection
      .run(kSome, {broadcast.tenant, broadcast.id, word_for_waiting(broadcast), filter.state.value_or(""),
                   filter.reason.value_or(""), most})
      .front()
      .number(0);
}

TotalsPage totals_page(sql::Connection& connection, const Broadcast& broadcast, ContactId behind, Time now) {
  static const std::string kText =
      "SELECT r.contact_id, " + std::string(kState) + ", " + std::string(kReason) +
      ", m.accepted_at, m.delivered_at, m.read_at, "
      "CASE WHEN v.last_inbound_at > m.happened_at THEN EXISTS (SELECT 1 FROM message AS i WHERE i.tenant_id = "
      "m.tenant_id AND i.conversation_id = m.conversation_id AND i.happened_at > m.happened_at AND i.happened_at <= "
      "m.happened_at + $6 AND i.direction = 'in') ELSE false END, "
      "COALESCE(c.opted_out AND c.opt_said_at > m.happened_at AND c.opt_said_at <= m.happened_at + $6, false)" +
      std::string(kFrom) +
      "LEFT JOIN conversation AS v ON v.tenant_id = m.tenant_id AND v.id = m.conversation_id LEFT JOIN contact AS c ON "
      "c.tenant_id = m.tenant_id AND c.id = m.contact_id " +
      std::string(kOfBroadcast) + "AND r.contact_id > $4 ORDER BY r.contact_id LIMIT $5";
  const auto most = static_cast<std::int64_t>(kRecipientsAtOnce);
  const auto rows = connection.run(kText, {broadcast.tenant, broadcast.id, word_for_waiting(broadcast), behind, most,
                                           std::chrono::duration_cast<milliseconds>(kResponseTime).count()});
  TotalsPage page;
  for (const auto row : rows) add_row(row, page.totals, now);
  if (rows.size() == kRecipientsAtOnce) page.behind = rows[rows.size() - 1].id<ContactId>(0);
  return page;
}

void add(RecipientTotals& sum, const RecipientTotals& more) {
  sum.recipients += more.recipients;
  for (const auto& [state, count] : more.states) sum.states[state] += count;
  for (const auto& [reason, count] : more.excluded) sum.excluded[reason] += count;
  for (const auto& [reason, count] : more.failed) sum.failed[reason] += count;
  sum.sent += more.sent;
  sum.delivered += more.delivered;
  sum.read += more.read;
  sum.replied += more.replied;
  sum.opted_out += more.opted_out;
  sum.sent_lately += more.sent_lately;
}

RetryPage retry_page(sql::Connection& connection, const Broadcast& broadcast, const RetryRules& rules,
                     ContactId behind) {
  static const std::string kText =
      "SELECT r.contact_id, r.message_id, m.state, COALESCE(m.failure_reason, ''), m.replaced_by" + std::string(kFrom) +
      std::string(kOfBroadcast) + "AND r.state = 'taken' AND r.contact_id > $3 ORDER BY r.contact_id LIMIT $4";
  const auto rows = connection.run(kText, {broadcast.tenant, broadcast.id, behind, kRowsAtOnce});
  RetryPage page;
  for (const auto row : rows) {
    const auto state = row.maybe_text(2).value_or("");
    const auto reason = row.text(3);
    const bool is_failed = (state == "failed" || state == "expired") && row.is_null(4);
    const bool is_asked = rules.reasons.empty() || std::ranges::find(rules.reasons, reason) != rules.reasons.end();
    if (is_failed && is_asked && may_retry(reason, rules.unknown))
      page.recipients.push_back({.contact = row.id<ContactId>(0), .message = row.id<MessageId>(1)});
  }
  if (std::cmp_equal(rows.size(), kRowsAtOnce)) page.behind = rows[rows.size() - 1].id<ContactId>(0);
  return page;
}

Result<std::int64_t> retry_recipients(sql::Connection& connection, const Broadcast& seen,
                                      const std::vector<Recipient>& recipients, Time now) {
  const auto broadcast = find_broadcast(connection, seen.tenant, seen.id, Lock::UntilCommit);
  if (!broadcast) return fail(ErrorKind::NotFound, "there is no such broadcast");
  const auto next = after(broadcast->status, BroadcastWish::Retry, broadcast->prepared_at.has_value());
  if (!next) {
    return fail(ErrorKind::Conflict, "a " + std::string(name_of(broadcast->status)) + " broadcast cannot be retried");
  }
  std::int64_t waiting = 0;
  for (const auto& [contact, message] : recipients) {
    waiting += connection
                   .run(
                       "UPDATE broadcast_recipient SET state = 'waiting', updated_at = $5 WHERE tenant_id = $1 AND "
                       "broadcast_id = $2 AND contact_id = $3 AND state = 'taken' AND message_id = $4",
                       {seen.tenant, seen.id, contact, message, now})
                   .changed();
  }
  if (waiting > 0 && *next != broadcast->status) move_broadcast(connection, *broadcast, *next, now);
  return waiting;
}

std::int64_t drop_recipients(sql::Connection& connection, const Broadcast& broadcast) {
  return connection
      .run(
          "DELETE FROM broadcast_recipient WHERE tenant_id = $1 AND broadcast_id = $2 AND contact_id IN (SELECT "
          "contact_id FROM broadcast_recipient WHERE tenant_id = $1 AND broadcast_id = $2 LIMIT $3)",
          {broadcast.tenant, broadcast.id, kRowsAtOnce})
      .changed();
}

}  // namespace waypost::store
