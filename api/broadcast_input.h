// What a request says about a broadcast, and whether it fits what is there. One request's; its own loop, but for
// what takes a Connection: lane only.
//
//   {"name", "channelId"?, "template": {"name", "language"}, "parameters"? or "components"?,
//    "audience"?: {"groups"?: [id], "tags"?: [name], "contactIds"?: [id]}}

#pragma once

#include <optional>
#include <string>

#include "api/input.h"
#include "store/broadcasts.h"

namespace waypost::api {

inline constexpr std::size_t kMostGroups = 50;
inline constexpr std::size_t kMostAudienceTags = 100;
inline constexpr std::size_t kMostContactIds = 1'000;

struct BroadcastEdit {
  std::optional<std::string> name{};
  std::optional<ChannelId> channel{};
  std::optional<std::string> template_name{};
  std::optional<std::string> template_language{};
  std::optional<Json> parameters{};
  std::optional<Json> audience{};
};
enum class BroadcastFields { Required, Optional };
// InvalidInput with fields.
Result<BroadcastEdit> read_broadcast_edit(const Request& request, BroadcastFields rule);
store::Broadcast edited(store::Broadcast broadcast, const BroadcastEdit& edit);

// Channel, template, groups are there and the parameters fit the template; InvalidInput with fields.
Result<void> fits_store(sql::Connection& connection, const store::Broadcast& broadcast);

struct WhichBroadcast {
  TenantId tenant{};
  BroadcastId id{};
  Time now{};
};
// The row, held where the caller is going to change it. NotFound, of a fallback's too; Conflict where it may not be
// asked for this as it stands.
Result<store::Broadcast> broadcast_for(sql::Connection& connection, const WhichBroadcast& which, BroadcastWish wish,
                                       store::Lock lock = store::Lock::UntilCommit);

}  // namespace waypost::api
