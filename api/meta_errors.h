// Meta's refusals as the API tells them. Pure; any thread.

#pragma once

#include <utility>

#include "base/error.h"

namespace waypost::api {

// That Meta refuses the channel's token is no word about the caller's own: 422 needs_token, not 401.
inline Error told_by_meta(Error error) {
  if (error.kind() != ErrorKind::Unauthorised) return error;
  return Error(ErrorKind::Rejected, "Meta refuses the channel's access token: " + error.words())
      .with_code("needs_token");
}

}  // namespace waypost::api
