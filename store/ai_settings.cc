#include "store/ai_settings.h"

#include <algorithm>

#include "net/url.h"
#include "store/tenant_secrets.h"
#include "store/tenants.h"

namespace waypost::store {
namespace {

constexpr std::string_view kOpenAiHost = "api.openai.com";
constexpr std::int64_t kMillion = 1'000'000;

Json setting_of(sql::Connection& connection, TenantId id) {
  const auto tenant = find_tenant(connection, id);
  const Json* setting = tenant ? find_object(tenant->settings, kAi) : nullptr;
  return setting ? *setting : Json::object();
}

Amount price_of(std::int64_t tokens, const std::optional<Amount>& price_of_million) {
  return price_of_million.value_or(Amount{}).times(std::max<std::int64_t>(tokens, 0));
}

}  // namespace

bool is_openai(std::string_view base_url) {
  const auto url = parse_url(base_url);
  return url && url->origin.host == kOpenAiHost;
}

bool same_origin(std::string_view one_url, std::string_view other_url) {
  const auto one = parse_url(one_url);
  const auto other = parse_url(other_url);
  return one && other && one->origin.key() == other->origin.key();
}

std::string ai_base_url(const Json& setting) {
  auto url = text_or_empty(setting, "baseUrl");
  while (url.ends_with('/')) url.pop_back();
  return url.empty() ? std::string(kOpenAiUrl) : url;
}

bool AiSettings::can_be_asked() const { return key.has_value() || !is_openai(base_url); }

std::optional<Amount> AiSettings::cost_of(std::int64_t input_tokens, std::int64_t output_tokens) const {
  if (!input_price && !output_price) return std::nullopt;
  const auto of_a_million = price_of(input_tokens, input_price).plus(price_of(output_tokens, output_price));
  return Amount{of_a_million.plus(Amount{kMillion / 2}).micros / kMillion};
}

Result<AiSettings> read_ai_settings(sql::Connection& connection, const Keyring& keyring, TenantId tenant) {
  const Json setting = setting_of(connection, tenant);
  auto key = open_tenant_secret(connection, keyring, tenant, kAi);
  if (!key) return fail(std::move(key).error());
  const auto model = text_or_empty(setting, "model");
  return AiSettings{.base_url = ai_base_url(setting),
                    .model = model.empty() ? std::string(kUsualModel) : model,
                    .key = *std::move(key),
                    .input_price = read_amount(text_or_empty(setting, "inputPrice")),
                    .output_price = read_amount(text_or_empty(setting, "outputPrice"))};
}

bool has_ai(sql::Connection& connection, TenantId tenant) {
  return !is_openai(ai_base_url(setting_of(connection, tenant))) || has_tenant_secret(connection, tenant, kAi);
}

}  // namespace waypost::store
