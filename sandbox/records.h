// Records: messages, requests and counts as the control API shows them, and its lists by `after` and `limit`. Pure;
// loop only.

#pragma once

#include "base/json.h"
#include "net/http.h"
#include "sandbox/webhooks.h"
#include "sandbox/world.h"

namespace waypost::sandbox {

Json record_of(const World& world, const Outbound& message);
Json record_of(const World& world, const Inbound& message);
Json record_of(const World& world, const MediaFile& file);
Json record_of(const UploadSession& sample);
Json record_of(const SeenRequest& request);
Json stats_of(const World& world, const WebhookCounts& webhooks);

// Rows are counted from 1; a list holds those after `after` (0), at most `limit` (10,000).
struct Range {
  std::size_t after = 0;
  std::size_t limit = 10'000;
};
Result<Range> range_of(const RequestHead& head);

}  // namespace waypost::sandbox
