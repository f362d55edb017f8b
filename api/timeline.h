// The timeline of one message: what happened to it and because of it, in order of time. Pure; any thread.

#pragma once

#include "base/json.h"
#include "store/message_story.h"

namespace waypost::api {

// {"items":[{"at","kind","title","details"}]}, the earliest first; of one moment in the order in which it happens.
//   in    written, webhook, applied, media, mark, waiting, run, step, run_waiting, run_ended
//   out   made, held, attempt, accepted, unknown, status, recipient, pricing, failed, replaced, expired, mark
Json timeline_of(const store::MessageStory& story);

}  // namespace waypost::api
