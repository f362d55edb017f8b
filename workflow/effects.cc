#include "workflow/effects.h"

#include "store/contacts.h"
#include "workflow/scope.h"

namespace waypost::workflow {
namespace {

store::Complaint complaint_of(const Error& error) {
  return {.code = error.code().empty() ? std::string(name_of(error.kind())) : error.code(), .words = error.words()};
}

store::Message message_of(const EffectContext& context, const PlannedStep& step, const SendEffect& effect) {
  return {.type = effect.type,
          .text = effect.text,
          .content = effect.content,
          .author = "workflow",
          .policy = effect.policy,
          .run = context.run,
          .node_id = step.node_id};
}

std::optional<store::Complaint> set_contact_field(sql::Connection& connection, const EffectContext& context,
                                                  const SetFieldEffect& effect) {
  auto contact = store::find_contact(connection, context.conversation.tenant, context.conversation.contact);
  if (!contact) return store::Complaint{.code = "no_contact", .words = "the conversation's contact is gone"};
  const Json before = contact->fields;
  set_field(contact->fields, effect);
  if (contact->fields != before) store::update_contact(connection, *contact, context.now);
  return std::nullopt;
}

std::optional<store::Complaint> set_conversation_field(sql::Connection& connection, const EffectContext& context,
                                                       const SetFieldEffect& effect) {
  auto conversation = store::find_conversation(connection, context.conversation.tenant, context.conversation.id);
  if (!conversation) return store::Complaint{.code = "no_conversation", .words = "the conversation is gone"};
  const Json before = conversation->fields;
  set_field(conversation->fields, effect);
  if (conversation->fields != before) store::update_conversation(connection, *conversation, context.now);
  return std::nullopt;
}

std::optional<store::Complaint> apply_field(sql::Connection& connection, const EffectContext& context,
                                            const SetFieldEffect& effect) {
  switch (effect.owner) {
    case FieldOwner::Contact:
      return set_contact_field(connection, context, effect);
    case FieldOwner::Conversation:
      return set_conversation_field(connection, context, effect);
  }
}

}  // namespace

Applied apply_effects(sql::Connection& connection, const EffectContext& context, const PlannedStep& step) {
  Applied applied;
  std::optional<MessageId> first;
  for (const auto& effect : step.plan.effects) {
    if (const auto* field = std::get_if<SetFieldEffect>(&effect)) {
      applied.failure = apply_field(connection, context, *field);
    } else {
      const auto& send = std::get<SendEffect>(effect);
      auto message = message_of(context, step, send);
      if (send.is_later_part) message.part_of = first;
      auto queued =
          store::accept_message(connection, context.conversation, std::move(message), context.rules, context.now);
      if (!queued) {
        applied.failure = complaint_of(queued.error());
      } else {
        if (!first) first = queued->id;
        applied.message_ids.push_back(queued->id.text());
      }
    }
    if (applied.failure) break;
  }
  return applied;
}

}  // namespace waypost::workflow
