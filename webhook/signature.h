// The signature of a webhook: X-Hub-Signature-256 = "sha256=" and the HMAC-SHA256 of the raw body under the app's
// secret in hex (facts 1.2). Pure; any thread.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "webhook/app_directory.h"

namespace waypost {

// The MAC's 32 bytes; nothing when the header is not of that form, with lower-case digits.
std::optional<std::string> read_signature(std::string_view header);

// Under the present secret, or the previous one while it is valid too. Constant time for each.
bool is_signed_by(const WebhookKeys& keys, std::string_view mac, std::string_view body);

}  // namespace waypost
