#include "store/opt_out.h"

#include <string>
#include <utility>

#include "conversation/window.h"
#include "store/events.h"
#include "store/locks.h"
#include "store/runs.h"
#include "store/tenants.h"
#include "store/triggers.h"

namespace waypost::store {
namespace {

OptStanding standing_of(const Contact& contact) {
  return {.opted_out = contact.opted_out, .said_at = contact.opt_said_at};
}

// A word that changes nothing else still stands against an older one that comes late.
void note_time(sql::Connection& connection, const Contact& contact, Time at) {
  connection.run("UPDATE contact SET opt_said_at = $3 WHERE tenant_id = $1 AND id = $2",
                 {contact.tenant, contact.id, at});
}

// Outside the window it fails; no template goes out instead.
bool confirm(sql::Connection& connection, const Message& message, const HeardWord& heard, const Heeding& how) {
  const OptSaid said{.word = heard.word, .spoken = heard.spoken, .contact_language = heard.contact.language};
  const std::string text = confirmation_of(how.rules, said);
  if (text.empty()) return false;
  const Conversation conversation{
      .tenant = message.tenant, .id = message.conversation, .channel = message.channel, .contact = message.contact};
  Message answer{.text = text, .content = {{"body", text}}, .author = std::string(kOptOutAuthor)};
  answer.policy = WindowPolicy::Reject;
  answer.expires_at = how.now + kServiceWindow;
  queue_message(connection, conversation, std::move(answer), how.now);
  return true;
}

void end_work_of(sql::Connection& connection, const Contact& contact, Time now) {
  const Complaint why{.code = std::string(kOptedOut), .words = "the contact has opted out of messages"};
  for (const auto& conversation : lock_conversations_of(connection, contact.tenant, contact.id, contact.id)) {
    drop_triggers(connection, contact.tenant, conversation.id, conversation.next_seq);
    cancel_runs(connection, {.tenant = contact.tenant, .conversation = conversation.id}, why, now);
  }
}

void tell_opting(sql::Connection& connection, const Contact& contact, const OptCause& cause) {
  const std::string_view type = contact.opted_out ? "contact.opted_out" : "contact.opted_in";
  const std::string payload = dump({{"contact", to_json(contact)},
                                    {"by", cause.by},
                                    {"messageId", cause.message ? Json(cause.message->text()) : Json()}});
  append_event(connection, contact.tenant, {.type = type, .payload = payload}, contact.updated_at);
}

}  // namespace

const OptOutRules& OptOutBook::rules_of(sql::Connection& connection, TenantId tenant) {
  const auto known = rules_.find(tenant);
  if (known != rules_.end()) return known->second;
  const auto row = find_tenant(connection, tenant);
  return rules_.emplace(tenant, opt_out_rules(row ? row->settings : Json())).first->second;
}

std::optional<OptWord> OptOutBook::word_in(sql::Connection& connection, const Inbound& inbound) {
  if (!inbound.spoken) return std::nullopt;
  return opt_word(rules_of(connection, inbound.message.tenant), *inbound.spoken);
}

HeardWord hear_word(sql::Connection& connection, const Message& message, OptWord word) {
  auto contact = lock_contact(connection, message.tenant, message.contact);
  if (!contact) run_again("a contact was erased by another transaction");
  HeardWord heard{.word = word, .contact = *std::move(contact)};
  heard.is_last = is_last_word(standing_of(heard.contact), word, message.happened_at);
  const bool will_end_work = heard.changes() && word == OptWord::Stop;
  if (will_end_work) lock_conversations_of(connection, message.tenant, heard.contact.id, heard.contact.id);
  return heard;
}

bool heed_word(sql::Connection& connection, const Message& message, const HeardWord& heard, const Heeding& how) {
  if (!heard.is_last) return false;
  if (!heard.changes()) {
    note_time(connection, heard.contact, message.happened_at);
    return false;
  }
  const bool is_confirmed = confirm(connection, message, heard, how);
  Contact contact = heard.contact;
  contact.opted_out = heard.word == OptWord::Stop;
  contact.opt_said_at = message.happened_at;
  contact.updated_at = how.now;
  update_contact(connection, contact, how.now);
  settle_opting(connection, heard.contact, contact, {.by = "contact", .message = message.id});
  return is_confirmed;
}

void settle_opting(sql::Connection& connection, const Contact& before, const Contact& after, const OptCause& cause) {
  if (before.opted_out == after.opted_out) return;
  tell_opting(connection, after, cause);
  if (after.opted_out) end_work_of(connection, after, after.updated_at);
}

}  // namespace waypost::store
