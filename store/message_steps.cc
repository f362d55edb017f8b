#include "store/message_steps.h"

namespace waypost::store {
namespace {

bool is_told(MessageState state) { return state != MessageState::Queued && state != MessageState::Sending; }

}  // namespace

bool move_message(sql::Connection& connection, const Message& from, Message to, Time now) {
  if (to.state == MessageState::Failed) to.failed_at = now;
  if (is_final(to.state)) to.due_at.reset();
  to.updated_at = now;
  const auto& failure = to.failure;
  const auto reason = failure ? std::optional(failure->reason) : std::nullopt;
  const auto words = failure ? std::optional(failure->words) : std::nullopt;
  const auto code = failure ? failure->code : std::nullopt;
  const std::string exchange = to.exchange.is_null() ? std::string() : dump(to.exchange);
  const auto moved = connection.run(
      "UPDATE message SET state = $5, due_at = $6, attempt = $7, attempt_at = $8, failures = $9, failure_reason = $10, "
      "failure_code = $11, failure_words = $12, replaced_by = $13, exchange = $14, wamid = $15, accepted_at = $16, "
      "failed_at = $17, updated_at = $18 WHERE tenant_id = $1 AND id = $2 AND state = $3 AND attempt = $4",
      {from.tenant, from.id, name_of(from.state), from.attempt, name_of(to.state), to.due_at, to.attempt, to.attempt_at,
       to.failures, reason, code, words, to.replaced_by,
       exchange.empty() ? sql::Value::null(sql::Type::Json) : sql::Value(sql::JsonText{exchange}), to.wamid,
       to.accepted_at, to.failed_at, now});
  if (moved.changed() == 0) return false;
  if (is_told(to.state) && to.state != from.state) tell_state(connection, to, now);
  return true;
}

}  // namespace waypost::store
