#include "store/resend.h"

#include <utility>

#include "store/locks.h"

namespace waypost::store {
namespace {

std::unexpected<Error> conflict(std::string_view code, std::string words) {
  return fail(Error(ErrorKind::Conflict, std::move(words)).with_code(std::string(code)));
}

std::unexpected<Error> not_there() { return fail(ErrorKind::NotFound, "there is no such message"); }

Message same_again(const Message& original, const Resend& asked) {
  Message again{.type = original.type, .text = original.text, .content = original.content};
  again.reply_to = original.reply_to;
  again.policy = original.policy;
  again.author = asked.author;
  again.author_id = asked.author_id;
  again.replaces = original.id;
  return again;
}

// What a fallback template stands in for is not the same again.
Result<Resent> sent_instead(sql::Connection& connection, const Message& original) {
  auto instead = find_message(connection, original.tenant, *original.replaced_by);
  if (instead && instead->replaces == original.id && instead->author != "fallback")
    return Resent{.message = *std::move(instead), .repeated = true};
  return conflict("replaced", "another message was sent instead of this one");
}

}  // namespace

Result<Resent> resend_message(sql::Connection& connection, const Resend& asked, Time now) {
  const auto seen = find_message(connection, asked.tenant, asked.message);
  if (!seen) return not_there();
  const auto original = lock_with_conversation(connection, *seen);
  if (!original) return not_there();
  if (original->replaced_by) return sent_instead(connection, *original);
  const bool is_ours = original->outbound && original->via == MessageVia::Own;
  if (!is_ours || original->state != MessageState::Failed)
    return conflict("not_failed", "only a message that was sent here and has failed can be sent again");
  const auto conversation = find_conversation(connection, asked.tenant, original->conversation);
  if (!conversation) return not_there();
  auto accepted = accept_message(connection, *conversation, same_again(*original, asked), asked.rules, now);
  if (!accepted) return fail(std::move(accepted).error());
  connection.run("UPDATE message SET replaced_by = $3, updated_at = $4 WHERE tenant_id = $1 AND id = $2",
                 {asked.tenant, original->id, accepted->id, now});
  return Resent{.message = *std::move(accepted)};
}

}  // namespace waypost::store
