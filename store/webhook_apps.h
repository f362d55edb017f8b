// Webhook apps: one Meta app each, its verify token and secrets sealed. Lane only.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.h"
#include "base/error.h"
#include "base/json.h"
#include "base/secret.h"
#include "sql/connection.h"

namespace waypost::store {

// Of Keyring::seal.
inline constexpr std::string_view kAppSecretPurpose = "webhook_app.secret";
inline constexpr std::string_view kVerifyTokenPurpose = "webhook_app.verify_token";

struct WebhookApp {
  std::string name{};  // the last segment of the webhook's path: a-z, 0-9, "-", "_", at most 64; "default" without one
  std::string sealed_verify_token{};
  std::string sealed_secret{};
  std::optional<std::string> sealed_previous_secret{};
  Time created_at{};
  Time updated_at{};
  bool operator==(const WebhookApp&) const = default;
};

// Without token and secrets.
Json to_json(const WebhookApp& app);

struct NewWebhookApp {
  std::string name{};
  Secret verify_token{};
  Secret secret{};
};
// Checks and seals. InvalidInput with fields: an app needs a name, a verify token and a secret (law 12).
Result<WebhookApp> seal_app(const NewWebhookApp& app, const Keyring& keyring);

// Makes the app, or replaces its token and secret; a secret that is replaced stays valid as the previous one. Of two
// that save at once one is behind the other. Returns the app as it stands.
Result<WebhookApp> save_webhook_app(sql::Connection& connection, const NewWebhookApp& app, const Keyring& keyring,
                                    Time now);
// Ends a rotation: the previous secret is valid no more. False when there is no such app.
bool drop_previous_secret(sql::Connection& connection, std::string_view name, Time now);

std::vector<WebhookApp> list_webhook_apps(sql::Connection& connection);

}  // namespace waypost::store
