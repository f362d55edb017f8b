#include "store/recipients.h"

#include "base/check.h"
#include "base/or_null.h"
#include "conversation/identity.h"
#include "store/pricing.h"

namespace waypost::store {
namespace {

const std::string& select_recipients() {
  static const std::string kText =
      "SELECT participant, state, sent_at, delivered_at, read_at, failed_at, failure_code, pricing FROM "
      "message_recipient WHERE tenant_id = $1 AND message_id = $2 ";
  return kText;
}

RecipientProgress read_recipient(const sql::Row& row) {
  const auto state = message_state(row.text(1));
  WAYPOST_CHECK(state.has_value());
  return {.participant = row.text(0),
          .state = *state,
          .sent_at = row.maybe_time(2),
          .delivered_at = row.maybe_time(3),
          .read_at = row.maybe_time(4),
          .failed_at = row.maybe_time(5),
          .failure_code = row.maybe_number(6),
          .pricing = row.is_null(7) ? Json() : row.json(7)};
}

RecipientProgress find_recipient(sql::Connection& connection, const Message& message, const std::string& participant) {
  static const std::string kText = select_recipients() + "AND participant = $3";
  const auto rows = connection.run(kText, {message.tenant, message.id, participant});
  return rows.empty() ? RecipientProgress{.participant = participant} : read_recipient(rows.front());
}

std::optional<Time>* time_of(RecipientProgress& recipient, MetaWord word) {
  switch (word) {
    case MetaWord::Sent:
      return &recipient.sent_at;
    case MetaWord::Delivered:
      return &recipient.delivered_at;
    case MetaWord::Read:
      return &recipient.read_at;
    case MetaWord::Failed:
      return &recipient.failed_at;
    case MetaWord::Accepted:
    case MetaWord::Played:
      return nullptr;
  }
}

void take(RecipientProgress& recipient, const Status& status) {
  auto* time = time_of(recipient, status.word);
  if (time && (!*time || status.at < **time)) *time = status.at;
  if (status.failure && !recipient.failure_code) recipient.failure_code = status.failure->code;
  if (const auto next = climb(recipient.state, false, status.word)) recipient.state = *next;
}

void write(sql::Connection& connection, const Message& message, const RecipientProgress& recipient) {
  const std::string pricing = recipient.pricing.is_null() ? std::string() : dump(recipient.pricing);
  connection.run(
      "INSERT INTO message_recipient (tenant_id, message_id, participant, state, sent_at, delivered_at, read_at, "
      "failed_at, failure_code, pricing) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (tenant_id, "
      "message_id, participant) DO UPDATE SET state = excluded.state, sent_at = excluded.sent_at, delivered_at = "
      "excluded.delivered_at, read_at = excluded.read_at, failed_at = excluded.failed_at, failure_code = "
      "excluded.failure_code, pricing = excluded.pricing",
      {message.tenant, message.id, recipient.participant, name_of(recipient.state), recipient.sent_at,
       recipient.delivered_at, recipient.read_at, recipient.failed_at, recipient.failure_code,
       pricing.empty() ? sql::Value::null(sql::Type::Json) : sql::Value(sql::JsonText{pricing})});
}

Json shown(const RecipientProgress& recipient) {
  return {{"participant", recipient.participant},           {"status", name_of(recipient.state)},
          {"sentAt", or_null(recipient.sent_at)},           {"deliveredAt", or_null(recipient.delivered_at)},
          {"readAt", or_null(recipient.read_at)},           {"failedAt", or_null(recipient.failed_at)},
          {"failureCode", or_null(recipient.failure_code)}, {"pricing", recipient.pricing}};
}

}  // namespace

std::string participant_key(const Json& status) {
  const auto person = participant_of(status);
  return person.user_id.value_or(person.phone.value_or(""));
}

void advance_recipient(sql::Connection& connection, const Message& message, const RecipientStatus& said) {
  auto recipient = find_recipient(connection, message, said.participant);
  take(recipient, said.status);
  recipient.pricing = meter(
      connection, recipient.pricing,
      {.tenant = message.tenant, .channel = message.channel, .status = said.status.content, .at = said.status.at});
  write(connection, message, recipient);
}

bool is_news_of_recipient(sql::Connection& connection, const Message& message, const RecipientStatus& said) {
  const auto before = find_recipient(connection, message, said.participant);
  auto after = before;
  take(after, said.status);
  const PricingSource source{
      .tenant = message.tenant, .channel = message.channel, .status = said.status.content, .at = said.status.at};
  return shown(after) != shown(before) || says_price_anew(before.pricing, source);
}

std::vector<RecipientProgress> progress_of(sql::Connection& connection, TenantId tenant, MessageId message) {
  static const std::string kText = select_recipients() + "ORDER BY participant";
  std::vector<RecipientProgress> all;
  for (const auto row : connection.run(kText, {tenant, message})) all.push_back(read_recipient(row));
  return all;
}

std::map<MessageId, Json> recipients_of(sql::Connection& connection, TenantId tenant,
                                        const std::vector<Message>& messages) {
  std::map<MessageId, Json> all;
  for (const auto& message : messages) {
    if (!message.outbound) continue;
    Json list = Json::array();
    for (const auto& recipient : progress_of(connection, tenant, message.id)) list.push_back(shown(recipient));
    all.emplace(message.id, std::move(list));
  }
  return all;
}

}  // namespace waypost::store
