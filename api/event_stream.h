// EventStream: follows a workspace's feed for one client, as Server-Sent Events. Its connection's loop only.
//
//   hub: anything newer? ──yes──▶ read a page ──▶ write its events
//        └──no──▶ a short sleep; every 15 s a comment, and a look whether the caller may still see this
//
// It ends when the client goes, the server stops, the caller's session or token ends, or the feed no longer keeps what
// comes next (an event named "gone" says so).

#pragma once

#include <chrono>
#include <cstdint>

#include "api/shared.h"
#include "bridge/feed.h"

namespace waypost::api {

struct FollowRequest {
  Credentials credentials{};
  TenantId tenant{};
  std::int64_t after = 0;  // the last number that the client has
  std::chrono::milliseconds pause{40};
  std::chrono::milliseconds heartbeat{15'000};
};

awaitable<void> follow_feed(Shared& shared, bridge::Hub::Seat seat, FollowRequest asked, BodyWriter& out);

}  // namespace waypost::api
