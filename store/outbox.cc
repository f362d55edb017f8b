#include "store/outbox.h"

#include "store/channels.h"
#include "store/contacts.h"
#include "store/marketing.h"
#include "store/tenants.h"

namespace waypost::store {
namespace {

std::unexpected<Error> rejected(std::string_view code, std::string words) {
  return fail(Error(ErrorKind::Rejected, std::move(words)).with_code(std::string(code)));
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
  if (!contact) return fail(ErrorKind::NotFound, "the conversation's contact is gone");
  if (conversation.thread_owner)
    return rejected("thread_elsewhere", "another app owns the conversation: set its status to open to take it back");
  if (message.type == "pin" && !contact->group_id)
    return rejected("groups_only", "a message can be pinned in a group's conversation only");
  if (contact->opted_out) return rejected("opted_out", "the contact has opted out of messages");
  if (is_unwanted_marketing(connection, *contact, *channel, message))
    return rejected(kMarketingStopped, std::string(kMarketingStoppedWords));
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
