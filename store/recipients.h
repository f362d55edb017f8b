// Recipients: how far a message to a group came with each of its participants. Meta sends a status for each. Lane only.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "store/statuses.h"

namespace waypost::store {

// The participant as Meta names it, a BSUID or digits; "" for a status that is of no group.
std::string participant_key(const Json& status);

struct RecipientStatus {
  const std::string& participant;
  const Status& status;
};
// The row climbs as a message does (law 10). `message` is held.
void advance_recipient(sql::Connection& connection, const Message& message, const RecipientStatus& said);
// Whether the row would change.
bool is_news_of_recipient(sql::Connection& connection, const Message& message, const RecipientStatus& said);

struct RecipientProgress {
  std::string participant{};
  MessageState state = MessageState::Queued;
  std::optional<Time> sent_at{};
  std::optional<Time> delivered_at{};
  std::optional<Time> read_at{};
  std::optional<Time> failed_at{};
  std::optional<std::int64_t> failure_code{};  // Meta's
  Json pricing{};                              // store/pricing.h; null: Meta has not said
};
// By participant; none of a message that went to no group.
std::vector<RecipientProgress> progress_of(sql::Connection& connection, TenantId tenant, MessageId message);

// [{"participant","status","sentAt","deliveredAt","readAt","failedAt","failureCode","pricing"}], by message.
std::map<MessageId, Json> recipients_of(sql::Connection& connection, TenantId tenant,
                                        const std::vector<Message>& messages);

}  // namespace waypost::store
