// A new channel: what a request asks for, and the making of it. Used by a workspace's admin and by the installation's.
// Any loop.

#pragma once

#include "api/input.h"
#include "api/shared.h"

namespace waypost::api {

// {"name"?, "phoneNumberId", "wabaId", "displayPhoneNumber"?, "accessToken", "app"?}, the token sealed, without its
// tenant. InvalidInput with fields.
Result<store::Channel> read_new_channel(Input& input, const Keyring& keyring);
// The channel as JSON. Conflict when its number has a channel already. Tells the applier and the daemon.
awaitable<Result<Json>> make_channel(Shared& shared, store::Channel channel, Time now);

}  // namespace waypost::api
