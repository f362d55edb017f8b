#include "store/fallback.h"

#include <string>
#include <utility>
#include <vector>

#include "conversation/fallback_content.h"
#include "store/broadcasts.h"
#include "store/channels.h"
#include "store/contacts.h"
#include "store/locks.h"
#include "store/marketing.h"
#include "store/message_steps.h"
#include "store/templates.h"
#include "store/tenants.h"

namespace waypost::store {
namespace {

// What the verdict needs, read under the conversation's row; and by what it is carried out.
struct Scene {
  sql::Connection& connection;
  const FallbackRules& rules;
  Time now{};
  Conversation conversation{};
  std::optional<FallbackTemplate> named{};  // the workspace's fallback
  std::optional<Template> usable{};         // Meta's side of it, when this contact may get it now
};

std::optional<Template> usable_template(sql::Connection& connection, const Message& message,
                                        const FallbackTemplate& named, Time now) {
  const auto channel = find_channel(connection, message.tenant, message.channel);
  const auto contact = find_contact(connection, message.tenant, message.contact);
  if (!channel || !contact || contact->opted_out) return std::nullopt;
  auto known = find_template(connection, message.tenant,
                             {.waba_id = channel->waba_id, .name = named.name, .language = named.language});
  if (!known || known->status != kApproved) return std::nullopt;
  if (is_marketing(*known) && marketing_bar(*contact, now)) return std::nullopt;
  return known;
}

std::optional<Scene> read_scene(sql::Connection& connection, const Message& message, const FallbackRules& rules,
                                Time now) {
  auto conversation = find_conversation(connection, message.tenant, message.conversation, Lock::UntilCommit);
  if (!conversation || conversation->merged_into) return std::nullopt;
  Scene scene{.connection = connection, .rules = rules, .now = now, .conversation = *std::move(conversation)};
  if (const auto tenant = find_tenant(connection, message.tenant)) scene.named = tenant->fallback;
  if (scene.named) scene.usable = usable_template(connection, message, *scene.named, now);
  return scene;
}

WindowVerdict judge(const Scene& scene, const Message& message) {
  const auto& conversation = scene.conversation;
  return judge_window({.is_template = message.type == "template",
                       .is_open = is_open(conversation.window_expires_at, scene.now, scene.rules.window_margin),
                       .policy = policy_in_force(message.policy, scene.named.has_value()),
                       .has_claim = conversation.claim.has_value() &&
                                    claim_holds(conversation.claimed_at, scene.now, scene.rules.claim),
                       .can_fall_back = scene.usable.has_value()});
}

Failure window_closed(std::string words) {
  return {.reason = std::string(kWindowClosed), .code = std::nullopt, .words = std::move(words)};
}

// The template's row, its broadcast of one, and the claim.
Message send_fallback(const Scene& scene, const Message& original) {
  const Template& meta = *scene.usable;
  const TemplateShape shape{.name = meta.name,
                            .language = meta.language,
                            .parameter_format = meta.parameter_format,
                            .components = meta.components};
  const auto made = fallback_content(shape, scene.named->parameters, original.text.value_or("[" + original.type + "]"));
  const auto broadcast = create_broadcast(scene.connection,
                                          {.tenant = original.tenant,
                                           .name = "Fallback: " + meta.name,
                                           .channel = original.channel,
                                           .template_name = meta.name,
                                           .template_language = meta.language},
                                          scene.now);
  Message sent{.type = "template", .content = made.content};
  if (!made.text.empty()) sent.text = made.text;
  sent.author = "fallback";
  sent.stream = original.stream;
  sent.run = original.run;
  sent.broadcast = broadcast.id;
  sent.expires_at = original.expires_at;
  sent.replaces = original.id;
  sent = queue_message(scene.connection, scene.conversation, std::move(sent), scene.now);
  add_recipient(scene.connection, broadcast, {.contact = original.contact, .message = sent.id}, scene.now);
  scene.connection.run(
      "UPDATE conversation SET claim_message_id = $3, claimed_at = $4, window_version = window_version + 1 "
      "WHERE tenant_id = $1 AND id = $2",
      {sent.tenant, sent.conversation, sent.id, scene.now});
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

// The inbound that answers and the sender look for held rows only where this was said; the caller holds the
// conversation.
void say_it_holds(const Scene& scene) {
  if (scene.conversation.may_hold) return;
  scene.connection.run("UPDATE conversation SET may_hold = $3 WHERE tenant_id = $1 AND id = $2",
                       {scene.conversation.tenant, scene.conversation.id, true});
}

// What the verdict makes of the message's own row.
bool settle_row(const Scene& scene, const Message& row, WindowVerdict verdict) {
  switch (verdict) {
    case WindowVerdict::SendNow:
      return false;
    case WindowVerdict::Hold:
    case WindowVerdict::SendFallbackAndHold:
      if (!move_message(scene.connection, row, held(row), scene.now)) return false;
      say_it_holds(scene);
      if (verdict == WindowVerdict::SendFallbackAndHold) send_fallback(scene, row);
      return true;
    case WindowVerdict::Replace:
      return move_message(scene.connection, row, replaced(row, *scene.conversation.claim), scene.now);
    case WindowVerdict::SendFallback:
      return move_message(scene.connection, row, replaced(row, send_fallback(scene, row).id), scene.now);
    case WindowVerdict::Fail:
      return move_message(scene.connection, row, failed(row), scene.now);
  }
}

bool queues_template(WindowVerdict verdict) {
  return verdict == WindowVerdict::SendFallback || verdict == WindowVerdict::SendFallbackAndHold;
}

// The same message as a new row, held or queued. The bridge's own id stays with the row that the bridge made.
Message send_again(const Scene& scene, const Message& original, MessageState state) {
  Message again{.type = original.type, .text = original.text, .content = original.content, .state = state};
  again.reply_to = original.reply_to;
  again.author = original.author;
  again.author_id = original.author_id;
  again.stream = original.stream;
  again.policy = original.policy;
  again.run = original.run;
  again.node_id = original.node_id;
  again.expires_at = original.expires_at;
  again.part_of = original.part_of;
  again.replaces = original.id;
  if (state == MessageState::Held) again.due_at = original.expires_at;
  return queue_message(scene.connection, scene.conversation, std::move(again), scene.now);
}

// What goes out or is held instead of a message that Meta failed late; nothing when its failure is the end.
std::optional<MessageId> send_instead(const Scene& scene, const Message& row, WindowVerdict verdict) {
  switch (verdict) {
    case WindowVerdict::SendNow:
      return send_again(scene, row, MessageState::Queued).id;
    case WindowVerdict::Hold:
      return send_again(scene, row, MessageState::Held).id;
    case WindowVerdict::SendFallbackAndHold: {
      const Message kept = send_again(scene, row, MessageState::Held);
      send_fallback(scene, kept);
      return kept.id;
    }
    case WindowVerdict::SendFallback:
      return send_fallback(scene, row).id;
    case WindowVerdict::Replace:
      return scene.conversation.claim;
    case WindowVerdict::Fail:
      return std::nullopt;
  }
}

// Meta has spoken: the window is closed, unless the customer wrote after this attempt.
void close_window(Scene& scene, const Message& row) {
  auto& conversation = scene.conversation;
  const auto attempted = row.attempt_at.value_or(row.created_at);
  if (conversation.last_inbound_at && *conversation.last_inbound_at > attempted) return;
  if (!conversation.window_expires_at || *conversation.window_expires_at <= scene.now) return;
  conversation.window_expires_at = scene.now;
  scene.connection.run(
      "UPDATE conversation SET window_expires_at = $3, window_version = window_version + 1 WHERE tenant_id = $1 AND "
      "id = $2",
      {row.tenant, row.conversation, scene.now});
}

WindowOutcome refused_at_once(const Scene& scene, const Message& row) {
  const auto verdict = row.type == "template" ? WindowVerdict::Fail : judge(scene, row);
  if (verdict == WindowVerdict::SendNow) {
    Message next = row;
    next.state = MessageState::Queued;
    next.due_at = scene.now;
    next.failures += 1;
    return {.verdict = verdict, .applied = move_message(scene.connection, row, std::move(next), scene.now)};
  }
  if (verdict == WindowVerdict::Fail) {
    Message next = failed(row);
    next.failure->code = kOutsideWindowCode;
    const bool moved = move_message(scene.connection, row, next, scene.now);
    if (moved) fallback_failed(scene.connection, next, scene.now);
    return {.verdict = verdict, .applied = moved};
  }
  const bool applied = settle_row(scene, row, verdict);
  return {.verdict = verdict, .applied = applied, .has_new_sends = applied && queues_template(verdict)};
}

WindowOutcome refused_late(const Scene& scene, const Message& row) {
  const bool over = row.expires_at && *row.expires_at <= scene.now;
  if (row.type == "template" || row.replaced_by || over) return {.verdict = WindowVerdict::Fail};
  const auto verdict = judge(scene, row);
  const auto instead = send_instead(scene, row, verdict);
  if (!instead) return {.verdict = verdict};
  scene.connection.run(
      "UPDATE message SET replaced_by = $3, updated_at = $4 WHERE tenant_id = $1 AND id = $2 AND replaced_by IS NULL",
      {row.tenant, row.id, *instead, scene.now});
  return {.verdict = verdict,
          .applied = true,
          .has_new_sends = queues_template(verdict) || verdict == WindowVerdict::SendNow};
}

// Held rows whose policy waits for the answer to a fallback: `hold` alone waits for the customer whatever becomes of
// it.
std::vector<MessageId> held_for_answer(sql::Connection& connection, const Message& fallback) {
  std::vector<MessageId> ids;
  const auto rows = connection.run(
      "SELECT id FROM message WHERE tenant_id = $1 AND conversation_id = $2 AND stream = $3 AND (state = 'queued' OR "
      "state = 'sending' OR state = 'unknown' OR state = 'held') AND state = 'held' AND (policy IS NULL OR policy = "
      "'template_then_hold') "
      "ORDER BY seq",
      {fallback.tenant, fallback.conversation, fallback.stream});
  for (const auto row : rows) ids.push_back(row.id<MessageId>(0));
  return ids;
}

}  // namespace

WindowOutcome apply_window_policy(sql::Connection& connection, const Message& message, const FallbackRules& rules,
                                  Time now) {
  const auto scene = read_scene(connection, message, rules, now);
  const auto row = lock_message(connection, message.tenant, message.id);
  if (!scene || !row || row->conversation != message.conversation || row->state != MessageState::Queued ||
      row->attempt != message.attempt)
    return {};
  const auto verdict = judge(*scene, *row);
  const bool applied = settle_row(*scene, *row, verdict);
  return {.verdict = verdict, .applied = applied, .has_new_sends = applied && queues_template(verdict)};
}

WindowOutcome outside_window(sql::Connection& connection, const Message& message, const FallbackRules& rules,
                             Time now) {
  auto scene = read_scene(connection, message, rules, now);
  const auto row = lock_message(connection, message.tenant, message.id);
  if (row && row->conversation != message.conversation) run_again("a message was moved by another transaction");
  if (!scene || !row) return {};
  if (row->state == MessageState::Failed) {
    close_window(*scene, *row);
    return refused_late(*scene, *row);
  }
  if (row->state != MessageState::Sending && row->state != MessageState::Unknown) return {};
  close_window(*scene, *row);
  return refused_at_once(*scene, *row);
}

void fallback_failed(sql::Connection& connection, const Message& message, Time now) {
  // An unknown outcome is no failure: the customer may have the template and answer it.
  if (message.author != "fallback" || message.is_guess()) return;
  const auto conversation = find_conversation(connection, message.tenant, message.conversation, Lock::UntilCommit);
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
