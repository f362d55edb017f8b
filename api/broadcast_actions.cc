// What people do with a broadcast: estimate, schedule, send, pause, resume, cancel, retry.

#include <map>

#include "api/broadcast_input.h"
#include "api/door.h"
#include "api/routes.h"
#include "base/day.h"
#include "base/time_zone.h"
#include "conversation/market.h"
#include "store/broadcast_audience.h"
#include "store/broadcast_feed.h"
#include "store/broadcast_recipients.h"
#include "store/rates.h"

namespace waypost::api {
namespace {

constexpr std::int64_t kContactsAtOnce = 5'000;  // that one read of an estimate looks at

Result<WhichBroadcast> asked(const Call& call) {
  const auto id = path_id<BroadcastId>(call.request);
  if (!id) return fail(id.error());
  return WhichBroadcast{.tenant = call.caller.tenant, .id = *id, .now = call.now};
}

std::unexpected<Error> stopped(const BroadcastStop& stop) {
  return fail(Error(ErrorKind::Rejected, stop.words).with_code(stop.reason));
}

// What must hold before it goes out, and before it is planned.
Result<void> may_begin(sql::Connection& connection, const store::Broadcast& broadcast, Time now) {
  if (auto fits = fits_store(connection, broadcast); !fits) return fits;
  if (const auto stop = store::stop_of_broadcast(connection, broadcast, now)) return stopped(*stop);
  return {};
}

struct Estimate {
  std::int64_t recipients = 0;
  std::map<std::string, std::int64_t> excluded{};  // by reason
  std::map<std::string, std::int64_t> markets{};   // recipients by where they are
};

void add(Estimate& estimate, const store::AudiencePage& page) {
  for (const auto& member : page.members) {
    if (!member.reason.empty()) {
      estimate.excluded[member.reason] += 1;
      continue;
    }
    estimate.recipients += 1;
    estimate.markets[market_of(member.phone)] += 1;
  }
}

using ReadPage = store::AudiencePage (*)(sql::Connection&, const store::AudienceQuery&, std::optional<ContactId>,
                                         std::int64_t);

awaitable<Result<Estimate>> count_audience(Shared& shared, store::Broadcast broadcast, Time now) {
  const auto query = co_await shared.database.read(
      [broadcast, now](auto& connection) { return store::audience_of(connection, broadcast, now); });
  if (!query) co_return fail(query.error());
  Estimate estimate;
  for (const ReadPage read : {store::named_page, store::audience_page}) {
    for (std::optional<ContactId> behind = ContactId{}; behind;) {
      const auto page = co_await shared.database.read([query = *query, read, behind](auto& connection) {
        return read(connection, query, behind, kContactsAtOnce);
      });
      if (!page) co_return fail(page.error());
      add(estimate, *page);
      behind = page->behind;
    }
  }
  co_return estimate;
}

awaitable<Result<store::Broadcast>> find_for(Shared& shared, WhichBroadcast which, BroadcastWish wish) {
  co_return co_await shared.database.read(
      [which, wish](auto& connection) { return broadcast_for(connection, which, wish, store::Lock::None); });
}

// How fast a channel sends, in the settings' words; nothing: as fast as Meta lets it.
Pace pace_of(const Settings& settings) {
  if (!settings.sending.pacing) return {};
  return {.per_hour = std::int64_t(settings.sending.number_per_second - settings.sending.inbound_reserve) * 3'600};
}

Time begin_of(const store::Broadcast& broadcast, Time now) {
  return std::max(broadcast.scheduled_at.value_or(now), now);
}

// As if every message were billed on the day on which it begins.
Json price_json(sql::Connection& connection, const store::Broadcast& broadcast, const Estimate& estimate, Time begins) {
  const RateBook book(store::list_rates(connection, broadcast.tenant));
  const auto day = day_in_zone(begins, store::time_zone_of(connection, broadcast.tenant));
  const auto category = store::category_of_broadcast(connection, broadcast);
  Cost total;
  Json markets = Json::array();
  for (const auto& [market, count] : estimate.markets) {
    const auto* rate = book.find(market, category, day);
    add_cost(total, book, {.market = market, .category = category, .day = day, .count = count});
    markets.push_back({{"market", market},
                       {"messages", count},
                       {"price", rate ? Json(rate->price.text()) : Json()},
                       {"amount", rate ? Json(rate->price.times(count).text()) : Json()},
                       {"currency", rate ? Json(rate->currency) : Json()}});
  }
  return {{"category", category},
          {"day", day_text(day)},
          {"total", amounts_json(total)},
          {"markets", std::move(markets)},
          {"unpriced", total.unpriced}};
}

Json estimate_json(const Shared& shared, const store::Broadcast& broadcast, const Estimate& estimate, Time now) {
  const Time begins = begin_of(broadcast, now);
  const auto pace = pace_of(shared.settings);
  std::int64_t excluded = 0;
  for (const auto& [reason, count] : estimate.excluded) excluded += count;
  return {
      {"recipients", estimate.recipients},
      {"excluded", excluded},
      {"excludedByReason", estimate.excluded},
      {"startsAt", iso8601(begins)},
      {"perMinute", pace.per_hour > 0 ? Json(pace.per_hour / 60) : Json()},
      {"endsAt", pace.per_hour > 0 ? Json(iso8601(begins + seconds(seconds_for(estimate.recipients, pace)))) : Json()}};
}

awaitable<Result<Response>> estimate(Shared& shared, Call call) {
  const auto which = asked(call);
  if (!which) co_return fail(which.error());
  const auto broadcast = co_await find_for(shared, *which, BroadcastWish::Edit);
  if (!broadcast) co_return fail(broadcast.error());
  const auto counted = co_await count_audience(shared, *broadcast, call.now);
  if (!counted) co_return fail(counted.error());
  Json json = estimate_json(shared, *broadcast, *counted, call.now);
  const Time begins = begin_of(*broadcast, call.now);
  auto price = co_await shared.database.read([broadcast = *broadcast, counted = *counted, begins](auto& connection) {
    return price_json(connection, broadcast, counted, begins);
  });
  if (!price) co_return fail(price.error());
  json["price"] = *std::move(price);
  co_return ok(std::move(json));
}

Result<Json> begin(sql::Connection& connection, const WhichBroadcast& which, std::int64_t recipients) {
  const auto row = broadcast_for(connection, which, BroadcastWish::Send);
  if (!row) return fail(row.error());
  if (auto may = may_begin(connection, *row, which.now); !may) return fail(may.error());
  store::move_broadcast(connection, *row, BroadcastStatus::Preparing, which.now);
  return Json{{"ok", true}, {"status", name_of(BroadcastStatus::Preparing)}, {"totalRecipients", recipients}};
}

awaitable<Result<Response>> send(Shared& shared, Call call) {
  const auto which = asked(call);
  if (!which) co_return fail(which.error());
  const auto broadcast = co_await find_for(shared, *which, BroadcastWish::Send);
  if (!broadcast) co_return fail(broadcast.error());
  const auto counted = co_await count_audience(shared, *broadcast, call.now);
  if (!counted) co_return fail(counted.error());
  if (counted->recipients == 0)
    co_return fail(Error(ErrorKind::Rejected, "nobody is in the broadcast's audience").with_code("no_recipients"));
  co_return respond(
      200, co_await shared.database.write(sql::lane_key(which->tenant),
                                          [which = *which, recipients = counted->recipients](auto& connection) {
                                            return begin(connection, which, recipients);
                                          }));
}

struct Plan {
  std::optional<Time> at{};
  std::optional<std::string> local{};
  std::optional<std::string> zone{};
};

Result<Plan> read_plan(const Request& request) {
  auto input = Input::of(request);
  if (!input) return fail(input.error());
  Plan plan{.local = input->maybe_text("localTime", {.most = 19}), .zone = input->maybe_text("timeZone", {.most = 64})};
  const auto at = input->maybe_text("at", {.most = 40});
  if (at) {
    plan.at = parse_rfc3339(*at);
    if (!plan.at) input->complain("at", "Expected a time like 2026-12-01T09:00:00+01:00");
  }
  if (at.has_value() == plan.local.has_value()) input->complain("at", "Either at or localTime is required");
  if (plan.zone && !is_time_zone(*plan.zone)) input->complain("timeZone", "There is no such time zone");
  if (auto fine = input->end(); !fine) return fail(fine.error());
  return plan;
}

Result<Time> time_of(sql::Connection& connection, const WhichBroadcast& which, const Plan& plan) {
  if (plan.at) return *plan.at;
  const auto at = time_in_zone(*plan.local, plan.zone ? *plan.zone : store::time_zone_of(connection, which.tenant));
  if (!at) return invalid("localTime", at.error().words());
  return *at;
}

Result<Json> plan_for(sql::Connection& connection, const WhichBroadcast& which, const Plan& plan) {
  auto row = broadcast_for(connection, which, BroadcastWish::Schedule);
  if (!row) return fail(row.error());
  const auto at = time_of(connection, which, plan);
  if (!at) return fail(at.error());
  if (*at <= which.now) return invalid(plan.at ? "at" : "localTime", "This time is over");
  if (auto may = may_begin(connection, *row, which.now); !may) return fail(may.error());
  row->scheduled_at = *at;
  store::move_broadcast(connection, *row, BroadcastStatus::Scheduled, which.now);
  return Json{{"ok", true}, {"status", name_of(BroadcastStatus::Scheduled)}, {"scheduledAt", iso8601(*at)}};
}

awaitable<Result<Response>> schedule(Shared& shared, Call call) {
  const auto which = asked(call);
  if (!which) co_return fail(which.error());
  const auto plan = read_plan(call.request);
  if (!plan) co_return fail(plan.error());
  co_return respond(200, co_await shared.database.write(sql::lane_key(which->tenant),
                                                        [which = *which, plan = *plan](auto& connection) {
                                                          return plan_for(connection, which, plan);
                                                        }));
}

// What a change of status means for the sender: these conversations are to be looked at.
struct Changed {
  BroadcastStatus status = BroadcastStatus::Paused;
  ChannelId channel{};
  std::vector<ConversationId> conversations{};
};

std::vector<Signal> signals_for(TenantId tenant, const Changed& changed) {
  std::vector<Signal> signals;
  for (const auto conversation : changed.conversations) {
    signals.push_back(
        {.queue = QueueName::Sends,
         .key = {.owner = tenant, .key = conversation, .stream = Stream::Bulk, .channel = changed.channel}});
  }
  return signals;
}

Result<Changed> pause_it(sql::Connection& connection, const WhichBroadcast& which, const store::AcceptRules&) {
  auto row = broadcast_for(connection, which, BroadcastWish::Pause);
  if (!row) return fail(row.error());
  row->stop = BroadcastStop{.reason = "by_person", .words = "somebody has paused it"};
  store::move_broadcast(connection, *row, BroadcastStatus::Paused, which.now);
  return Changed{.status = BroadcastStatus::Paused};
}

Result<Changed> resume_it(sql::Connection& connection, const WhichBroadcast& which, const store::AcceptRules& rules) {
  const auto row = broadcast_for(connection, which, BroadcastWish::Resume);
  if (!row) return fail(row.error());
  if (const auto stop = store::stop_of_broadcast(connection, *row, which.now)) return stopped(*stop);
  const auto next = *after(row->status, BroadcastWish::Resume, row->prepared_at.has_value());
  store::renew_validity(connection, *row, rules.validity, which.now);
  store::move_broadcast(connection, *row, next, which.now);
  return Changed{
      .status = next, .channel = row->channel, .conversations = store::conversations_ahead(connection, *row)};
}

Result<Changed> cancel_it(sql::Connection& connection, const WhichBroadcast& which, const store::AcceptRules&) {
  const auto row = broadcast_for(connection, which, BroadcastWish::Cancel);
  if (!row) return fail(row.error());
  store::move_broadcast(connection, *row, BroadcastStatus::Cancelled, which.now);
  return Changed{.status = BroadcastStatus::Cancelled,
                 .channel = row->channel,
                 .conversations = store::conversations_ahead(connection, *row)};
}

using Change = Result<Changed> (*)(sql::Connection&, const WhichBroadcast&, const store::AcceptRules&);

awaitable<Result<Response>> change(Shared& shared, Call call, Change how) {
  const auto which = asked(call);
  if (!which) co_return fail(which.error());
  const auto changed = co_await shared.database.write(
      sql::lane_key(which->tenant),
      [which = *which, how, rules = shared.accept_rules()](auto& connection) { return how(connection, which, rules); });
  if (!changed) co_return fail(changed.error());
  shared.parts.signals->offer(signals_for(which->tenant, *changed));
  co_return ok({{"ok", true}, {"status", name_of(changed->status)}});
}

awaitable<Result<Response>> pause(Shared& shared, Call call) { return change(shared, std::move(call), pause_it); }
awaitable<Result<Response>> resume(Shared& shared, Call call) { return change(shared, std::move(call), resume_it); }
awaitable<Result<Response>> cancel(Shared& shared, Call call) { return change(shared, std::move(call), cancel_it); }

Result<store::RetryRules> read_retry(const Request& request) {
  auto input = Input::of(request);
  if (!input) return fail(input.error());
  store::RetryRules rules;
  if (input->maybe_bool("unknown").value_or(false)) rules.unknown = UnknownOutcomes::Retried;
  rules.reasons = input->maybe_texts("reasons", 64).value_or(std::vector<std::string>());
  if (auto fine = input->end(); !fine) return fail(fine.error());
  return rules;
}

struct Retried {
  std::optional<ContactId> behind{};  // nothing: that was the last page
  std::int64_t recipients = 0;
};

awaitable<Result<Retried>> retry_some(Shared& shared, store::Broadcast broadcast, store::RetryRules rules,
                                      ContactId behind) {
  const auto page = co_await shared.database.read(
      [broadcast, rules, behind](auto& connection) { return store::retry_page(connection, broadcast, rules, behind); });
  if (!page) co_return fail(page.error());
  const auto done = co_await shared.database.write(
      sql::lane_key(broadcast.tenant),
      [broadcast, page = *page, now = shared.clock.now()](auto& connection) {
        return store::retry_recipients(connection, broadcast, page.recipients, now);
      },
      sql::Urgency::Bulk);
  if (!done) co_return fail(done.error());
  co_return Retried{.behind = page->behind, .recipients = *done};
}

awaitable<Result<Response>> retry(Shared& shared, Call call) {
  const auto which = asked(call);
  if (!which) co_return fail(which.error());
  const auto rules = read_retry(call.request);
  if (!rules) co_return fail(rules.error());
  const auto broadcast = co_await find_for(shared, *which, BroadcastWish::Retry);
  if (!broadcast) co_return fail(broadcast.error());
  Retried sum{.behind = ContactId{}};
  while (sum.behind) {
    const auto some = co_await retry_some(shared, *broadcast, *rules, *sum.behind);
    if (!some) co_return fail(some.error());
    sum.recipients += some->recipients;
    sum.behind = some->behind;
  }
  co_return ok({{"ok", true}, {"retried", sum.recipients}});
}

}  // namespace

void add_broadcast_action_routes(Router& router, Shared& shared) {
  add_entries(router, shared,
              std::initializer_list<Entry>{
                  {"POST", "/api/broadcasts/{id}/estimate", estimate},
                  {"POST", "/api/broadcasts/{id}/send", send, store::Role::Admin},
                  {"POST", "/api/broadcasts/{id}/schedule", schedule, store::Role::Admin},
                  {"POST", "/api/broadcasts/{id}/pause", pause, store::Role::Admin},
                  {"POST", "/api/broadcasts/{id}/resume", resume, store::Role::Admin},
                  {"POST", "/api/broadcasts/{id}/cancel", cancel, store::Role::Admin},
                  {"POST", "/api/broadcasts/{id}/retry", retry, store::Role::Admin},
              });
}

}  // namespace waypost::api
