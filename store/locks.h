// Locks: rows that are read in order to be changed. On PostgreSQL several lanes of several nodes write at the same
// time, READ COMMITTED: what a unit read without a lock may be another's by the time it writes. So it locks, reads what
// it locked, and judges by that. Lane only.
//
// THE ORDER, which every unit keeps (one that receives several messages: for each of them), against circles:
//
//   1  a seen id; the key of a parked status;   first_seen; lock_status_key;
//      the key of a repeated request            claim_request
//   2  channels
//   3  contacts, by id                          lock_contact, lock_contacts
//   4  conversations, by id                     lock_surviving_conversation, find_conversation(…, Lock::UntilCommit),
//                                               lock_conversations_of
//   5  messages                                 lock_message, lock_with_conversation
//   6  triggers, runs and their steps
//   7  aliases, recipients, failures of work, free entries, uploads, media, then their files
//   8  counters
//
// Who must hold what:
//   attaches anything to a contact, or writes its row     the contact, and it is not merged
//   inserts a message, a trigger or a run                 its conversation, and it is not merged
//   moves a message by what he read of it                 the message, or a CAS on what he read
//   fails a message, which may send another instead       its conversation, then the message
//
// Where the world has moved between the look and the lock, the unit runs again from its beginning (run_again), and then
// sees it as it is.

#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "store/contacts.h"
#include "store/conversations.h"
#include "store/messages.h"
#include "store/row_lock.h"

namespace waypost::store {

// Throws Fault: Contention. Only for what another transaction has changed since this unit looked: the lane repeats it.
[[noreturn]] void run_again(std::string_view why);

// The contact, or the one that it was merged into. Nothing when it is gone.
std::optional<Contact> lock_contact(sql::Connection& connection, TenantId tenant, ContactId id);
// The rows themselves, by id; those that are gone are left out.
std::vector<Contact> lock_contacts(sql::Connection& connection, TenantId tenant, std::vector<ContactId> ids);

// The conversation, or the one that it was merged into. Nothing when it is gone.
std::optional<Conversation> lock_surviving_conversation(sql::Connection& connection, TenantId tenant,
                                                        ConversationId id);

// The row itself.
std::optional<Message> lock_message(sql::Connection& connection, TenantId tenant, MessageId id);
// The conversation that `seen` says, then the message as it stands now. Nothing when it is gone; runs again when it is
// in another conversation by now.
std::optional<Message> lock_with_conversation(sql::Connection& connection, const Message& seen);

// Whoever parks a status for this wamid, and whoever gives the wamid to a message: each sees what the other wrote. The
// same on every node.
void lock_status_key(sql::Connection& connection, ChannelId channel, std::string_view wamid);

}  // namespace waypost::store
