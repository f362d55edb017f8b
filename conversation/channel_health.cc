#include "conversation/channel_health.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace waypost {
namespace {

using std::chrono::days;
using std::chrono::seconds;

constexpr std::array<std::string_view, 2> kScopes{"whatsapp_business_messaging", "whatsapp_business_management"};
constexpr days kExpiresSoon{7};
constexpr seconds kSkew{5};
// Of both the report and the comparison.
constexpr std::array kStanding{"qualityRating", "throughput", "nameStatus", "numberStatus", "canSendMessage"};

HealthCheck good(std::string name, std::string words) { return {.name = std::move(name), .words = std::move(words)}; }

HealthCheck not_known(std::string name, const Error& why) {
  return {.name = std::move(name),
          .status = HealthStatus::Unknown,
          .words = "Meta could not be asked: " + why.words(),
          .next = "look again in a minute; if it stays so, see whether this machine reaches graph.facebook.com"};
}

bool may_pass(const Error& error) {
  return error.kind() == ErrorKind::Unavailable || error.kind() == ErrorKind::RateLimited;
}

HealthCheck refused(std::string name, const Error& why, std::string next) {
  if (may_pass(why)) return not_known(std::move(name), why);
  return {.name = std::move(name), .status = HealthStatus::Bad, .words = why.words(), .next = std::move(next)};
}

const Json& data_of(const Json& answer) {
  static const Json kNone = Json::object();
  const Json* data = find(answer, "data");
  return data ? *data : kNone;
}

// Token --------------------------------------------------------------------------------------------------------------

constexpr const char* kNewToken =
    "make a system user token with whatsapp_business_messaging and whatsapp_business_management, then PATCH "
    "/api/channels/{id} with accessToken: held sends go out at once";

// 0: never.
std::optional<Time> end_of(const Json& token) {
  const auto at = find_integer(token, "expires_at");
  if (!at || *at <= 0) return std::nullopt;
  return Time(seconds(*at));
}

std::string missing_scopes(const Json& token) {
  const Json* scopes = find_array(token, "scopes");
  std::string missing;
  for (const auto scope : kScopes) {
    const bool there = scopes != nullptr && std::ranges::find(*scopes, Json(scope)) != scopes->end();
    if (!there) missing += (missing.empty() ? "" : ", ") + std::string(scope);
  }
  return missing;
}

// Meta tells about a token only to some callers; one that reads the number is good all the same.
HealthCheck not_told(const ChannelLook& look) {
  auto check = refused("token", look.token.error(), kNewToken);
  if (check.status != HealthStatus::Bad || !look.number) return check;
  check.status = HealthStatus::Warning;
  check.words = "it works, and Meta does not say how long: " + check.words;
  check.next = "see its end and permissions in Meta's access token debugger";
  return check;
}

HealthCheck judge_token(const ChannelLook& look) {
  if (!look.token) return not_told(look);
  const Json& token = data_of(*look.token);
  const HealthCheck bad{.name = "token", .status = HealthStatus::Bad, .next = kNewToken};
  const auto with = [&bad](HealthStatus status, std::string words) {
    auto check = bad;
    check.status = status;
    check.words = std::move(words);
    return check;
  };
  if (!find_bool(token, "is_valid").value_or(false)) return with(HealthStatus::Bad, "Meta calls the token invalid");
  const auto end = end_of(token);
  if (end && *end <= look.at) return with(HealthStatus::Bad, "the token ended " + iso8601(*end));
  if (const auto missing = missing_scopes(token); !missing.empty())
    return with(HealthStatus::Bad, "the token lacks " + missing);
  if (end && *end - look.at < kExpiresSoon) return with(HealthStatus::Warning, "the token ends " + iso8601(*end));
  return good("token", end ? "valid until " + iso8601(*end) : "valid, without an end");
}

// Number -------------------------------------------------------------------------------------------------------------

// The first trouble that Meta names, with its own advice.
struct Trouble {
  std::string words{};
  std::string advice{};
};
Trouble trouble_of(const Json& health) {
  const Json* entities = find_array(health, "entities");
  if (entities == nullptr) return {};
  for (const auto& entity : *entities) {
    const Json* errors = find_array(entity, "errors");
    if (errors == nullptr || errors->empty()) continue;
    const auto& error = errors->front();
    return {.words = text_or_empty(entity, "entity_type") + ": " + text_or_empty(error, "error_description"),
            .advice = text_or_empty(error, "possible_solution")};
  }
  return {};
}

std::optional<HealthCheck> judge_can_send(const Json& number) {
  const Json* health = find_object(number, "health_status");
  const std::string can = health ? text_or_empty(*health, "can_send_message") : std::string();
  if (can != "LIMITED" && can != "BLOCKED") return std::nullopt;
  auto trouble = trouble_of(*health);
  return HealthCheck{
      .name = "number",
      .status = can == "BLOCKED" ? HealthStatus::Bad : HealthStatus::Warning,
      .words = "Meta says that sending is " + can + (trouble.words.empty() ? "" : ": " + trouble.words),
      .next = trouble.advice.empty() ? "open the number in WhatsApp Manager: it says what to mend" : trouble.advice};
}

HealthCheck judge_number(const ChannelLook& look) {
  if (!look.number) return refused("number", look.number.error(), "check phoneNumberId, and the token's permissions");
  const Json& number = *look.number;
  if (auto trouble = judge_can_send(number)) return *std::move(trouble);
  const std::string status = find_text(number, "status").value_or("CONNECTED");
  if (status != "CONNECTED")
    return {.name = "number",
            .status = HealthStatus::Bad,
            .words = "the number is " + status,
            .next = "register the number, or open it in WhatsApp Manager"};
  const std::string quality = find_text(number, "quality_rating").value_or("UNKNOWN");
  if (quality == "RED")
    return {.name = "number",
            .status = HealthStatus::Warning,
            .words = "its quality is RED",
            .next = "send less that customers did not ask for, or its limits fall"};
  return good("number", "connected, quality " + quality);
}

// Subscription, callback ---------------------------------------------------------------------------------------------

HealthCheck judge_subscription(const ChannelLook& look) {
  constexpr const char* kNext = "POST /{waba-id}/subscribed_apps with the app's token";
  if (!look.apps) return refused("subscription", look.apps.error(), kNext);
  const Json* apps = find_array(*look.apps, "data");
  const std::string ours = look.token ? text_or_empty(data_of(*look.token), "app_id") : std::string();
  const bool there = apps != nullptr && std::ranges::any_of(*apps, [&ours](const Json& app) {
                       const Json* api = find_object(app, "whatsapp_business_api_data");
                       return ours.empty() || (api != nullptr && text_or_empty(*api, "id") == ours);
                     });
  if (there) return good("subscription", "the app is subscribed to the business account");
  return {.name = "subscription",
          .status = HealthStatus::Bad,
          .words = "the app is not subscribed to the business account: no webhooks come",
          .next = kNext};
}

// The number's own goes before the account's before the app's.
std::string callback_in(const Json& number) {
  const Json* set = find_object(number, "webhook_configuration");
  if (set == nullptr) return {};
  for (const auto* key : {"phone_number", "whatsapp_business_account", "application"}) {
    if (auto url = text_or_empty(*set, key); !url.empty()) return url;
  }
  return {};
}

HealthCheck judge_callback(const ChannelLook& look) {
  if (!look.number) return refused("callback", look.number.error(), "check phoneNumberId, and the token's permissions");
  const std::string set = callback_in(*look.number);
  const std::string next = "set the app's callback to " + look.callback + " (an override for number or account wins)";
  if (set.empty())
    return {.name = "callback", .status = HealthStatus::Bad, .words = "Meta has no callback", .next = next};
  const bool ours = look.callback.starts_with('/') ? set.ends_with(look.callback) : set == look.callback;
  if (ours) return good("callback", "webhooks go to " + set);
  return {.name = "callback",
          .status = HealthStatus::Warning,
          .words = "webhooks go to " + set + ", not to " + look.callback,
          .next = next};
}

// Clock, silence -----------------------------------------------------------------------------------------------------

HealthCheck judge_clock(const ChannelLook& look) {
  if (!look.skew) return not_known("clock", Error(ErrorKind::Unavailable, "no answer with a date"));
  const auto far = std::chrono::abs(*look.skew);
  const std::string words =
      std::to_string(far.count()) + " ms " + (look.skew->count() < 0 ? "behind" : "ahead of") + " Meta's";
  if (far < kSkew) return good("clock", words);
  return {.name = "clock",
          .status = HealthStatus::Warning,
          .words = words,
          .next = "start time synchronisation (timedatectl set-ntp true): the service window is judged by the clock"};
}

HealthCheck judge_silence(const ChannelLook& look) {
  if (!look.is_silent) return good("silence", "statuses come");
  return {.name = "silence",
          .status = HealthStatus::Bad,
          .words = "Meta accepted messages, and no status of them has come",
          .next = "see subscription and callback above, and whether Meta reaches the webhook's address"};
}

// The report ---------------------------------------------------------------------------------------------------------

Json to_json(const HealthCheck& check) {
  return {{"name", check.name}, {"status", name_of(check.status)}, {"words", check.words}, {"next", check.next}};
}

const Json* check_named(const Json& report, const std::string& name) {
  const Json* checks = find_array(report, "checks");
  if (checks == nullptr) return nullptr;
  const auto found =
      std::ranges::find_if(*checks, [&name](const Json& check) { return text_or_empty(check, "name") == name; });
  return found == checks->end() ? nullptr : &*found;
}

Json value_or_null(const Json& json, std::string_view key) {
  const Json* value = find(json, key);
  return value ? *value : Json();
}

void add_token(Json& report, const ChannelLook& look) {
  if (!look.token) return;
  const Json& token = data_of(*look.token);
  const auto end = end_of(token);
  report["tokenExpiresAt"] = end ? Json(iso8601(*end)) : Json();
  report["scopes"] = value_or_null(token, "scopes");
}

void add_standing(Json& report, const Json& number) {
  const Json* throughput = find_object(number, "throughput");
  const Json* health = find_object(number, "health_status");
  report["qualityRating"] = value_or_null(number, "quality_rating");
  report["throughput"] = throughput ? value_or_null(*throughput, "level") : Json();
  report["nameStatus"] = value_or_null(number, "name_status");
  report["numberStatus"] = value_or_null(number, "status");
  report["canSendMessage"] = health ? value_or_null(*health, "can_send_message") : Json();
}

HealthStatus status_named(std::string_view name) {
  for (const auto status : {HealthStatus::Bad, HealthStatus::Warning, HealthStatus::Unknown}) {
    if (name_of(status) == name) return status;
  }
  return HealthStatus::Good;
}

}  // namespace

std::string_view name_of(HealthStatus status) {
  switch (status) {
    case HealthStatus::Good:
      return "good";
    case HealthStatus::Unknown:
      return "unknown";
    case HealthStatus::Warning:
      return "warning";
    case HealthStatus::Bad:
      return "bad";
  }
  std::unreachable();
}

std::vector<HealthCheck> judge_channel(const ChannelLook& look) {
  return {judge_token(look),    judge_number(look), judge_subscription(look),
          judge_callback(look), judge_clock(look),  judge_silence(look)};
}

Json health_report(const ChannelLook& look, const Json& before) {
  Json report = before.is_object() ? before : Json::object();
  Json checks = Json::array();
  auto worst = HealthStatus::Good;
  for (const auto& check : judge_channel(look)) {
    const Json* known = check.status == HealthStatus::Unknown ? check_named(report, check.name) : nullptr;
    checks.push_back(known ? *known : to_json(check));
    worst = std::max(worst, status_named(text_or_empty(checks.back(), "status")));
  }
  report["status"] = name_of(worst);
  report["checks"] = std::move(checks);
  add_token(report, look);
  if (look.number) add_standing(report, *look.number);
  if (look.skew) report["clockSkewMs"] = look.skew->count();
  return report;
}

bool is_same_health(const Json& a, const Json& b) {
  const auto essence = [](const Json& report) {
    Json essence = Json::object();
    for (const auto* key : kStanding) essence[key] = value_or_null(report, key);
    const Json* checks = find_array(report, "checks");
    for (const auto& check : checks ? *checks : Json::array())
      essence["checks"][text_or_empty(check, "name")] = text_or_empty(check, "status");
    return essence;
  };
  return essence(a) == essence(b);
}

}  // namespace waypost
