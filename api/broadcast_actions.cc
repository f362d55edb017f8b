// What people do with a broadcast: estimate, schedule, send, pause, resume, cancel, retry.

#include <algorithm>
#include <cmath>
#include <map>

#include "api/broadcast_input.h"
#include "api/door.h"
#include "api/routes.h"
#include "base/time_zone.h"
#include "conversation/messaging_limit.h"
#include "outbound/pacing.h"
#include "store/broadcast_audience.h"
#include "store/broadcast_feed.h"
#include "store/broadcast_recipients.h"
#include "store/portfolio.h"
#include "store/tenants.h"

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
  std::int64_t take_room = 0;                      // recipients who count against the messaging limit
};

// Whose audience is counted; with a channel also who of them takes room of its limit at `begins`.
struct Counting {
  store::Broadcast broadcast{};
  Time now{};
  std::optional<store::Channel> channel{};
  Time begins{};
};

using ReadPage = store::AudiencePage (*)(sql::Connection&, const store::AudienceQuery&, std::optional<ContactId>,
                                         std::int64_t);

struct Page {
  store::AudiencePage audience{};
  std::vector<ContactId> take_no_room{};  // in their order
};

Page with_limit(sql::Connection& connection, store::AudiencePage audience, const Counting& counting) {
  Page page{.audience = std::move(audience)};
  const auto& members = page.audience.members;
  if (!counting.channel || members.empty()) return page;
  const auto [first, last] = std::ranges::minmax(members, {}, &store::AudienceMember::contact);
  page.take_no_room = store::who_take_no_room(connection, *counting.channel,
                                              {.first = first.contact, .last = last.contact}, counting.begins);
  return page;
}

void add(Estimate& estimate, const Page& page) {
  for (const auto& member : page.audience.members) {
    if (!member.reason.empty()) {
      estimate.excluded[member.reason] += 1;
      continue;
    }
    estimate.recipients += 1;
    if (!std::ranges::binary_search(page.take_no_room, member.contact)) estimate.take_room += 1;
  }
}

awaitable<Result<Estimate>> count_audience(Shared& shared, Counting counting) {
  const auto query =
      co_await shared.database.read([broadcast = counting.broadcast, now = counting.now](auto& connection) {
        return store::audience_of(connection, broadcast, now);
      });
  if (!query) co_return fail(query.error());
  Estimate estimate;
  for (const ReadPage read : {store::named_page, store::audience_page}) {
    for (std::optional<ContactId> behind = ContactId{}; behind;) {
      const auto page = co_await shared.database.read([query = *query, read, behind, counting](auto& connection) {
        return with_limit(connection, read(connection, query, behind, kContactsAtOnce), counting);
      });
      if (!page) co_return fail(page.error());
      add(estimate, *page);
      behind = page->audience.behind;
    }
  }
  co_return estimate;
}

awaitable<Result<store::Broadcast>> find_for(Shared& shared, WhichBroadcast which, BroadcastWish wish) {
  co_return co_await shared.database.read(
      [which, wish](auto& connection) { return broadcast_for(connection, which, wish, store::Lock::None); });
}

// How fast a channel sends; nothing: as fast as Meta lets it.
Pace pace_of(const Settings& settings, const Json& standing) {
  if (!settings.sending.pacing) return {};
  return {.per_hour = std::llround(full_rate(standing, settings.sending) * 3'600)};
}

// What an estimate goes by.
struct Prospect {
  Estimate counted{};
  store::LimitUse limit{};  // when it begins
  Pace pace{};
  Time begins{};
};

// Without a limit all of them fit.
std::optional<RoomPlan> plan_of(const Prospect& prospect) {
  const auto people = prospect.counted.take_room;
  if (!prospect.limit.limit) return RoomPlan{.at_once = people};
  return plan_room({.people = people, .limit = *prospect.limit.limit, .room = prospect.limit.room()});
}

// By its pace, and not before the last who wait for room have gone; nothing: as fast as Meta lets it, or never.
std::optional<Time> end_of(const Prospect& prospect) {
  const auto plan = plan_of(prospect);
  if (prospect.pace.per_hour <= 0 || !plan) return std::nullopt;
  const auto behind = [&](std::int64_t messages) { return seconds(seconds_for(messages, prospect.pace)); };
  return prospect.begins + std::max<seconds>(behind(prospect.counted.recipients), plan->last_wait + behind(plan->last));
}

Json estimate_json(const Prospect& prospect) {
  const auto& counted = prospect.counted;
  const auto plan = plan_of(prospect);
  const auto at_once = plan ? plan->at_once : std::min(counted.take_room, prospect.limit.room());
  const auto end = end_of(prospect);
  std::int64_t excluded = 0;
  for (const auto& [reason, count] : counted.excluded) excluded += count;
  return {{"recipients", counted.recipients},
          {"excluded", excluded},
          {"excludedByReason", counted.excluded},
          {"messagingLimit", store::to_json(prospect.limit)},
          {"withinLimit", counted.recipients - counted.take_room + at_once},
          {"startsAt", iso8601(prospect.begins)},
          {"perMinute", prospect.pace.per_hour > 0 ? Json(prospect.pace.per_hour / 60) : Json()},
          {"endsAt", end ? Json(iso8601(*end)) : Json()}};
}

struct Where {
  std::optional<store::Channel> channel{};
  store::LimitUse limit{};
};
Where where_it_goes(sql::Connection& connection, const store::Broadcast& broadcast, Time begins) {
  auto channel = store::find_channel(connection, broadcast.tenant, broadcast.channel);
  if (!channel) return {};
  const auto limit = store::limit_use(connection, *channel, begins);
  return {.channel = std::move(channel), .limit = limit};
}

awaitable<Result<Response>> estimate(Shared& shared, Call call) {
  const auto which = asked(call);
  if (!which) co_return fail(which.error());
  const auto broadcast = co_await find_for(shared, *which, BroadcastWish::Edit);
  if (!broadcast) co_return fail(broadcast.error());
  const Time begins = std::max(broadcast->scheduled_at.value_or(call.now), call.now);
  const auto where = co_await shared.database.read(
      [broadcast = *broadcast, begins](auto& connection) { return where_it_goes(connection, broadcast, begins); });
  if (!where) co_return fail(where.error());
  auto counted = co_await count_audience(
      shared, {.broadcast = *broadcast, .now = call.now, .channel = where->channel, .begins = begins});
  if (!counted) co_return fail(counted.error());
  co_return ok(estimate_json({.counted = *std::move(counted),
                              .limit = where->limit,
                              .pace = pace_of(shared.settings, where->channel ? where->channel->standing : Json()),
                              .begins = begins}));
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
  const auto counted = co_await count_audience(shared, {.broadcast = *broadcast, .now = call.now});
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
  const auto tenant = store::find_tenant(connection, which.tenant);
  const auto own = tenant ? find_text(tenant->settings, "timeZone") : std::nullopt;
  const auto at = time_in_zone(*plan.local, plan.zone ? *plan.zone : own.value_or("UTC"));
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
