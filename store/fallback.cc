#include "store/fallback.h"

#include <string>
#include <utility>
#include <vector>

#include "conversation/fallback_content.h"
#include "store/broadcasts.h"
#include "store/channels.h"
#include "store/contacts.h"
#include "store/message_steps.h"
#include "store/templates.h"
#include "store/tenants.h"

namespace waypost::store {
namespace {

// What the verdict needs, read under the conversation's row.
struct Scene {
  Conversation conversation{};
  std::optional<FallbackTemplate> named{};  // the workspace's fallback
  std::optional<Template> usable{};         // Meta's side of it, when this contact may get it now
};

// Takes the row's lock: whoever judges the same window waits, and then judges by what we wrote.
std::optional<Conversation> lock_conversation(sql::Connection& connection, TenantId tenant, ConversationId id) {
  connection.run("UPDATE conversation SET updated_at = updated_at WHERE tenant_id = $1 AND id = $2", {tenant, id});
  return find_conversation(connection, tenant, id);
}

// The same for the message: what we judge is what we move.
std::optional<Message> lock_message(sql::Connection& connection, const Message& message) {
  connection.run("UPDATE message SET updated_at = updated_at WHERE tenant_id = $1 AND id = $2",
                 {message.tenant, message.id});
  return find_message(connection, message.tenant, message.id);
}

std::optional<Template> usable_template(sql::Connection& connection, const Message& message,
                                        const FallbackTemplate& named) {
  const auto channel = find_channel(connection, message.tenant, message.channel);
  const auto contact = find_contact(connection, message.tenant, message.contact);
  if (!channel || !contact || contact->opted_out) return std::nullopt;
  auto known = find_template(connection, message.tenant,
                             {.waba_id = channel->waba_id, .name = named.name, .language = named.language});
  if (!known || known->status != kApproved) return std::nullopt;
  if (contact->marketing_stopped && known->category == "MARKETING") return std::nullopt;
  return known;
}

std::optional<Scene> read_scene(sql::Connection& connection, const Message& message) {
  auto conversation = lock_conversation(connection, message.tenant, message.conversation);
  if (!conversation || conversation->merged_into) return std::nullopt;
  Scene scene{.conversation = *std::move(conversation)};
  if (const auto tenant = find_tenant(connection, message.tenant)) scene.named = tenant->fallback;
  if (scene.named) scene.usable = usable_template(connection, message, *scene.named);
  return scene;
}

WindowVerdict judge(const Scene& scene, const Message& message, const FallbackRules& rules, Time now) {
  const auto& conversation = scene.conversation;
  return judge_window(
      {.is_template = message.type == "template",
       .is_open = is_open(conversation.window_expires_at, now, rules.window_margin),
       .policy = policy_in_force(message.policy, scene.named.has_value()),
       .has_claim = conversation.claim.has_value() && claim_holds(conversation.claimed_at, now, rules.claim),
       .can_fall_back = scene.usable.has_value()});
}

Failure window_closed(std::string words) {
  return {.reason = std::string(kWindowClosed), .code = std::nullopt, .words = std::move(words)};
}

// The template's row, its broadcast of one, and the claim.
Message send_fallback(sql::Connection& connection, const Scene& scene, const Message& original, Time now) {
  const Template& meta = *scene.usable;
  const TemplateShape shape{.name = meta.name,
                            .language = meta.language,
                            .parameter_format = meta.parameter_format,
                            .components = meta.components};
  const auto made = fallback_content(shape, scene.named->parameters, original.text.value_or("[" + original.type + "]"));
  const auto broadcast = create_broadcast(connection,
                                          {.tenant = original.tenant,
                                           .name = "Fallback: " + meta.name,
                                           .channel = original.channel,
                                           .template_name = meta.name,
                                           .template_language = meta.language},
                                          now);
  Message sent{.type = "template", .content = made.content};
  if (!made.text.empty()) sent.text = made.text;
  sent.author = "fallback";
  sent.stream = original.stream;
  sent.run = original.run;
  sent.broadcast = broadcast.id;
  sent.expires_at = original.expires_at;
  sent.replaces = original.id;
  sent = queue_message(connection, scene.conversation, std::move(sent), now);
  add_recipient(connection, broadcast, {.contact = original.contact, .message = sent.id}, now);
  connection.run(
      "UPDATE conversation SET claim_message_id = $3, claimed_at = $4, window_version = window_version + 1 "
      "WHERE tenant_id = $1 AND id = $2",
      {sent.tenant, sent.conversation, sent.id, now});
  return sent;
}

Message held(Message row) {
  row.state = MessageState::Held;
  row.due_at = row.expires_at;
  return row;
}

Message replaced(Message row, MessageId by) {
  row.state = MessageState::Replaced;
  row.replaced_by = by;
  return row;
}

Message failed(Message row) {
  row.state = MessageState::Failed;
  row.failure = window_closed("the customer service window is closed");
  return row;
}

// What the verdict makes of the message's own row. Only after the row has moved is a template queued for it.
bool settle_row(sql::Connection& connection, const Scene& scene, const Message& row, WindowVerdict verdict, Time now) {
  switch (verdict) {
    case WindowVerdict::SendNow:
      return false;
    case WindowVerdict::Hold:
    case WindowVerdict::SendFallbackAndHold:
      if (!move_message(connection, row, held(row), now)) return false;
      if (verdict == WindowVerdict::SendFallbackAndHold) send_fallback(connection, scene, row, now);
      return true;
    case WindowVerdict::Replace:
      return move_message(connection, row, replaced(row, *scene.conversation.claim), now);
    case WindowVerdict::SendFallback:
      return move_message(connection, row, replaced(row, send_fallback(connection, scene, row, now).id), now);
    case WindowVerdict::Fail:
      return move_message(connection, row, failed(row), now);
  }
}

bool queues_template(WindowVerdict verdict) {
  return verdict == WindowVerdict::SendFallback || verdict == WindowVerdict::SendFallbackAndHold;
}

// The same message as a new row, held or queued.
Message send_again(sql::Connection& connection, const Scene& scene, const Message& original, MessageState state,
                   Time now) {
  Message again{.type = original.type, .text = original.text, .content = original.content, .state = state};
  again.reply_to = original.reply_to;
  again.author = original.author;
  again.author_id = original.author_id;
  again.stream = original.stream;
  again.policy = original.policy;
  again.run = original.run;
  again.node_id = original.node_id;
  again.external_id = original.external_id;
  again.expires_at = original.expires_at;
  again.replaces = original.id;
  if (state == MessageState::Held) again.due_at = original.expires_at;
  return queue_message(connection, scene.conversation, std::move(again), now);
}

// What goes out or is held instead of a message that Meta failed late; nothing when its failure is the end.
std::optional<MessageId> send_instead(sql::Connection& connection, const Scene& scene, const Message& row,
                                      WindowVerdict verdict, Time now) {
  switch (verdict) {
    case WindowVerdict::SendNow:
      return send_again(connection, scene, row, MessageState::Queued, now).id;
    case WindowVerdict::Hold:
      return send_again(connection, scene, row, MessageState::Held, now).id;
    case WindowVerdict::SendFallbackAndHold: {
      const Message kept = send_again(connection, scene, row, MessageState::Held, now);
      send_fallback(connection, scene, kept, now);
      return kept.id;
    }
    case WindowVerdict::SendFallback:
      return send_fallback(connection, scene, row, now).id;
    case WindowVerdict::Replace:
      return scene.conversation.claim;
    case WindowVerdict::Fail:
      return std::nullopt;
  }
}

// Meta has spoken: the window is closed, unless the customer wrote after this attempt.
void close_window(sql::Connection& connection, Scene& scene, const Message& row, Time now) {
  auto& conversation = scene.conversation;
  const auto attempted = row.attempt_at.value_or(row.created_at);
  if (conversation.last_inbound_at && *conversation.last_inbound_at > attempted) return;
  if (!conversation.window_expires_at || *conversation.window_expires_at <= now) return;
  conversation.window_expires_at = now;
  connection.run(
      "UPDATE conversation SET window_expires_at = $3, window_version = window_version + 1 WHERE tenant_id = $1 AND "
      "id = $2",
      {row.tenant, row.conversation, now});
}

WindowOutcome refused_at_once(sql::Connection& connection, const Scene& scene, const Message& row,
                              const FallbackRules& rules, Time now) {
  const auto verdict = row.type == "template" ? WindowVerdict::Fail : judge(scene, row, rules, now);
  if (verdict == WindowVerdict::SendNow) {
    Message next = row;
    next.state = MessageState::Queued;
    next.due_at = now;
    next.failures += 1;
    return {.verdict = verdict, .applied = move_message(connection, row, std::move(next), now)};
  }
  if (verdict == WindowVerdict::Fail) {
    Message next = failed(row);
    next.failure->code = kOutsideWindowCode;
    const bool moved = move_message(connection, row, next, now);
    if (moved) fallback_failed(connection, next, now);
    return {.verdict = verdict, .applied = moved};
  }
  const bool applied = settle_row(connection, scene, row, verdict, now);
  return {.verdict = verdict, .applied = applied, .has_new_sends = applied && queues_template(verdict)};
}

WindowOutcome refused_late(sql::Connection& connection, const Scene& scene, const Message& row,
                           const FallbackRules& rules, Time now) {
  const bool over = row.expires_at && *row.expires_at <= now;
  if (row.type == "template" || row.replaced_by || over) return {.verdict = WindowVerdict::Fail};
  const auto verdict = judge(scene, row, rules, now);
  const auto instead = send_instead(connection, scene, row, verdict, now);
  if (!instead) return {.verdict = verdict};
  connection.run(
      "UPDATE message SET replaced_by = $3, updated_at = $4 WHERE tenant_id = $1 AND id = $2 AND replaced_by IS NULL",
      {row.tenant, row.id, *instead, now});
  return {.verdict = verdict,
          .applied = true,
          .has_new_sends = queues_template(verdict) || verdict == WindowVerdict::SendNow};
}

// Held rows whose policy waits for the answer to a fallback: `hold` alone waits for the customer whatever becomes of
// it.
std::vector<MessageId> held_for_answer(sql::Connection& connection, const Message& fallback) {
  std::vector<MessageId> ids;
  const auto rows = connection.run(
      "SELECT id FROM message WHERE tenant_id = $1 AND conversation_id = $2 AND stream = $3 AND state IN ('queued', "
      "'sending', 'unknown', 'held') AND state = 'held' AND (policy IS NULL OR policy = 'template_then_hold') "
      "ORDER BY seq",
      {fallback.tenant, fallback.conversation, fallback.stream});
  for (const auto row : rows) ids.push_back(row.id<MessageId>(0));
  return ids;
}

}  // namespace

WindowOutcome apply_window_policy(sql::Connection& connection, const Message& message, const FallbackRules& rules,
                                  Time now) {
  const auto scene = read_scene(connection, message);
  const auto row = lock_message(connection, message);
  if (!scene || !row || row->state != MessageState::Queued || row->attempt != message.attempt) return {};
  const auto verdict = judge(*scene, *row, rules, now);
  const bool applied = settle_row(connection, *scene, *row, verdict, now);
  return {.verdict = verdict, .applied = applied, .has_new_sends = applied && queues_template(verdict)};
}

WindowOutcome outside_window(sql::Connection& connection, const Message& message, const FallbackRules& rules,
                             Time now) {
  auto scene = read_scene(connection, message);
  const auto row = lock_message(connection, message);
  if (!scene || !row) return {};
  if (row->state == MessageState::Failed) {
    close_window(connection, *scene, *row, now);
    return refused_late(connection, *scene, *row, rules, now);
  }
  if (row->state != MessageState::Sending && row->state != MessageState::Unknown) return {};
  close_window(connection, *scene, *row, now);
  return refused_at_once(connection, *scene, *row, rules, now);
}

void fallback_failed(sql::Connection& connection, const Message& message, Time now) {
  // An unknown outcome is no failure: the customer may have the template and answer it.
  if (message.author != "fallback" || message.is_guess()) return;
  const auto conversation = lock_conversation(connection, message.tenant, message.conversation);
  if (!conversation || conversation->claim != message.id) return;
  clear_claim(connection, message.tenant, message.conversation);
  for (const auto id : held_for_answer(connection, message)) {
    const auto row = find_message(connection, message.tenant, id);
    Message next = *row;
    next.state = MessageState::Failed;
    next.failure = message.failure.value_or(window_closed("the fallback template could not be delivered"));
    move_message(connection, *row, std::move(next), now);
  }
}

void clear_claim(sql::Connection& connection, TenantId tenant, ConversationId conversation) {
  connection.run(
      "UPDATE conversation SET claim_message_id = NULL, claimed_at = NULL, window_version = window_version + 1 "
      "WHERE tenant_id = $1 AND id = $2 AND claim_message_id IS NOT NULL",
      {tenant, conversation});
}

}  // namespace waypost::store
