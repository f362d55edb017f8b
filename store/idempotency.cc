#include "store/idempotency.h"

#include "store/locks.h"

namespace waypost::store {

Result<std::optional<KeptAnswer>> claim_request(sql::Connection& connection, const RequestKey& request, Time now) {
  connection.run("DELETE FROM idempotency_key WHERE tenant_id = $1 AND key = $2 AND created_at < $3",
                 {request.tenant, request.key, now - kAnswersKept});
  const auto claimed = connection.run(
      "INSERT INTO idempotency_key (tenant_id, key, request_hash, status, answer, created_at) VALUES ($1, $2, $3, 0, "
      "'', $4) ON CONFLICT (tenant_id, key) DO NOTHING RETURNING key",
      {request.tenant, request.key, sql::Bytes{request.hash}, now});
  if (!claimed.empty()) return std::nullopt;
  const auto kept =
      connection.run("SELECT request_hash, status, answer FROM idempotency_key WHERE tenant_id = $1 AND key = $2",
                     {request.tenant, request.key});
  if (kept.empty()) run_again("an idempotency key was dropped by another transaction");
  const auto row = kept.front();
  if (row.bytes(0) != request.hash) {
    return fail(Error(ErrorKind::Rejected, "this Idempotency-Key came with another request before")
                    .with_code("idempotency_key_reused"));
  }
  return KeptAnswer{.status = row.number(1), .body = row.text(2)};
}

void keep_answer(sql::Connection& connection, const RequestKey& request, ConversationId conversation,
                 const KeptAnswer& answer) {
  connection.run(
      "UPDATE idempotency_key SET conversation_id = $3, status = $4, answer = $5 WHERE tenant_id = $1 AND key = $2",
      {request.tenant, request.key, conversation, answer.status, answer.body});
}

void move_answers(sql::Connection& connection, const Conversation& lost, ConversationId survivor) {
  connection.run(
      "UPDATE idempotency_key SET conversation_id = $3 WHERE tenant_id = $1 AND conversation_id = $2 AND "
      "conversation_id IS NOT NULL",
      {lost.tenant, lost.id, survivor});
}

void erase_answers(sql::Connection& connection, TenantId tenant, ContactId contact) {
  connection.run(
      "DELETE FROM idempotency_key WHERE tenant_id = $1 AND conversation_id IN (SELECT id FROM conversation WHERE "
      "tenant_id = $1 AND contact_id = $2)",
      {tenant, contact});
}

std::int64_t drop_old_answers(sql::Connection& connection, Time now, std::int64_t most) {
  return connection
      .run(
          "DELETE FROM idempotency_key WHERE (tenant_id, key) IN (SELECT tenant_id, key FROM idempotency_key WHERE "
          "created_at < $1 LIMIT $2) AND created_at < $1",
          {now - kAnswersKept, most})
      .changed();
}

}  // namespace waypost::store
