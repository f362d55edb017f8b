// Idempotency: a send over the API that comes again with its key is answered as it was the first time, and sends
// nothing. The row is written in the message's transaction, so that there is an answer exactly where there is a
// message; of two requests at the same time, on whichever nodes, the second one waits for the first at the unique key.
// Lane only.

#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/error.h"
#include "sql/connection.h"
#include "store/conversations.h"

namespace waypost::store {

inline constexpr std::chrono::hours kAnswersKept{24};

struct RequestKey {
  TenantId tenant{};
  std::string key{};   // the caller's
  std::string hash{};  // of what is asked for: SHA-256, 32 bytes
};
struct KeptAnswer {
  std::int64_t status = 200;
  std::string body{};
};

// The answer of the first time; or nothing, and the key is this unit's: it calls keep_answer() before its end, or
// returns an Error, which undoes the claim. Rejected, idempotency_key_reused: the key came with something else.
Result<std::optional<KeptAnswer>> claim_request(sql::Connection& connection, const RequestKey& request, Time now);
void keep_answer(sql::Connection& connection, const RequestKey& request, ConversationId conversation,
                 const KeptAnswer& answer);

// An answer holds the message: it goes where the conversation goes, and when the contact is erased.
void move_answers(sql::Connection& connection, const Conversation& lost, ConversationId survivor);
void erase_answers(sql::Connection& connection, TenantId tenant, ContactId contact);
// At most `most` of those older than kAnswersKept; how many.
std::int64_t drop_old_answers(sql::Connection& connection, Time now, std::int64_t most);

}  // namespace waypost::store
