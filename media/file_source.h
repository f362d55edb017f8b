// A file of the media folder as the body of a request. Any loop.

#pragma once

#include "media/folder.h"
#include "net/client.h"

namespace waypost::media {

// NotFound when there is none. The folder outlives what reads from it.
awaitable<Result<BodySource>> source_of(MediaFolder& folder, Digest hash);

}  // namespace waypost::media
