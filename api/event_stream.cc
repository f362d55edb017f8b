#include "api/event_stream.h"

#include "net/loop.h"

namespace waypost::api {
namespace {

constexpr std::size_t kPageEvents = 200;
using Instant = std::chrono::steady_clock::time_point;

std::string text_of(const bridge::FeedPage& page) {
  std::string text;
  for (const auto& event : page.events) text += bridge::server_sent(event);
  return text;
}

std::string gone(const bridge::FeedGap& gap) { return "event: gone\ndata: " + dump({{"oldest", gap.oldest}}) + "\n\n"; }

// Writes what is new. False: the stream is over.
awaitable<bool> catch_up(Shared& shared, FollowRequest& asked, BodyWriter& out) {
  const auto read = co_await shared.database.read([tenant = asked.tenant, after = asked.after](auto& connection) {
    return bridge::read_feed(connection, tenant, after, kPageEvents);
  });
  if (!read) {  // the store is away: later
    co_await sleep_for(asked.heartbeat / 10);
    co_return true;
  }
  if (const auto* gap = std::get_if<bridge::FeedGap>(&*read)) {
    co_await out.write(gone(*gap));
    co_return false;
  }
  const auto& page = std::get<bridge::FeedPage>(*read);
  if (page.events.empty()) co_return true;
  asked.after = page.next;
  co_return co_await out.write(text_of(page));
}

awaitable<bool> may_still_follow(Shared& shared, const FollowRequest& asked) {
  const auto found = co_await shared.database.read(
      [credentials = asked.credentials, now = shared.clock.now()](sql::Connection& connection) {
        return find_caller(connection, credentials, now);
      });
  if (found) co_return found->caller.tenant == asked.tenant;
  co_return found.error().kind() == ErrorKind::Unavailable;
}

awaitable<bool> beat(Shared& shared, const FollowRequest& asked, BodyWriter& out) {
  if (!co_await may_still_follow(shared, asked)) co_return false;
  co_return co_await out.write(": still here\n\n");
}

}  // namespace

// NOLINTNEXTLINE(performance-unnecessary-value-param): the seat is kept for as long as the stream lasts.
awaitable<void> follow_feed(Shared& shared, bridge::Hub::Seat seat, FollowRequest asked, BodyWriter& out) {
  (void)seat;
  if (!co_await out.write("retry: 1000\n\n")) co_return;
  Instant beat_at = std::chrono::steady_clock::now() + asked.heartbeat;
  for (bool open = true; open;) {
    const auto newest = co_await shared.hub.newest(asked.tenant);
    if (newest && *newest > asked.after) {
      open = co_await catch_up(shared, asked, out);
    } else {
      co_await sleep_for(asked.pause);
    }
    if (open && std::chrono::steady_clock::now() >= beat_at) {
      beat_at = std::chrono::steady_clock::now() + asked.heartbeat;
      open = co_await beat(shared, asked, out);
    }
  }
}

}  // namespace waypost::api
