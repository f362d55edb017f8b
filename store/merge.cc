#include "store/merge.h"

#include <algorithm>

#include "conversation/opt_out.h"
#include "store/counters.h"
#include "store/elsewhere.h"
#include "store/events.h"
#include "store/free_entry.h"
#include "store/idempotency.h"
#include "store/locks.h"
#include "store/message_marks.h"
#include "store/portfolio.h"

namespace waypost::store {
namespace {

struct Pair {
  Contact survivor{};
  Contact lost{};
};

Pair lock_pair(sql::Connection& connection, const SamePerson& person) {
  Pair pair;
  for (auto& contact : lock_contacts(connection, person.tenant, {person.survivor, person.lost})) {
    if (contact.merged_into) continue;
    if (contact.id == person.survivor)
      pair.survivor = std::move(contact);
    else if (contact.id == person.lost)
      pair.lost = std::move(contact);
  }
  const bool whole = pair.survivor.id == person.survivor && pair.lost.id == person.lost;
  if (!whole) run_again("a contact was merged or erased by another transaction");
  return pair;
}

template <class T>
void fill(std::optional<T>& mine, const std::optional<T>& theirs) {
  if (!mine) mine = theirs;
}

// What was said last, to WhatsApp; where nobody said when, the wish not to get it.
void unite_marketing(Contact& whole, const Contact& lost) {
  if (whole.marketing_said_at == lost.marketing_said_at) {
    whole.marketing_stopped = whole.marketing_stopped || lost.marketing_stopped;
  } else if (whole.marketing_said_at < lost.marketing_said_at) {
    whole.marketing_stopped = lost.marketing_stopped;
    whole.marketing_said_at = lost.marketing_said_at;
  }
}

void unite_opting(Contact& whole, const Contact& lost) {
  const auto standing = waypost::united({.opted_out = whole.opted_out, .said_at = whole.opt_said_at},
                                        {.opted_out = lost.opted_out, .said_at = lost.opt_said_at});
  whole.opted_out = standing.opted_out;
  whole.opt_said_at = standing.said_at;
}

// The survivor's word wins; of wishes what messages to get, the last one.
Contact united(const Pair& pair) {
  Contact whole = pair.survivor;
  fill(whole.name, pair.lost.name);
  if (whole.book_said_at < pair.lost.book_said_at) {
    whole.book_name = pair.lost.book_name;
    whole.book_said_at = pair.lost.book_said_at;
  }
  fill(whole.profile_name, pair.lost.profile_name);
  fill(whole.username, pair.lost.username);
  fill(whole.phone, pair.lost.phone);
  fill(whole.user_id, pair.lost.user_id);
  fill(whole.language, pair.lost.language);
  unite_opting(whole, pair.lost);
  unite_marketing(whole, pair.lost);
  whole.embargo_until = std::max(whole.embargo_until, pair.lost.embargo_until);
  whole.fields = pair.lost.fields;
  whole.fields.update(pair.survivor.fields);
  for (const auto& tag : pair.lost.tags) {
    if (std::ranges::find(whole.tags, tag) == whole.tags.end()) whole.tags.push_back(tag);
  }
  return whole;
}

std::string_view united_status(const Conversation& survivor, const Conversation& lost) {
  for (const std::string_view status : {"handoff", "open"}) {
    if (survivor.status == status || lost.status == status) return status;
  }
  return "closed";
}

std::optional<Time> later(std::optional<Time> a, std::optional<Time> b) { return a < b ? b : a; }

void move_conversation(sql::Connection& connection, const Conversation& conversation, ContactId to, Time now) {
  connection.run("UPDATE conversation SET contact_id = $3, updated_at = $4 WHERE tenant_id = $1 AND id = $2",
                 {conversation.tenant, conversation.id, to, now});
  connection.run("UPDATE message SET contact_id = $3 WHERE tenant_id = $1 AND conversation_id = $2",
                 {conversation.tenant, conversation.id, to});
  // By the contact, whose runs have an index; all of the conversation's are that contact's.
  connection.run("UPDATE run SET contact_id = $3 WHERE tenant_id = $1 AND conversation_id = $2 AND contact_id = $4",
                 {conversation.tenant, conversation.id, to, conversation.contact});
}

// One row of a stream may be sending. Whoever committed the lost one's attempt may still be at it; its outcome is
// written by its id, and is unknown until then.
void settle_second_sending(sql::Connection& connection, const Conversation& survivor, const Conversation& lost,
                           Time now) {
  connection.run(
      "UPDATE message SET state = 'unknown', due_at = $4, updated_at = $5 WHERE tenant_id = $1 AND conversation_id = "
      "$2 AND state = 'sending' AND EXISTS (SELECT 1 FROM message AS other WHERE other.tenant_id = $1 AND "
      "other.conversation_id = $3 AND other.stream = message.stream AND other.state = 'sending')",
      {lost.tenant, lost.id, survivor.id, now + kMergedSendGrace, now});
}

void rekey_rows(sql::Connection& connection, const Conversation& survivor, const Conversation& lost, Time now) {
  const std::int64_t behind = survivor.next_seq - 1;
  settle_second_sending(connection, survivor, lost, now);
  connection.run(
      "UPDATE message SET conversation_id = $3, contact_id = $4, seq = seq + $5, updated_at = $6 WHERE tenant_id = $1 "
      "AND conversation_id = $2",
      {lost.tenant, lost.id, survivor.id, survivor.contact, behind, now});
  connection.run("UPDATE phone_call SET conversation_id = $3 WHERE tenant_id = $1 AND conversation_id = $2",
                 {lost.tenant, lost.id, survivor.id});
  bring_free_entries(connection, survivor, lost);
  connection.run("UPDATE message_mark SET conversation_id = $3 WHERE tenant_id = $1 AND conversation_id = $2",
                 {lost.tenant, lost.id, survivor.id});
  connection.run("UPDATE media SET conversation_id = $3 WHERE tenant_id = $1 AND conversation_id = $2",
                 {lost.tenant, lost.id, survivor.id});
  move_answers(connection, lost, survivor.id);
  connection.run(
      "UPDATE run_trigger SET conversation_id = $3, seq = seq + $4 WHERE tenant_id = $1 AND conversation_id = $2",
      {lost.tenant, lost.id, survivor.id, behind});
  connection.run(
      "UPDATE run SET conversation_id = $3, contact_id = $4 WHERE tenant_id = $1 AND conversation_id = $2 AND "
      "contact_id = $5",
      {lost.tenant, lost.id, survivor.id, survivor.contact, lost.contact});
  // The survivor's key is another: what fails there is counted anew.
  for (const std::string_view queue : {"runs", "sends", "media"}) {
    connection.run("DELETE FROM work_failure WHERE tenant_id = $1 AND queue = $2 AND conversation_id = $3",
                   {lost.tenant, queue, lost.id});
  }
}

ServiceWindow window_of(const Conversation& conversation) {
  return {.opened_at = conversation.window_opened_at, .expires_at = conversation.window_expires_at};
}

Conversation united(const Conversation& survivor, const Conversation& lost) {
  Conversation whole = survivor;
  const bool lost_is_newer = survivor.last_message_at < lost.last_message_at;
  whole.status = united_status(survivor, lost);
  fill(whole.assigned_to, lost.assigned_to);
  whole.next_seq = survivor.next_seq + lost.next_seq - 1;
  whole.last_message_at = std::max(survivor.last_message_at, lost.last_message_at);
  whole.last_message_text = lost_is_newer ? lost.last_message_text : survivor.last_message_text;
  whole.last_inbound_at = later(survivor.last_inbound_at, lost.last_inbound_at);
  const auto window = waypost::united(window_of(survivor), window_of(lost));
  whole.window_opened_at = window.opened_at;
  whole.window_expires_at = window.expires_at;
  // Of the window that stands: whoever was told of it is not told again.
  if (survivor.window_expires_at < lost.window_expires_at) whole.window_look_at = lost.window_look_at;
  whole.window_version = survivor.window_version + 1;
  if (!survivor.claim) {
    whole.claim = lost.claim;
    whole.claimed_at = lost.claimed_at;
  }
  whole.may_hold = survivor.may_hold || lost.may_hold;
  whole.automation_paused_until = later(survivor.automation_paused_until, lost.automation_paused_until);
  if (survivor.thread_said_at < lost.thread_said_at) {
    whole.thread_owner = lost.thread_owner;
    whole.thread_said_at = lost.thread_said_at;
  }
  whole.fields = lost.fields;
  whole.fields.update(survivor.fields);
  return whole;
}

void keep_later_referral(sql::Connection& connection, TenantId tenant, ConversationId survivor, ConversationId lost) {
  connection.run(
      "UPDATE conversation SET referral = lost.referral, referral_at = lost.referral_at FROM conversation AS lost "
      "WHERE conversation.tenant_id = $1 AND conversation.id = $2 AND lost.tenant_id = $1 AND lost.id = $3 AND "
      "lost.referral_at IS NOT NULL AND (conversation.referral_at IS NULL OR conversation.referral_at < "
      "lost.referral_at)",
      {tenant, survivor, lost});
}

// One of the two may know only that another app took the conversation, the other that a message came to us since.
void settle_owner(sql::Connection& connection, Conversation& whole) {
  if (!whole.thread_owner || !whole.thread_said_at) return;
  const auto ours = came_to_us_since(connection, whole, *whole.thread_said_at);
  if (!ours) return;
  whole.thread_owner.reset();
  whole.thread_said_at = ours;
}

void write_united(sql::Connection& connection, const Conversation& whole, ConversationId lost, Time now) {
  connection.run(
      "UPDATE conversation SET next_seq = $3, last_message_at = $4, last_message_text = $5, last_inbound_at = $6, "
      "window_expires_at = $7, window_version = $8, claim_message_id = $9, claimed_at = $10, may_hold = $11, "
      "thread_said_at = $12, window_opened_at = $13, window_look_at = $14 WHERE tenant_id = $1 AND id = $2",
      {whole.tenant, whole.id, whole.next_seq, whole.last_message_at, whole.last_message_text, whole.last_inbound_at,
       whole.window_expires_at, whole.window_version, whole.claim, whole.claimed_at, whole.may_hold,
       whole.thread_said_at, whole.window_opened_at, whole.window_look_at});
  keep_later_referral(connection, whole.tenant, whole.id, lost);
  update_conversation(connection, whole, now);
}

// How many conversations there are less for it.
std::int64_t merge_conversations(sql::Connection& connection, const Conversation& survivor, const Conversation& lost,
                                 Time now) {
  const auto merged = connection.run(
      "UPDATE conversation SET merged_into = $3, window_look_at = NULL, updated_at = $4 WHERE tenant_id = $1 AND id = "
      "$2 AND merged_into IS "
      "NULL",
      {lost.tenant, lost.id, survivor.id, now});
  rekey_rows(connection, survivor, lost, now);
  Conversation whole = united(survivor, lost);
  settle_owner(connection, whole);
  write_united(connection, whole, lost.id, now);
  return merged.changed();
}

struct Brought {
  std::vector<ConversationId> touched{};
  std::int64_t merged = 0;
};

Brought bring_conversations(sql::Connection& connection, const Pair& pair, Time now) {
  Brought brought;
  const auto all = lock_conversations_of(connection, pair.lost.tenant, pair.survivor.id, pair.lost.id);
  for (const auto& lost : all) {
    if (lost.contact != pair.lost.id) continue;
    const auto own = std::ranges::find_if(all, [&](const Conversation& other) {
      return other.contact == pair.survivor.id && other.channel == lost.channel;
    });
    if (own != all.end()) {
      brought.merged += merge_conversations(connection, *own, lost, now);
    } else {
      move_conversation(connection, lost, pair.survivor.id, now);
    }
    brought.touched.push_back(own != all.end() ? own->id : lost.id);
  }
  return brought;
}

// Who wrote in a group, and who is in it: of two words on that the later one stands.
void bring_groups(sql::Connection& connection, const Contact& survivor, const Contact& lost) {
  const std::initializer_list<sql::Value> both{lost.tenant, lost.id, survivor.id};
  bring_words_in_groups(connection, lost.tenant, lost.id, survivor.id);
  connection.run("UPDATE message SET participant_id = $3 WHERE tenant_id = $1 AND participant_id = $2", both);
  connection.run(
      "INSERT INTO group_participant (tenant_id, group_id, contact_id, is_in, said_at) SELECT tenant_id, group_id, $3, "
      "is_in, said_at FROM group_participant WHERE tenant_id = $1 AND contact_id = $2 ON CONFLICT (tenant_id, "
      "group_id, contact_id) DO UPDATE SET is_in = excluded.is_in, said_at = excluded.said_at "
      "WHERE group_participant.said_at < excluded.said_at",
      both);
  connection.run("DELETE FROM group_participant WHERE tenant_id = $1 AND contact_id = $2", {lost.tenant, lost.id});
}

// A person is in a broadcast once: of two rows one with a message stands before one that waits, and that before one
// that was left out. Two messages that went out stay.
void bring_recipients(sql::Connection& connection, const Contact& survivor, const Contact& lost) {
  const std::initializer_list<sql::Value> both{lost.tenant, lost.id, survivor.id};
  connection.run(
      "DELETE FROM broadcast_recipient WHERE tenant_id = $1 AND contact_id = $3 AND state <> 'taken' AND EXISTS "
      "(SELECT "
      "1 FROM broadcast_recipient AS other WHERE other.tenant_id = $1 AND other.contact_id = $2 AND other.broadcast_id "
      "= "
      "broadcast_recipient.broadcast_id AND (other.state = 'taken' OR (other.state = 'waiting' AND "
      "broadcast_recipient.state = 'excluded')))",
      both);
  connection.run(
      "DELETE FROM broadcast_recipient WHERE tenant_id = $1 AND contact_id = $2 AND state <> 'taken' AND EXISTS "
      "(SELECT "
      "1 FROM broadcast_recipient AS other WHERE other.tenant_id = $1 AND other.contact_id = $3 AND other.broadcast_id "
      "= "
      "broadcast_recipient.broadcast_id)",
      both);
  connection.run(
      "UPDATE broadcast_recipient SET contact_id = $3 WHERE tenant_id = $1 AND contact_id = $2 AND NOT EXISTS (SELECT "
      "1 FROM broadcast_recipient AS other WHERE other.tenant_id = $1 AND other.broadcast_id = "
      "broadcast_recipient.broadcast_id AND other.contact_id = $3)",
      both);
}

// What workflows' limits have counted of the two is one person's: in the window that ends later.
void bring_node_counts(sql::Connection& connection, const Contact& survivor, const Contact& lost) {
  connection.run(
      "INSERT INTO node_count (tenant_id, workflow_id, node_id, subject, began_at, ends_at, count) SELECT tenant_id, "
      "workflow_id, node_id, $3, began_at, ends_at, count FROM node_count WHERE tenant_id = $1 AND subject = $2 ON "
      "CONFLICT (tenant_id, workflow_id, node_id, subject) DO UPDATE SET count = node_count.count + excluded.count, "
      "began_at = CASE WHEN node_count.ends_at < excluded.ends_at THEN excluded.began_at ELSE node_count.began_at END, "
      "ends_at = CASE WHEN node_count.ends_at < excluded.ends_at THEN excluded.ends_at ELSE node_count.ends_at END",
      {lost.tenant, lost.id, survivor.id});
  connection.run("DELETE FROM node_count WHERE tenant_id = $1 AND subject = $2", {lost.tenant, lost.id});
}

// How many contacts there are less for it.
std::int64_t bring_rest(sql::Connection& connection, const Pair& pair, Time now) {
  const auto& [survivor, lost] = pair;
  bring_groups(connection, survivor, lost);
  bring_reached(connection, {.tenant = lost.tenant, .lost = lost.id, .survivor = survivor.id}, now);
  connection.run("UPDATE contact_alias SET contact_id = $3 WHERE tenant_id = $1 AND contact_id = $2",
                 {lost.tenant, lost.id, survivor.id});
  bring_recipients(connection, survivor, lost);
  bring_node_counts(connection, survivor, lost);
  return connection
      .run(
          "UPDATE contact SET merged_into = $3, updated_at = $4 WHERE tenant_id = $1 AND id = $2 AND merged_into IS "
          "NULL",
          {lost.tenant, lost.id, survivor.id, now})
      .changed();
}

void tell_merged(sql::Connection& connection, const Contact& whole, ContactId lost, Time now) {
  Json contact = to_json(whole);
  contact["updatedAt"] = iso8601(now);
  const auto payload =
      dump({{"contact", std::move(contact)}, {"contactId", whole.id.text()}, {"mergedContactId", lost.text()}});
  append_event(connection, whole.tenant, {.type = "contact.merged", .conversation = std::nullopt, .payload = payload},
               now);
}

}  // namespace

std::vector<ConversationId> merge_contacts(sql::Connection& connection, const SamePerson& person, Time now) {
  const Pair pair = lock_pair(connection, person);
  const Contact whole = united(pair);
  auto brought = bring_conversations(connection, pair, now);
  const auto contacts = bring_rest(connection, pair, now);
  update_contact(connection, whole, now);
  if (brought.merged > 0) count(connection, person.tenant, "conversations", -brought.merged);
  if (contacts > 0) count(connection, person.tenant, "contacts", -contacts);
  tell_merged(connection, whole, person.lost, now);
  return std::move(brought.touched);
}

}  // namespace waypost::store
