#include <chrono>

#include "api/door.h"
#include "api/input.h"
#include "api/routes.h"
#include "store/pricing.h"

namespace waypost::api {
namespace {

constexpr std::int64_t kUsualDays = 30;
constexpr std::int64_t kMostDays = 400;
constexpr std::string_view kDayWords = "Expected a day like 2026-11-30";

std::string text_of(std::int64_t day) { return iso8601(Time(std::chrono::days(day))).substr(0, 10); }

std::optional<std::int64_t> day_named(std::string_view text) {
  const auto at = parse_iso8601(std::string(text) + "T00:00:00Z");
  if (!at) return std::nullopt;
  return std::chrono::floor<std::chrono::days>(*at).time_since_epoch().count();
}

// Both days included; without them the last thirty.
Result<store::PricedSpan> read_span(const Call& call) {
  const auto today = std::chrono::floor<std::chrono::days>(call.now).time_since_epoch().count();
  store::PricedSpan span{.from = today - kUsualDays + 1, .until = today};
  if (const auto until = call.request.query_value("until")) {
    const auto day = day_named(*until);
    if (!day) return invalid("until", std::string(kDayWords));
    span = {.from = *day - kUsualDays + 1, .until = *day};
  }
  if (const auto from = call.request.query_value("from")) {
    const auto day = day_named(*from);
    if (!day) return invalid("from", std::string(kDayWords));
    span.from = *day;
  }
  if (span.from > span.until) return invalid("from", "Must not be behind until");
  if (span.until - span.from >= kMostDays) return invalid("from", "At most 400 days at once");
  return span;
}

Json shown(const store::PricedDay& day) {
  return {{"day", text_of(day.day)},  {"channelId", day.channel.text()}, {"category", day.pricing.category},
          {"type", day.pricing.type}, {"model", day.pricing.model},      {"messages", day.messages}};
}

awaitable<Result<Response>> list(Shared& shared, Call call) {
  const auto span = read_span(call);
  if (!span) co_return fail(span.error());
  co_return respond(200, co_await shared.database.read([tenant = call.caller.tenant, span = *span](auto& connection) {
    Json items = Json::array();
    for (const auto& day : store::priced_days(connection, tenant, span)) items.push_back(shown(day));
    return Json{{"from", text_of(span.from)}, {"until", text_of(span.until)}, {"items", std::move(items)}};
  }));
}

}  // namespace

void add_pricing_routes(Router& router, Shared& shared) {
  add_entries(router, shared, std::initializer_list<Entry>{{"GET", "/api/pricing", list}});
}

}  // namespace waypost::api
