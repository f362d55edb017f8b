#include "store/meta_refusals.h"

#include <algorithm>

#include "conversation/account_news.h"
#include "conversation/send_codes.h"
#include "store/channel_blocks.h"
#include "store/channels.h"
#include "store/contacts.h"
#include "store/locks.h"
#include "store/marketing.h"
#include "store/sending.h"
#include "store/templates.h"

namespace waypost::store {
namespace {

constexpr std::chrono::minutes kLateThrottle{1};
constexpr std::chrono::seconds kLatePair{4};  // Meta: 4^X seconds, here of a first failure

void lay_embargo(sql::Connection& connection, const MetaRefusal& refusal, Time now) {
  auto contact = lock_contact(connection, refusal.message.tenant, refusal.message.contact);
  const Time until = refusal.at + kEmbargo;
  if (!contact || contact->group_id || contact->embargo_until >= until) return;
  contact->embargo_until = until;
  update_contact(connection, *contact, now);
}

void stop_marketing(sql::Connection& connection, const MetaRefusal& refusal, Time now) {
  auto contact = lock_contact(connection, refusal.message.tenant, refusal.message.contact);
  if (!contact || contact->group_id || contact->marketing_stopped || contact->marketing_said_at > refusal.at) return;
  contact->marketing_stopped = true;
  contact->marketing_said_at = refusal.at;
  update_contact(connection, *contact, now);
}

void mark_template(sql::Connection& connection, const MetaRefusal& refusal, const char* status, Time now) {
  const auto channel = find_channel(connection, refusal.message.tenant, refusal.message.channel);
  if (!channel) return;
  const Json* language = find_object(refusal.message.content, "language");
  const TemplateNews news{.name = text_or_empty(refusal.message.content, "name"),
                          .language = language ? text_or_empty(*language, "code") : std::string(),
                          .status = status};
  apply_template_news(connection,
                      {.tenant = channel->tenant, .waba_id = channel->waba_id, .news = news, .at = refusal.at}, now);
}

void list_templates_soon(sql::Connection& connection, const Message& message) {
  const auto channel = find_channel(connection, message.tenant, message.channel);
  if (channel) want_templates_listed(connection, channel->tenant, channel->waba_id);
}

void block(sql::Connection& connection, const MetaRefusal& refusal, Time now) {
  const Message& message = refusal.message;
  block_channels(connection,
                 {.tenant = message.tenant,
                  .channel = message.channel,
                  .code = refusal.code,
                  .words = refusal.words,
                  .of_template = message.type == "template"},
                 now);
}

// A token that was changed since the attempt is not the one that was refused.
void hold_late(sql::Connection& connection, const MetaRefusal& refusal, Time now) {
  const auto channel = lock_channel(connection, refusal.message.tenant, refusal.message.channel);
  const auto attempted = refusal.message.attempt_at;
  if (channel && attempted && channel->updated_at <= *attempted)
    hold_for_token(connection, *channel, refusal.words, now);
}

std::vector<Channel> throttled(sql::Connection& connection, const MetaRefusal& refusal, GraphAction action) {
  const auto channel = find_channel(connection, refusal.message.tenant, refusal.message.channel);
  if (!channel) return {};
  if (action == GraphAction::PauseNumber) return {*channel};
  auto all = list_channels(connection, channel->tenant);
  std::erase_if(all, [&](const Channel& each) {
    return action == GraphAction::PauseApp ? each.app != channel->app : each.waba_id != channel->waba_id;
  });
  std::ranges::sort(all, {}, &Channel::id);
  return all;
}

}  // namespace

void heed_refusal(sql::Connection& connection, const MetaRefusal& refusal, Time now) {
  const auto action = action_of(refusal.code).value_or(GraphAction::Fail);
  switch (action) {
    case GraphAction::Embargo:
      return lay_embargo(connection, refusal, now);
    case GraphAction::StopMarketing:
      return stop_marketing(connection, refusal, now);
    case GraphAction::ListTemplates:
      return list_templates_soon(connection, refusal.message);
    case GraphAction::PauseTemplate:
      return mark_template(connection, refusal, "PAUSED", now);
    case GraphAction::DisableTemplate:
      return mark_template(connection, refusal, "DISABLED", now);
    case GraphAction::BlockNumber:
    case GraphAction::BlockAccount:
    case GraphAction::BlockTemplates:
    case GraphAction::BlockInitiated:
      return block(connection, refusal, now);
    case GraphAction::HoldForToken:
      if (refusal.is_late) hold_late(connection, refusal, now);
      return;
    case GraphAction::PauseNumber:
    case GraphAction::PauseAccount:
    case GraphAction::PauseApp:
      if (!refusal.is_late) return;
      for (const auto& channel : throttled(connection, refusal, action))
        keep_quiet(connection, channel, now + kLateThrottle);
      return;
    case GraphAction::RetryLink:
      if (!refusal.is_late) return;
      return forget_files_at_meta(connection, refusal.message, files_of(connection, refusal.message, now));
    case GraphAction::Retry:
    case GraphAction::RetryByPhone:
    case GraphAction::PausePair:
    case GraphAction::Fail:
    case GraphAction::UseTemplate:
    case GraphAction::Config:
    case GraphAction::Unknown:
      return;
  }
}

void slow_conversation(sql::Connection& connection, const Message& message, Time now) {
  connection.run(
      "UPDATE message SET due_at = $3 WHERE tenant_id = $1 AND conversation_id = $2 AND (state = 'queued' OR state = "
      "'sending' OR state = 'unknown' OR state = 'held') AND state = 'queued' AND due_at < $3",
      {message.tenant, message.conversation, now + kLatePair});
}

bool has_phone_by_now(sql::Connection& connection, const Message& message, Time now) {
  auto contact = lock_contact(connection, message.tenant, message.contact);
  if (!contact || contact->phone) return contact.has_value();
  for (const auto& alias : aliases_of(connection, contact->tenant, contact->id)) {
    if (alias.kind != AliasKind::Phone) continue;
    contact->phone = alias.value;
    return update_identity(connection, *contact, now);
  }
  return false;
}

}  // namespace waypost::store
