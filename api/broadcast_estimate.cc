#include "api/broadcast_estimate.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/day.h"
#include "base/time_zone.h"
#include "conversation/market.h"
#include "conversation/messaging_limit.h"
#include "outbound/pacing.h"
#include "store/broadcast_audience.h"
#include "store/portfolio.h"
#include "store/rates.h"
#include "store/tenants.h"

namespace waypost::api {
namespace {

constexpr std::int64_t kContactsAtOnce = 5'000;  // that one read of an estimate looks at

struct Estimate {
  std::int64_t recipients = 0;
  std::map<std::string, std::int64_t> excluded{};  // by reason
  std::int64_t take_room = 0;                      // recipients who count against the messaging limit
  std::map<std::string, std::int64_t> markets{};   // recipients by where they are
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
    estimate.markets[market_of(member.phone)] += 1;
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

}  // namespace

awaitable<Result<std::int64_t>> count_recipients(Shared& shared, store::Broadcast broadcast, Time now) {
  const auto counted = co_await count_audience(shared, {.broadcast = std::move(broadcast), .now = now});
  if (!counted) co_return fail(counted.error());
  co_return counted->recipients;
}

awaitable<Result<Json>> estimate_of(Shared& shared, store::Broadcast broadcast, Time now) {
  const Time begins = std::max(broadcast.scheduled_at.value_or(now), now);
  const auto where = co_await shared.database.read(
      [broadcast, begins](auto& connection) { return where_it_goes(connection, broadcast, begins); });
  if (!where) co_return fail(where.error());
  Counting counting{.broadcast = broadcast, .now = now, .channel = where->channel, .begins = begins};
  auto counted = co_await count_audience(shared, std::move(counting));
  if (!counted) co_return fail(counted.error());
  auto price = co_await shared.database.read([broadcast, counted = *counted, begins](auto& connection) {
    return price_json(connection, broadcast, counted, begins);
  });
  if (!price) co_return fail(price.error());
  Json json = estimate_json({.counted = *std::move(counted),
                             .limit = where->limit,
                             .pace = pace_of(shared.settings, where->channel ? where->channel->standing : Json()),
                             .begins = begins});
  json["price"] = *std::move(price);
  co_return json;
}

}  // namespace waypost::api
