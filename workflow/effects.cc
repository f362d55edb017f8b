#include "workflow/effects.h"

#include "store/contacts.h"
#include "store/events.h"
#include "store/node_counts.h"
#include "store/people.h"
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
          .run = context.run.id,
          .node_id = step.node_id};
}

using Refusal = std::optional<store::Complaint>;

// Reads, changes and writes a row, if the change is one.
template <class Change>
Refusal change_contact(sql::Connection& connection, const EffectContext& context, const Change& change) {
  auto contact = store::find_contact(connection, context.conversation.tenant, context.conversation.contact);
  if (!contact) return store::Complaint{.code = "no_contact", .words = "the conversation's contact is gone"};
  if (change(*contact)) store::update_contact(connection, *contact, context.now);
  return std::nullopt;
}

template <class Change>
Refusal change_conversation(sql::Connection& connection, const EffectContext& context, const Change& change) {
  auto conversation = store::find_conversation(connection, context.conversation.tenant, context.conversation.id);
  if (!conversation) return store::Complaint{.code = "no_conversation", .words = "the conversation is gone"};
  if (change(*conversation)) store::update_conversation(connection, *conversation, context.now);
  return std::nullopt;
}

bool set_changed(Json& fields, const SetFieldEffect& effect) {
  const Json before = fields;
  set_field(fields, effect);
  return fields != before;
}

// One step's effects, in their order.
class Applier {
 public:
  Applier(sql::Connection& connection, const EffectContext& context, const PlannedStep& step)
      : connection_(connection), context_(context), step_(step) {}

  Applied apply() {
    for (const auto& effect : step_.plan.effects) {
      applied_.failure = std::visit([this](const auto& each) { return apply(each); }, effect);
      if (applied_.failure) break;
    }
    return std::move(applied_);
  }

 private:
  Refusal apply(const SendEffect& effect) {
    auto message = message_of(context_, step_, effect);
    if (effect.is_later_part) message.part_of = first_;
    auto queued =
        store::accept_message(connection_, context_.conversation, std::move(message), context_.rules, context_.now);
    if (!queued) return complaint_of(queued.error());
    if (!first_) first_ = queued->id;
    applied_.message_ids.push_back(queued->id.text());
    return std::nullopt;
  }

  Refusal apply(const SetFieldEffect& effect) {
    switch (effect.owner) {
      case FieldOwner::Contact:
        return change_contact(connection_, context_,
                              [&](store::Contact& contact) { return set_changed(contact.fields, effect); });
      case FieldOwner::Conversation:
        return change_conversation(connection_, context_, [&](store::Conversation& conversation) {
          return set_changed(conversation.fields, effect);
        });
    }
  }

  Refusal apply(const TagEffect& effect) {
    return change_contact(connection_, context_, [&](store::Contact& contact) {
      const auto before = contact.tags;
      set_tag(contact.tags, effect);
      return contact.tags != before;
    });
  }

  // Somebody who is no member any more is nobody's to wait for: the conversation stays with whom it was.
  Refusal apply(const HandoffEffect& effect) {
    auto assignee = effect.assign_to ? UserId::parse(*effect.assign_to) : std::nullopt;
    if (assignee && !store::role_in(connection_, context_.run.tenant, *assignee)) assignee.reset();
    return change_conversation(connection_, context_, [&](store::Conversation& conversation) {
      conversation.status = "handoff";
      if (assignee) conversation.assigned_to = assignee;
      return true;
    });
  }

  Refusal apply(const EmitEffect& effect) {
    const auto& run = context_.run;
    const std::string payload = dump({{"name", effect.name},
                                      {"payload", effect.payload},
                                      {"runId", run.id.text()},
                                      {"workflowId", run.workflow.text()},
                                      {"contactId", run.contact.text()},
                                      {"conversationId", run.conversation.text()}});
    store::append_event(connection_, run.tenant,
                        {.type = "workflow.event", .conversation = run.conversation, .payload = payload}, context_.now);
    return std::nullopt;
  }

  Refusal apply(const CountEffect& effect) {
    const auto& run = context_.run;
    store::count_node(connection_,
                      {.tenant = run.tenant,
                       .workflow = run.workflow,
                       .node = effect.node,
                       .subject = effect.per_contact ? context_.conversation.contact.uuid : run.tenant.uuid},
                      effect.window, context_.now);
    return std::nullopt;
  }

  sql::Connection& connection_;
  const EffectContext& context_;
  const PlannedStep& step_;
  Applied applied_;
  std::optional<MessageId> first_;
};

}  // namespace

Applied apply_effects(sql::Connection& connection, const EffectContext& context, const PlannedStep& step) {
  return Applier(connection, context, step).apply();
}

}  // namespace waypost::workflow
