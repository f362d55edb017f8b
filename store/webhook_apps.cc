#include "store/webhook_apps.h"

#include <algorithm>

#include "sql/dialect.h"

namespace waypost::store {
namespace {

constexpr std::size_t kLongestName = 64;

bool good_name(std::string_view name) {
  const auto good = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; };
  return !name.empty() && name.size() <= kLongestName && std::ranges::all_of(name, good);
}

WebhookApp read_app(const sql::Row& row) {
  return {.name = row.text(0),
          .sealed_verify_token = row.text(1),
          .sealed_secret = row.text(2),
          .sealed_previous_secret = row.maybe_text(3),
          .created_at = row.time(4),
          .updated_at = row.time(5)};
}

std::optional<WebhookApp> lock_app(sql::Connection& connection, std::string_view name) {
  const std::string text =
      "SELECT name, verify_token, secret, previous_secret, created_at, updated_at FROM webhook_app WHERE name = $1" +
      std::string(sql::for_update(connection.engine()));
  const auto rows = connection.run(text, {name});
  if (rows.empty()) return std::nullopt;
  return read_app(rows.front());
}

// What stays valid beside the new secret: the present one when it differs, else what was valid already.
std::optional<std::string> previous_after(const WebhookApp& present, const Secret& next, const Keyring& keyring) {
  const auto secret = keyring.open(present.sealed_secret, kAppSecretPurpose);
  const bool same = secret && equal_in_constant_time(secret->reveal(), next.reveal());
  return same ? present.sealed_previous_secret : present.sealed_secret;
}

// False when another one was inserted meanwhile.
bool insert_app(sql::Connection& connection, const WebhookApp& app) {
  const auto rows = connection.run(
      "INSERT INTO webhook_app (name, verify_token, secret, created_at, updated_at) VALUES ($1, $2, $3, $4, $5) "
      "ON CONFLICT (name) DO NOTHING RETURNING name",
      {app.name, app.sealed_verify_token, app.sealed_secret, app.created_at, app.updated_at});
  return !rows.empty();
}

void overwrite_app(sql::Connection& connection, const WebhookApp& app) {
  connection.run(
      "UPDATE webhook_app SET verify_token = $2, secret = $3, previous_secret = $4, updated_at = $5 WHERE name = $1",
      {app.name, app.sealed_verify_token, app.sealed_secret, app.sealed_previous_secret, app.updated_at});
}

}  // namespace

Json to_json(const WebhookApp& app) {
  return {{"name", app.name},
          {"rotating", app.sealed_previous_secret.has_value()},
          {"createdAt", iso8601(app.created_at)},
          {"updatedAt", iso8601(app.updated_at)}};
}

Result<WebhookApp> seal_app(const NewWebhookApp& app, const Keyring& keyring) {
  std::vector<FieldError> faults;
  if (!good_name(app.name)) faults.push_back({"name", "needs 1 to 64 of a-z, 0-9, - and _"});
  if (app.verify_token.empty()) faults.push_back({"verifyToken", "is needed: Meta's handshake names it"});
  if (app.secret.empty()) faults.push_back({"secret", "is needed: without it no webhook can be trusted"});
  if (!faults.empty()) {
    return fail(Error(ErrorKind::InvalidInput, "not a webhook app").with_fields(std::move(faults)));
  }
  return WebhookApp{.name = app.name,
                    .sealed_verify_token = keyring.seal(app.verify_token, kVerifyTokenPurpose),
                    .sealed_secret = keyring.seal(app.secret, kAppSecretPurpose)};
}

Result<WebhookApp> save_webhook_app(sql::Connection& connection, const NewWebhookApp& app, const Keyring& keyring,
                                    Time now) {
  auto sealed = seal_app(app, keyring);
  if (!sealed) return sealed;
  sealed->created_at = sealed->updated_at = now;
  auto present = lock_app(connection, app.name);
  if (!present && insert_app(connection, *sealed)) return sealed;
  if (!present) present = lock_app(connection, app.name);
  if (!present) throw sql::Fault(sql::FaultKind::Contention, "a webhook app was inserted and is not there");
  sealed->created_at = present->created_at;
  sealed->sealed_previous_secret = previous_after(*present, app.secret, keyring);
  overwrite_app(connection, *sealed);
  return sealed;
}

bool drop_previous_secret(sql::Connection& connection, std::string_view name, Time now) {
  return connection.run("UPDATE webhook_app SET previous_secret = NULL, updated_at = $2 WHERE name = $1", {name, now})
             .changed() > 0;
}

std::vector<WebhookApp> list_webhook_apps(sql::Connection& connection) {
  std::vector<WebhookApp> apps;
  const auto rows = connection.run(
      "SELECT name, verify_token, secret, previous_secret, created_at, updated_at FROM webhook_app ORDER BY name");
  for (const auto row : rows) apps.push_back(read_app(row));
  return apps;
}

}  // namespace waypost::store
