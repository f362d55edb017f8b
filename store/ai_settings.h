// AiSettings: the language model that a workspace's AI nodes ask: an address that speaks OpenAI's chat completions API,
// a model, a key, prices. They are the setting `ai` of the workspace; the key is a secret beside it. Lane only, but for
// what takes no connection.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/amount.h"
#include "base/crypto.h"
#include "sql/connection.h"

namespace waypost::store {

inline constexpr std::string_view kAi = "ai";  // the setting's and the secret's name
inline constexpr std::string_view kOpenAiUrl = "https://api.openai.com/v1";
inline constexpr std::string_view kUsualModel = "gpt-4.1-nano";

struct AiSettings {
  std::string base_url{kOpenAiUrl};  // without a slash at its end
  std::string model{kUsualModel};
  std::optional<Secret> key{};
  // Of a million tokens; nothing: not known. A price that is not known beside one that is counts as zero.
  std::optional<Amount> input_price{};
  std::optional<Amount> output_price{};

  // A server of the workspace's own may take requests without a key; OpenAI's takes none.
  [[nodiscard]] bool can_be_asked() const;
  // To a millionth; nothing when no price is known.
  [[nodiscard]] std::optional<Amount> cost_of(std::int64_t input_tokens, std::int64_t output_tokens) const;
};

bool is_openai(std::string_view base_url);
// Scheme, host and port are the same: a key for the one may go to the other.
bool same_origin(std::string_view one_url, std::string_view other_url);

// The address in a setting `ai`, or the usual one. Reads any shape.
std::string ai_base_url(const Json& setting);

// Internal with the code kUnreadableSecret (store/tenant_secrets.h): the key cannot be opened.
Result<AiSettings> read_ai_settings(sql::Connection& connection, const Keyring& keyring, TenantId tenant);
// AiSettings::can_be_asked() without opening the key.
bool has_ai(sql::Connection& connection, TenantId tenant);

}  // namespace waypost::store
