// What routes ask of Meta in a channel's name. Of the request's loop.

#pragma once

#include "api/shared.h"

namespace waypost::api {

// ManagementClient::ask with the channel's token. Errors as there, but that Meta refuses that token is 422 needs_token.
awaitable<Result<GraphReply>> ask_meta(Shared& shared, const store::Channel& channel, GraphCall call);

// The components with the handle of each sample that a header names by "example": {"uploadId"}: Meta has the file then.
// InvalidInput with the field when there is no such upload, or Meta takes it as no such header.
awaitable<Result<Json>> with_handles(Shared& shared, const store::Channel& channel, Json components);

}  // namespace waypost::api
