#include "outbound/channel_look.h"

#include <utility>

#include "conversation/channel_health.h"
#include "conversation/portfolio.h"
#include "store/portfolio.h"

namespace waypost {
namespace {

constexpr std::string_view kNumberFields =
    "display_phone_number,verified_name,quality_rating,code_verification_status,name_status,platform_type,"
    "is_on_biz_app,throughput,whatsapp_business_manager_messaging_limit,status,webhook_configuration,health_status";
constexpr std::string_view kWebhook = "/webhooks/whatsapp";
constexpr std::string_view kDefaultApp = "default";
// Meta's date is cut to the second.
constexpr milliseconds kHalfASecond{500};

// What of it holds beyond the channel's health: its pace, its limit, and whose the account is.
void note_number(sql::Connection& connection, const store::Channel& channel, const ChannelLook& seen, Time now) {
  store::note_number_fields(connection, channel, {.fields = *seen.number, .at = seen.at}, now);
  if (const auto owner = portfolio_of_number(*seen.number))
    store::note_owner_of_account(connection, {.waba_id = channel.waba_id, .portfolio = *owner, .at = seen.at});
}

}  // namespace

awaitable<ChannelLooker::Answer> ChannelLooker::ask(std::string path, Secret token) {
  const Time before = parts_.clock->now();
  auto reply = co_await parts_.graph->ask({.path = std::move(path), .token = std::move(token)});
  if (!reply) co_return Answer{.body = fail(std::move(reply.error()))};
  Answer answer{.body = std::move(reply->body)};
  // Meta's date lies between the two; their middle is the best guess.
  const Time middle = before + (parts_.clock->now() - before) / 2;
  if (reply->date) answer.skew = middle - (*reply->date + kHalfASecond);
  co_return answer;
}

std::string ChannelLooker::callback_of(const store::Channel& channel) const {
  std::string path(kWebhook);
  if (channel.app != kDefaultApp) path += "/" + channel.app;
  std::string url = public_url_;
  if (url.ends_with('/')) url.pop_back();
  return url + path;
}

awaitable<Result<store::ChannelHealth>> ChannelLooker::look(store::Channel channel) {
  const auto token = parts_.keyring->open(channel.sealed_access_token, store::kAccessTokenPurpose);
  if (!token) co_return fail(ErrorKind::Internal, "the channel's access token cannot be opened");
  ChannelLook seen{.at = parts_.clock->now(), .callback = callback_of(channel)};
  auto debugged = co_await ask("/debug_token?input_token=" + percent_encoded(token->reveal()), *token);
  seen.token = std::move(debugged.body);
  auto number =
      co_await ask("/" + percent_encoded(channel.phone_number_id) + "?fields=" + std::string(kNumberFields), *token);
  seen.number = std::move(number.body);
  seen.skew = number.skew ? number.skew : debugged.skew;
  seen.apps = (co_await ask("/" + percent_encoded(channel.waba_id) + "/subscribed_apps", *token)).body;
  auto unit = [channel, seen = std::move(seen), settings = settings_,
               now = parts_.clock->now()](sql::Connection& connection) mutable -> Result<store::ChannelHealth> {
    if (seen.number) note_number(connection, channel, seen, now);
    seen.is_silent = settings.silence.count() > 0 && store::is_silent(connection, channel, settings.silence, now);
    const auto before = store::find_health(connection, channel.tenant, channel.id);
    Json report = health_report(seen, before ? before->report : Json());
    store::ChannelHealth health{.tenant = channel.tenant,
                                .channel = channel.id,
                                .status = text_or_empty(report, "status"),
                                .report = std::move(report),
                                .checked_at = seen.at};
    auto kept = store::keep_health(connection, std::move(health), now);
    if (!kept) return fail(ErrorKind::NotFound, "the channel is gone");
    return *std::move(kept);
  };
  co_return co_await parts_.database->write(sql::lane_key(channel.tenant), std::move(unit), sql::Urgency::Bulk);
}

}  // namespace waypost
