#include "webhook/signature.h"

#include "base/crypto.h"

namespace waypost {
namespace {

constexpr std::string_view kPrefix = "sha256=";
constexpr std::size_t kHexDigits = 64;
constexpr std::string_view kDigits = "0123456789abcdef";  // as Meta writes them: one header for one MAC

bool is_mac(const Secret& secret, std::string_view mac, std::string_view body) {
  const Digest digest = hmac_sha256(secret, body);
  return equal_in_constant_time({reinterpret_cast<const char*>(digest.data()), digest.size()}, mac);
}

}  // namespace

std::optional<std::string> read_signature(std::string_view header) {
  if (header.size() != kPrefix.size() + kHexDigits || !header.starts_with(kPrefix)) return std::nullopt;
  const auto digits = header.substr(kPrefix.size());
  if (digits.find_first_not_of(kDigits) != std::string_view::npos) return std::nullopt;
  return from_hex(digits);
}

bool is_signed_by(const WebhookKeys& keys, std::string_view mac, std::string_view body) {
  if (keys.secret.empty()) return false;
  if (is_mac(keys.secret, mac, body)) return true;
  return keys.previous_secret && !keys.previous_secret->empty() && is_mac(*keys.previous_secret, mac, body);
}

}  // namespace waypost
