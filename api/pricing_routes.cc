#include "api/budget_routes.h"
#include "api/door.h"
#include "api/input.h"
#include "api/routes.h"
#include "base/day.h"
#include "base/time_zone.h"
#include "store/pricing.h"
#include "store/rates.h"

namespace waypost::api {
namespace {

constexpr std::int64_t kUsualDays = 30;
constexpr std::int64_t kMostDays = 400;
constexpr std::string_view kDayWords = "Expected a day like 2026-11-30";

struct AskedSpan {
  std::optional<std::int64_t> from{};
  std::optional<std::int64_t> until{};
};

Result<AskedSpan> read_span(const Request& request) {
  AskedSpan span;
  if (const auto until = request.query_value("until")) {
    span.until = day_named(*until);
    if (!span.until) return invalid("until", std::string(kDayWords));
  }
  if (const auto from = request.query_value("from")) {
    span.from = day_named(*from);
    if (!span.from) return invalid("from", std::string(kDayWords));
  }
  return span;
}

// Both days included; without them the last thirty, where the workspace is.
Result<store::PricedSpan> span_of(const AskedSpan& asked, std::int64_t today) {
  const auto until = asked.until.value_or(today);
  const store::PricedSpan span{.from = asked.from.value_or(until - kUsualDays + 1), .until = until};
  if (span.from > span.until) return invalid("from", "Must not be behind until");
  if (span.until - span.from >= kMostDays) return invalid("from", "At most 400 days at once");
  return span;
}

Json shown(const store::PricedDay& day, const RateBook& book) {
  const bool is_free = !is_billed(day.pricing.type);
  const auto* rate = is_free ? nullptr : book.find(day.market, day.pricing.category, day.day);
  return {{"day", day_text(day.day)},
          {"channelId", day.channel.text()},
          {"market", day.market},
          {"category", day.pricing.category},
          {"type", day.pricing.type},
          {"model", day.pricing.model},
          {"messages", day.messages},
          {"cost", is_free ? Json("0")
                   : rate  ? Json(rate->price.times(day.messages).text())
                           : Json()},
          {"currency", rate ? Json(rate->currency) : Json()}};
}

Result<Json> sums(sql::Connection& connection, TenantId tenant, const AskedSpan& asked, Time now) {
  const auto span = span_of(asked, day_in_zone(now, store::time_zone_of(connection, tenant)));
  if (!span) return fail(span.error());
  const RateBook book(store::list_rates(connection, tenant));
  Cost total;
  Json items = Json::array();
  for (const auto& day : store::priced_days(connection, tenant, *span)) {
    add_cost(total, book,
             {.market = day.market,
              .category = day.pricing.category,
              .type = day.pricing.type,
              .day = day.day,
              .count = day.messages});
    items.push_back(shown(day, book));
  }
  return Json{{"from", day_text(span->from)},
              {"until", day_text(span->until)},
              {"items", std::move(items)},
              {"total", amounts_json(total)},
              {"unpriced", total.unpriced}};
}

awaitable<Result<Response>> list(Shared& shared, Call call) {
  const auto span = read_span(call.request);
  if (!span) co_return fail(span.error());
  co_return respond(
      200, co_await shared.database.read([tenant = call.caller.tenant, span = *span, now = call.now](auto& connection) {
        return sums(connection, tenant, span, now);
      }));
}

Json rates_json(const std::vector<Rate>& rates) {
  Json list = Json::array();
  for (const auto& rate : rates) list.push_back(to_json(rate));
  return {{"rates", std::move(list)}};
}

awaitable<Result<Response>> rates(Shared& shared, Call call) {
  co_return respond(200, co_await shared.database.read([tenant = call.caller.tenant](auto& connection) {
    return rates_json(store::list_rates(connection, tenant));
  }));
}

Result<std::vector<Rate>> read_request(const Request& request) {
  auto input = Input::of(request);
  if (!input) return fail(input.error());
  for (const auto& [key, value] : input->body().items()) {
    if (key != "rates") input->complain(key, "There is no such member");
  }
  if (auto fine = input->end(); !fine) return fail(fine.error());
  const Json* list = find(input->body(), "rates");
  return read_rates(list ? *list : Json());
}

awaitable<Result<Response>> put_rates(Shared& shared, Call call) {
  auto rates = read_request(call.request);
  if (!rates) co_return fail(rates.error());
  co_return respond(200, co_await shared.database.write(sql::lane_key(call.caller.tenant),
                                                        [tenant = call.caller.tenant, rates = *std::move(rates),
                                                         now = call.now](auto& connection) {
                                                          store::replace_rates(connection, tenant, rates, now);
                                                          return rates_json(store::list_rates(connection, tenant));
                                                        }));
}

}  // namespace

void add_pricing_routes(Router& router, Shared& shared) {
  add_entries(router, shared,
              std::initializer_list<Entry>{
                  {"GET", "/api/pricing", list},
                  {"GET", "/api/pricing/rates", rates},
                  {"PUT", "/api/pricing/rates", put_rates, store::Role::Admin},
              });
  add_budget_routes(router, shared);
}

}  // namespace waypost::api
