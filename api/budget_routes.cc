#include "api/budget_routes.h"

#include "api/input.h"
#include "store/budgets.h"
#include "store/channels.h"

namespace waypost::api {
namespace {

Result<store::BudgetKey> key_of(const Call& call) {
  const auto id = path_id<ChannelId>(call.request);
  if (!id) return fail(id.error());
  return store::BudgetKey{.tenant = call.caller.tenant, .channel = *id};
}

// Of a channel without a budget, null.
Result<Json> shown(sql::Connection& connection, const store::BudgetKey& key, Time now) {
  if (!store::find_channel(connection, key.tenant, key.channel)) return not_found();
  const auto standing = store::budget_standing(connection, key, now);
  if (!standing) return Json{{"channelId", key.channel.text()}, {"budget", nullptr}};
  return store::to_json(key, *standing);
}

awaitable<Result<Response>> get(Shared& shared, Call call) {
  const auto key = key_of(call);
  if (!key) co_return fail(key.error());
  co_return respond(200, co_await shared.database.read(
                             [key = *key, now = call.now](auto& connection) { return shown(connection, key, now); }));
}

Result<Budget> read_budget(const Request& request) {
  auto input = Input::of(request);
  if (!input) return fail(input.error());
  Budget budget{.currency = input->text("currency", {.most = 3})};
  const auto text = input->text("amount", {.most = 20});
  const auto amount = read_amount(text);
  if (!budget.currency.empty() && !is_currency(budget.currency))
    input->complain("currency", "Expected three capital letters like 'EUR'");
  if (!text.empty() && (!amount || amount->micros == 0))
    input->complain("amount", "Expected a text like '250' or '99.5', above 0, with at most six decimals");
  if (input->maybe_text("period").value_or("month") != "month") input->complain("period", "Expected 'month'");
  budget.amount = amount.value_or(Amount{});
  budget.alert_at = input->maybe_integer("alertAt", 1, 100).value_or(budget.alert_at);
  budget.stops = input->maybe_bool("stop").value_or(budget.stops);
  if (auto fine = input->end(); !fine) return fail(fine.error());
  return budget;
}

Result<Json> set(sql::Connection& connection, const store::BudgetKey& key, const Budget& budget, Time now) {
  if (!store::find_channel(connection, key.tenant, key.channel)) return not_found();
  store::set_budget(connection, key, budget, now);
  return shown(connection, key, now);
}

awaitable<Result<Response>> put(Shared& shared, Call call) {
  const auto key = key_of(call);
  if (!key) co_return fail(key.error());
  const auto budget = read_budget(call.request);
  if (!budget) co_return fail(budget.error());
  co_return respond(200, co_await shared.database.write(sql::lane_key(key->tenant), [key = *key, budget = *budget,
                                                                                     now = call.now](auto& connection) {
    return set(connection, key, budget, now);
  }));
}

Result<Json> drop(sql::Connection& connection, const store::BudgetKey& key, Time now) {
  if (!store::drop_budget(connection, key, now)) return not_found();
  return Json{{"ok", true}};
}

awaitable<Result<Response>> remove(Shared& shared, Call call) {
  const auto key = key_of(call);
  if (!key) co_return fail(key.error());
  co_return respond(
      200, co_await shared.database.write(sql::lane_key(key->tenant), [key = *key, now = call.now](auto& connection) {
        return drop(connection, key, now);
      }));
}

}  // namespace

void add_budget_routes(Router& router, Shared& shared) {
  add_entries(router, shared,
              std::initializer_list<Entry>{
                  {"GET", "/api/channels/{id}/budget", get},
                  {"PUT", "/api/channels/{id}/budget", put, store::Role::Admin},
                  {"DELETE", "/api/channels/{id}/budget", remove, store::Role::Admin},
              });
}

}  // namespace waypost::api
