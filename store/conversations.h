// Conversations: one a contact and channel, with its service window. Lane only.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "sql/connection.h"
#include "store/page.h"
#include "store/row_lock.h"

namespace waypost::store {

struct Conversation {
  TenantId tenant{};
  ConversationId id{};
  ChannelId channel{};
  ContactId contact{};
  std::string status = "open";  // open | handoff | closed
  std::optional<UserId> assigned_to{};
  std::int64_t next_seq = 1;
  Time last_message_at{};
  std::optional<std::string> last_message_text{};
  std::optional<Time> last_inbound_at{};
  std::optional<Time> window_opened_at{};  // since when it has been open without a break
  std::optional<Time> window_expires_at{};
  std::optional<Time> window_look_at{};  // store/window_closing.h
  std::int64_t window_version = 0;
  std::optional<MessageId> claim{};  // the fallback template on its way
  std::optional<Time> claimed_at{};
  bool may_hold = false;  // a message of it may be held
  Json fields = Json::object();
  std::optional<ConversationId> merged_into{};
  Time created_at{};
  Time updated_at{};
};

Json to_json(const Conversation& conversation);

// Follows no merge: the row itself.
std::optional<Conversation> find_conversation(sql::Connection& connection, TenantId tenant, ConversationId id,
                                              Lock lock = Lock::None);
// The conversation, or the one that it was merged into; nothing when it is gone.
std::optional<Conversation> surviving_conversation(sql::Connection& connection, TenantId tenant, ConversationId id);
std::optional<Conversation> conversation_of(sql::Connection& connection, TenantId tenant, ContactId contact,
                                            ChannelId channel);
// Both contacts', on all channels, merged ones left out; locked, by id. The caller holds the contacts.
std::vector<Conversation> lock_conversations_of(sql::Connection& connection, TenantId tenant, ContactId one,
                                                ContactId other);
// Finds it or makes it (counted, with conversation.created), holding the contact's row. Concurrent callers get the same
// one; a contact that is merged or gone by now makes the unit run again.
Conversation open_conversation(sql::Connection& connection, TenantId tenant, ContactId contact, ChannelId channel,
                               Time now);
// By last message, newest first, merged ones left out.
std::vector<Conversation> list_conversations(sql::Connection& connection, TenantId tenant, const Page& page);
// The same, of one status; and how many there are, counted up to `most`.
std::vector<Conversation> list_conversations(sql::Connection& connection, TenantId tenant, std::string_view status,
                                             const Page& page);
std::int64_t count_conversations(sql::Connection& connection, TenantId tenant, std::string_view status,
                                 std::int64_t most);
// Writes status, assigned_to and fields, and leaves conversation.updated. The caller holds the row. False when it is
// not there.
bool update_conversation(sql::Connection& connection, const Conversation& conversation, Time now);

}  // namespace waypost::store
