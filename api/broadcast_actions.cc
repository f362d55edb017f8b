// What people do with a broadcast: estimate, schedule, send, pause, resume, cancel, retry.

#include <algorithm>

#include "api/broadcast_estimate.h"
#include "api/broadcast_input.h"
#include "api/door.h"
#include "api/routes.h"
#include "base/time_zone.h"
#include "store/broadcast_feed.h"
#include "store/broadcast_recipients.h"
#include "store/rates.h"

namespace waypost::api {
namespace {

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

awaitable<Result<store::Broadcast>> find_for(Shared& shared, WhichBroadcast which, BroadcastWish wish) {
  co_return co_await shared.database.read(
      [which, wish](auto& connection) { return broadcast_for(connection, which, wish, store::Lock::None); });
}

awaitable<Result<Response>> estimate(Shared& shared, Call call) {
  const auto which = asked(call);
  if (!which) co_return fail(which.error());
  auto broadcast = co_await find_for(shared, *which, BroadcastWish::Edit);
  if (!broadcast) co_return fail(broadcast.error());
  co_return respond(200, co_await estimate_of(shared, *std::move(broadcast), call.now));
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
  const auto recipients = co_await count_recipients(shared, *broadcast, call.now);
  if (!recipients) co_return fail(recipients.error());
  if (*recipients == 0)
    co_return fail(Error(ErrorKind::Rejected, "nobody is in the broadcast's audience").with_code("no_recipients"));
  co_return respond(200, co_await shared.database.write(sql::lane_key(which->tenant),
                                                        [which = *which, recipients = *recipients](auto& connection) {
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
