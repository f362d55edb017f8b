// CallbackData: what a send carries in `biz_opaque_callback_data`, so that a status finds its message before we know
// Meta's id for it (law 8). "wp1:<message's uuid>:<attempt>". Pure; any thread.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/id.h"

namespace waypost {

struct CallbackData {
  MessageId message{};
  std::int64_t attempt = 0;
  bool operator==(const CallbackData&) const = default;
};

// At most 64 characters; Meta takes 512.
std::string format_callback_data(const CallbackData& data);
// Nothing for what another program wrote there.
std::optional<CallbackData> parse_callback_data(std::string_view text);

}  // namespace waypost
