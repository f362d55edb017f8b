#include "store/outbox.h"

#include "conversation/template_parameters.h"
#include "store/channels.h"
#include "store/contacts.h"
#include "store/marketing.h"
#include "store/templates.h"
#include "store/tenants.h"

namespace waypost::store {
namespace {

std::unexpected<Error> rejected(std::string_view code, std::string words) {
  return fail(Error(ErrorKind::Rejected, std::move(words)).with_code(std::string(code)));
}

// Only where the template is known: what was never listed goes to Meta.
std::vector<FieldError> template_faults(sql::Connection& connection, const Channel& channel, const Message& message) {
  const Json* language = find_object(message.content, "language");
  const auto name = text_or_empty(message.content, "name");
  const auto code = language ? text_or_empty(*language, "code") : std::string();
  const auto known =
      find_template(connection, channel.tenant, {.waba_id = channel.waba_id, .name = name, .language = code});
  if (!known || known->status == kDeleted) return {};
  auto faults = parameter_faults({.name = known->name,
                                  .language = known->language,
                                  .parameter_format = known->parameter_format,
                                  .components = known->components},
                                 message.content);
  for (auto& fault : faults) fault.path = "content." + fault.path;
  return faults;
}

// A send that Meta would refuse is not spent.
std::optional<Error> misfit_of(sql::Connection& connection, const Channel& channel, const Message& message) {
  if (message.type != "template") return std::nullopt;
  auto faults = template_faults(connection, channel, message);
  if (faults.empty()) return std::nullopt;
  const auto words = "the parameters do not fit the template: " + faults.front().path + ": " + faults.front().message;
  return Error(ErrorKind::Rejected, words).with_code(std::string(kTemplateParameters)).with_fields(std::move(faults));
}

bool must_be_in_window(const Message& message) { return message.type != "template"; }

}  // namespace

Result<Message> accept_message(sql::Connection& connection, const Conversation& conversation, Message message,
                               const AcceptRules& rules, Time now) {
  const auto channel = find_channel(connection, conversation.tenant, conversation.channel);
  if (!channel) {
    return rejected("no_channel", "the conversation's channel is gone: create it again to send");
  }
  const auto contact = find_contact(connection, conversation.tenant, conversation.contact);
  if (!contact) return fail(Error(ErrorKind::NotFound, "the conversation's contact is gone").with_code("no_contact"));
  if (conversation.thread_owner)
    return rejected("thread_elsewhere", "another app owns the conversation: set its status to open to take it back");
  if (message.type == "pin" && !contact->group_id)
    return rejected("groups_only", "a message can be pinned in a group's conversation only");
  if (contact->opted_out) return rejected("opted_out", "the contact has opted out of messages");
  const auto bar = marketing_bar(*contact, now);
  if (bar && is_marketing(connection, *channel, message)) return rejected(name_of(*bar), std::string(words_of(*bar)));
  if (auto misfit = misfit_of(connection, *channel, message)) return fail(*std::move(misfit));
  const bool open = is_open(conversation.window_expires_at, now, rules.window_margin);
  if (!open && must_be_in_window(message)) {
    const auto tenant = find_tenant(connection, conversation.tenant);
    if (policy_in_force(message.policy, tenant && tenant->fallback) == WindowPolicy::Reject) {
      return rejected(kWindowClosed,
                      "the 24-hour customer service window is closed: send a template, or wait for the customer");
    }
  }
  if (!message.expires_at) message.expires_at = now + rules.validity;
  return queue_message(connection, conversation, std::move(message), now);
}

}  // namespace waypost::store
