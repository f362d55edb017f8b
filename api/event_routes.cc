#include <algorithm>
#include <charconv>

#include "api/door.h"
#include "api/event_stream.h"
#include "api/paging.h"
#include "api/routes.h"

namespace waypost::api {
namespace {

constexpr std::int64_t kUsualEvents = 100;
constexpr std::int64_t kMostEvents = 1'000;

Response gone(const bridge::FeedGap& gap) {
  return answer(410, {{"error", "Events before the oldest one are no longer kept"}, {"oldest", gap.oldest}});
}

Response page_answer(const bridge::FeedPage& page) {
  Json items = Json::array();
  for (const auto& event : page.events) items.push_back(bridge::to_json(event));
  return ok({{"items", std::move(items)}, {"next", page.next}});
}

// Last-Event-ID first: a browser that reconnects sends it along with the URL it began with.
Result<std::optional<std::int64_t>> read_after(const RequestHead& head) {
  if (const auto last = head.headers.find("Last-Event-ID"); last && !last->empty()) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(last->data(), last->data() + last->size(), number);
    if (error != std::errc() || end != last->data() + last->size() || number < 0)
      return invalid("Last-Event-ID", "Expected the number of an event");
    return number;
  }
  if (!head.query_value("after")) return std::nullopt;
  const auto number = read_number(head, "after", 0);
  if (!number) return fail(number.error());
  return *number;
}

awaitable<Result<Response>> page(Shared& shared, Call call) {
  const auto after = read_after(call.request);
  if (!after) co_return fail(after.error());
  const auto limit = read_number(call.request, "limit", kUsualEvents);
  if (!limit) co_return fail(limit.error());
  if (*limit < 1) co_return invalid("limit", "Number must be greater than or equal to 1");
  const auto most = static_cast<std::size_t>(std::min(*limit, kMostEvents));
  const auto read =
      co_await shared.database.read([tenant = call.caller.tenant, after = *after, most](auto& connection) {
        return bridge::read_feed(connection, tenant, after, most);
      });
  if (!read) co_return fail(read.error());
  if (const auto* gap = std::get_if<bridge::FeedGap>(&*read)) co_return gone(*gap);
  co_return page_answer(std::get<bridge::FeedPage>(*read));
}

// Where a stream begins: behind `after`, or behind the newest event there is.
Result<std::variant<std::int64_t, bridge::FeedGap>> start_of(sql::Connection& connection, TenantId tenant,
                                                             std::optional<std::int64_t> after) {
  if (!after) return store::event_range(connection, tenant).newest;
  const auto feed = bridge::read_feed(connection, tenant, after, 1);
  if (const auto* gap = std::get_if<bridge::FeedGap>(&feed)) return *gap;
  return *after;
}

Response stream_answer(Shared& shared, bridge::Hub::Seat seat, FollowRequest follow) {
  Response response;
  response.headers.add("Content-Type", "text/event-stream");
  response.headers.add("Cache-Control", "no-cache, no-transform");
  response.headers.add("X-Accel-Buffering", "no");
  response.stream = [&shared, seat = std::move(seat), follow = std::move(follow)](BodyWriter& out) mutable {
    return follow_feed(shared, std::move(seat), std::move(follow), out);
  };
  return response;
}

awaitable<Result<Response>> stream(Shared& shared, Call call) {
  const auto after = read_after(call.request);
  if (!after) co_return fail(after.error());
  const auto tenant = call.caller.tenant;
  const auto start = co_await shared.database.read(
      [tenant, after = *after](auto& connection) { return start_of(connection, tenant, after); });
  if (!start) co_return fail(start.error());
  if (const auto* gap = std::get_if<bridge::FeedGap>(&*start)) co_return gone(*gap);
  auto seat = shared.hub.sit(tenant);
  if (!seat) co_return fail(ErrorKind::RateLimited, "too many event streams of this workspace");
  co_return stream_answer(
      shared, *std::move(seat),
      {.credentials = read_credentials(call.request), .tenant = tenant, .after = std::get<std::int64_t>(*start)});
}

awaitable<Result<Response>> page_or_stream(Shared& shared, Call call) {
  const auto accept = call.request.headers.find("Accept");
  const bool streams = accept && accept->contains("text/event-stream");
  co_return co_await (streams ? stream(shared, std::move(call)) : page(shared, std::move(call)));
}

}  // namespace

void add_event_routes(Router& router, Shared& shared) {
  add_entries(router, shared,
              std::initializer_list<Entry>{
                  {"GET", "/api/events", page_or_stream},
                  {"GET", "/api/events/stream", stream},
              });
}

}  // namespace waypost::api
