#include "store/locks.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/crypto.h"

namespace waypost::store {

void run_again(std::string_view why) { throw sql::Fault(sql::FaultKind::Contention, std::string(why)); }

// Followed without locks, so that only one row is held and the order is kept.
std::optional<Contact> lock_contact(sql::Connection& connection, TenantId tenant, ContactId id) {
  const auto seen = surviving_contact(connection, tenant, id);
  if (!seen) return std::nullopt;
  auto contact = find_contact(connection, tenant, seen->id, Lock::UntilCommit);
  if (contact && contact->merged_into != seen->merged_into) run_again("a contact was merged by another transaction");
  return contact;
}

std::vector<Contact> lock_contacts(sql::Connection& connection, TenantId tenant, std::vector<ContactId> ids) {
  std::ranges::sort(ids);
  const auto twice = std::ranges::unique(ids);
  ids.erase(twice.begin(), twice.end());
  std::vector<Contact> contacts;
  for (const auto& id : ids) {
    if (auto contact = find_contact(connection, tenant, id, Lock::UntilCommit)) contacts.push_back(*std::move(contact));
  }
  return contacts;
}

std::optional<Conversation> lock_surviving_conversation(sql::Connection& connection, TenantId tenant,
                                                        ConversationId id) {
  const auto seen = surviving_conversation(connection, tenant, id);
  if (!seen) return std::nullopt;
  auto conversation = find_conversation(connection, tenant, seen->id, Lock::UntilCommit);
  if (conversation && conversation->merged_into != seen->merged_into) {
    run_again("a conversation was merged by another transaction");
  }
  return conversation;
}

std::optional<Message> lock_message(sql::Connection& connection, TenantId tenant, MessageId id) {
  return find_message(connection, tenant, id, Lock::UntilCommit);
}

std::optional<Message> lock_with_conversation(sql::Connection& connection, const Message& seen) {
  find_conversation(connection, seen.tenant, seen.conversation, Lock::UntilCommit);
  auto message = lock_message(connection, seen.tenant, seen.id);
  if (message && message->conversation != seen.conversation) run_again("a message was moved by another transaction");
  return message;
}

// A channel belongs to one workspace.
void lock_status_key(sql::Connection& connection, ChannelId channel, std::string_view wamid) {
  if (connection.engine() == sql::Engine::Sqlite) return;
  const auto& id = channel.uuid.bytes;
  std::string text(reinterpret_cast<const char*>(id.data()), id.size());
  text += wamid;
  const Digest digest = sha256(text);
  std::uint64_t key = 0;
  for (std::size_t at = 0; at < sizeof key; ++at) key = key << 8 | digest[at];
  sql::lock_until_commit(connection, sql::LockKind::ParkedStatus, key);
}

}  // namespace waypost::store
