#include "webhook/signature.h"

#include <cstdint>
#include <span>

#include "base/crypto.h"
#include "tests/fuzz/broken.h"
#include "tests/fuzz/targets.h"

namespace waypost::fuzz {

void signature(std::string_view input) {
  const auto mac = read_signature(input);
  if (!mac) return;
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(mac->data()), mac->size());
  must("sha256=" + hex(bytes) == input, "a MAC has one header");
  const WebhookKeys keys{.verify_token = Secret("token"), .secret = Secret("secret")};
  must(!is_signed_by(keys, *mac, input), "nobody signs by chance");
}

}  // namespace waypost::fuzz
