#include "store/recipients.h"

#include "base/check.h"
#include "conversation/identity.h"
#include "store/pricing.h"

namespace waypost::store {
namespace {

struct Recipient {
  MessageState state = MessageState::Queued;
  std::optional<Time> sent_at{};
  std::optional<Time> delivered_at{};
  std::optional<Time> read_at{};
  std::optional<Time> failed_at{};
  std::optional<std::int64_t> failure_code{};
  Json pricing{};
};

Recipient read_recipient(const sql::Row& row) {
  const auto state = message_state(row.text(0));
  WAYPOST_CHECK(state.has_value());
  return {.state = *state,
          .sent_at = row.maybe_time(1),
          .delivered_at = row.maybe_time(2),
          .read_at = row.maybe_time(3),
          .failed_at = row.maybe_time(4),
          .failure_code = row.maybe_number(5),
          .pricing = row.is_null(6) ? Json() : row.json(6)};
}

Recipient find_recipient(sql::Connection& connection, const Message& message, const std::string& participant) {
  const auto rows = connection.run(
      "SELECT state, sent_at, delivered_at, read_at, failed_at, failure_code, pricing FROM message_recipient WHERE "
      "tenant_id = $1 AND message_id = $2 AND participant = $3",
      {message.tenant, message.id, participant});
  return rows.empty() ? Recipient{} : read_recipient(rows.front());
}

std::optional<Time>* time_of(Recipient& recipient, MetaWord word) {
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

void take(Recipient& recipient, const Status& status) {
  auto* time = time_of(recipient, status.word);
  if (time && (!*time || status.at < **time)) *time = status.at;
  if (status.failure && !recipient.failure_code) recipient.failure_code = status.failure->code;
  if (const auto next = climb(recipient.state, false, status.word)) recipient.state = *next;
}

void write(sql::Connection& connection, const Message& message, const std::string& participant,
           const Recipient& recipient) {
  const std::string pricing = recipient.pricing.is_null() ? std::string() : dump(recipient.pricing);
  connection.run(
      "INSERT INTO message_recipient (tenant_id, message_id, participant, state, sent_at, delivered_at, read_at, "
      "failed_at, failure_code, pricing) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (tenant_id, "
      "message_id, participant) DO UPDATE SET state = excluded.state, sent_at = excluded.sent_at, delivered_at = "
      "excluded.delivered_at, read_at = excluded.read_at, failed_at = excluded.failed_at, failure_code = "
      "excluded.failure_code, pricing = excluded.pricing",
      {message.tenant, message.id, participant, name_of(recipient.state), recipient.sent_at, recipient.delivered_at,
       recipient.read_at, recipient.failed_at, recipient.failure_code,
       pricing.empty() ? sql::Value::null(sql::Type::Json) : sql::Value(sql::JsonText{pricing})});
}

Json shown(const Recipient& recipient, const std::string& participant) {
  const auto time = [](const std::optional<Time>& at) { return at ? Json(iso8601(*at)) : Json(); };
  return {{"participant", participant},
          {"status", name_of(recipient.state)},
          {"sentAt", time(recipient.sent_at)},
          {"deliveredAt", time(recipient.delivered_at)},
          {"readAt", time(recipient.read_at)},
          {"failedAt", time(recipient.failed_at)},
          {"failureCode", recipient.failure_code ? Json(*recipient.failure_code) : Json()},
          {"pricing", recipient.pricing}};
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
  write(connection, message, said.participant, recipient);
}

bool is_news_of_recipient(sql::Connection& connection, const Message& message, const RecipientStatus& said) {
  const auto before = find_recipient(connection, message, said.participant);
  auto after = before;
  take(after, said.status);
  const PricingSource source{
      .tenant = message.tenant, .channel = message.channel, .status = said.status.content, .at = said.status.at};
  return shown(after, said.participant) != shown(before, said.participant) || says_price_anew(before.pricing, source);
}

std::map<MessageId, Json> recipients_of(sql::Connection& connection, TenantId tenant,
                                        const std::vector<Message>& messages) {
  std::map<MessageId, Json> all;
  for (const auto& message : messages) {
    if (!message.outbound) continue;
    const auto rows = connection.run(
        "SELECT state, sent_at, delivered_at, read_at, failed_at, failure_code, pricing, participant FROM "
        "message_recipient WHERE tenant_id = $1 AND message_id = $2 ORDER BY participant",
        {tenant, message.id});
    Json list = Json::array();
    for (const auto row : rows) list.push_back(shown(read_recipient(row), row.text(7)));
    all.emplace(message.id, std::move(list));
  }
  return all;
}

}  // namespace waypost::store
