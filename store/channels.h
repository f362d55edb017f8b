// Channels: a business phone number of a workspace, with the Meta app its webhooks come by. Lane only.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "sql/connection.h"

namespace waypost::store {

inline constexpr std::string_view kAccessTokenPurpose = "channel.access_token";  // of Keyring::seal

struct Channel {
  TenantId tenant{};
  ChannelId id{};
  std::string name{};
  std::string app{};  // the webhook app's name
  std::string phone_number_id{};
  std::string waba_id{};
  std::string display_phone_number{};
  std::string sealed_access_token{};
  std::string state = "active";  // active | paused | needs_token | blocked | restricted (store/channel_blocks.h)
  std::optional<std::string> state_words{};
  std::optional<std::int64_t> state_code{};  // Meta's, of blocked and restricted
  std::optional<Time> look_at{};             // nothing goes before; blocked, restricted: then one send tries
  std::optional<Time> probed_at{};           // that try was accepted; nothing was said against it yet
  std::optional<Time> templates_synced_at{};
  Json standing = Json::object();  // what Meta last said of number and account: {"quality": {"at", "value"}, …}
  Time created_at{};
  Time updated_at{};
};

// Meta refuses what it would send, all of it or templates alone.
inline bool is_blocked(const Channel& channel) { return channel.state == "blocked" || channel.state == "restricted"; }

// Without the token.
Json to_json(const Channel& channel);

// Conflict when the phone number id has a channel already, in any workspace.
Result<Channel> create_channel(sql::Connection& connection, Channel channel, Time now);
std::optional<Channel> find_channel(sql::Connection& connection, TenantId tenant, ChannelId id);
// The same for a unit that changes it: nobody else does until this unit's end.
std::optional<Channel> lock_channel(sql::Connection& connection, TenantId tenant, ChannelId id);
// Which workspace's channel a webhook's metadata.phone_number_id means: the one statement without a tenant id.
std::optional<Channel> channel_of_number(sql::Connection& connection, std::string_view phone_number_id);
std::vector<Channel> list_channels(sql::Connection& connection, TenantId tenant);
// Every channel of the installation: template sync, start.
std::vector<Channel> all_channels(sql::Connection& connection);
// The workspaces that have a number of this business account: whom its own news concern.
std::vector<TenantId> tenants_of_waba(sql::Connection& connection, std::string_view waba_id);
// The channels of a business account, for a unit that changes them.
std::vector<Channel> lock_channels_of_waba(sql::Connection& connection, TenantId tenant, std::string_view waba_id);
// Writes the standing of a locked channel, and leaves channel.updated.
void update_standing(sql::Connection& connection, const Channel& channel, Time now);
// What Meta answered about the number (by its names of the fields) at `at`, for pace and limits; taken into the
// standing where it says something new.
struct NumberFields {
  const Json& fields;
  Time at{};
};
void note_number_fields(sql::Connection& connection, const Channel& seen, const NumberFields& said, Time now);
// A person wrote in the WhatsApp Business app on the same number at `at`.
void note_app_in_use(sql::Connection& connection, const Channel& seen, Time at, Time now);
// Writes name, waba_id, display_phone_number, token, state with all that hangs on it and templates_synced_at of a
// channel from lock_channel().
// False when it is not there.
bool update_channel(sql::Connection& connection, const Channel& channel, Time now);

}  // namespace waypost::store
