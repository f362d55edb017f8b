// Credentials of workflows' HTTP requests. A secret comes in and never goes out.

#include <algorithm>

#include "api/door.h"
#include "api/input.h"
#include "api/routes.h"
#include "base/text.h"
#include "config/checks.h"
#include "store/credentials.h"
#include "workflow/http_request.h"

namespace waypost::api {
namespace {

using store::Credential;
using store::CredentialKind;

constexpr std::size_t kMostHosts = 20;

// What a request gives; nothing: as it is.
struct CredentialEdit {
  std::optional<std::string> name{};
  std::optional<CredentialKind> kind{};
  std::optional<std::string> parameter{};
  std::optional<Secret> secret{};
  std::optional<std::vector<std::string>> hosts{};
};

// It becomes part of a header or a URL: no control characters, of which a line end is one.
bool is_one_line(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
}

std::optional<CredentialKind> read_kind(Input& input) {
  const auto word = input.maybe_text("kind");
  if (!word) return std::nullopt;
  const auto kind = store::credential_kind(*word);
  if (!kind) input.complain("kind", "Expected 'bearer' | 'basic' | 'header' | 'query'");
  return kind;
}

std::optional<Secret> read_secret(Input& input) {
  auto secret = input.maybe_text("secret", {.most = 4'096, .trim = false});
  if (!secret) return std::nullopt;
  if (!is_one_line(*secret)) input.complain("secret", "Expected one line without control characters");
  return Secret(*std::move(secret));
}

std::optional<std::vector<std::string>> read_hosts(Input& input) {
  auto hosts = input.maybe_texts("hosts", 260);
  if (!hosts) return std::nullopt;
  if (hosts->size() > kMostHosts) input.complain("hosts", "At most 20 hosts");
  for (auto& host : *hosts) {
    host = lower_ascii(host);
    if (!check_host(host).empty()) input.complain("hosts", "Expected \"host\" or \"host:port\" each");
  }
  return hosts;
}

Result<CredentialEdit> read_edit(const Request& request) {
  auto input = Input::of(request);
  if (!input) return fail(input.error());
  CredentialEdit edit{.name = input->maybe_text("name", {.most = 100}),
                      .kind = read_kind(*input),
                      .parameter = input->maybe_text("parameter", {.most = 200}),
                      .secret = read_secret(*input),
                      .hosts = read_hosts(*input)};
  if (edit.parameter && !is_one_line(*edit.parameter)) input->complain("parameter", "Expected one line");
  if (auto fine = input->end(); !fine) return fail(fine.error());
  return edit;
}

// What kind and parameter say only together.
Result<void> check_parameter(const Credential& credential) {
  const auto parameter = credential.parameter.value_or("");
  if (credential.kind == CredentialKind::Bearer) {
    return parameter.empty() ? Result<void>() : invalid("parameter", "A bearer token has none");
  }
  if (parameter.empty()) return invalid("parameter", "Required");
  if (credential.kind == CredentialKind::Header && !workflow::is_http_header(parameter))
    return invalid("parameter", "Not a header that a request may set");
  if (credential.kind == CredentialKind::Basic && parameter.contains(':'))
    return invalid("parameter", "A user's name holds no colon");
  return {};
}

// A kind that has no parameter loses it, unless one is given with it.
Result<Credential> edited(Credential credential, const CredentialEdit& edit, const Keyring& keyring) {
  if (edit.name) credential.name = *edit.name;
  if (edit.kind) credential.kind = *edit.kind;
  if (edit.kind == CredentialKind::Bearer) credential.parameter.reset();
  if (edit.parameter) credential.parameter = edit.parameter;
  if (edit.hosts) credential.hosts = *edit.hosts;
  if (edit.secret) credential.sealed_secret = keyring.seal(*edit.secret, store::kCredentialPurpose);
  if (auto fits = check_parameter(credential); !fits) return fail(fits.error());
  return credential;
}

Result<Json> shown(const Result<Credential>& credential) {
  if (!credential) return fail(credential.error());
  return store::to_json(*credential);
}

awaitable<Result<Response>> list(Shared& shared, Call call) {
  co_return respond(200, co_await shared.database.read([tenant = call.caller.tenant](auto& connection) {
    Json items = Json::array();
    for (const auto& row : store::list_credentials(connection, tenant)) items.push_back(store::to_json(row));
    return Json{{"items", std::move(items)}};
  }));
}

Result<Credential> read_fresh(const Request& request, TenantId tenant, const Keyring& keyring) {
  auto edit = read_edit(request);
  if (!edit) return fail(edit.error());
  if (!edit->name) return invalid("name", "Required");
  if (!edit->kind) return invalid("kind", "Required");
  if (!edit->secret) return invalid("secret", "Required");
  return edited({.tenant = tenant}, *edit, keyring);
}

awaitable<Result<Response>> create(Shared& shared, Call call) {
  auto fresh = read_fresh(call.request, call.caller.tenant, shared.keyring);
  if (!fresh) co_return fail(fresh.error());
  co_return respond(201,
                    co_await shared.database.write(sql::lane_key(call.caller.tenant),
                                                   [fresh = *std::move(fresh), now = call.now](auto& connection) {
                                                     return shown(store::create_credential(connection, fresh, now));
                                                   }));
}

struct Change {
  TenantId tenant{};
  CredentialId id{};
  CredentialEdit edit{};
  Time now{};
};

Result<Json> apply(sql::Connection& connection, const Change& change, const Keyring& keyring) {
  auto before = store::lock_credential(connection, change.tenant, change.id);
  if (!before) return not_found();
  auto after = edited(*std::move(before), change.edit, keyring);
  if (!after) return fail(after.error());
  return shown(store::update_credential(connection, *std::move(after), change.now));
}

awaitable<Result<Response>> patch(Shared& shared, Call call) {
  const auto id = path_id<CredentialId>(call.request);
  if (!id) co_return fail(id.error());
  auto edit = read_edit(call.request);
  if (!edit) co_return fail(edit.error());
  Change change{.tenant = call.caller.tenant, .id = *id, .edit = *std::move(edit), .now = call.now};
  co_return respond(
      200, co_await shared.database.write(sql::lane_key(call.caller.tenant),
                                          [change = std::move(change), &keyring = shared.keyring](auto& connection) {
                                            return apply(connection, change, keyring);
                                          }));
}

awaitable<Result<Response>> remove(Shared& shared, Call call) {
  const auto id = path_id<CredentialId>(call.request);
  if (!id) co_return fail(id.error());
  const auto gone = co_await shared.database.write(sql::lane_key(call.caller.tenant),
                                                   [tenant = call.caller.tenant, id = *id](auto& connection) {
                                                     return store::delete_credential(connection, tenant, id);
                                                   });
  if (!gone) co_return fail(gone.error());
  if (!*gone) co_return not_found();
  co_return ok({{"ok", true}});
}

}  // namespace

void add_credential_routes(Router& router, Shared& shared) {
  add_entries(router, shared,
              std::initializer_list<Entry>{
                  {"GET", "/api/credentials", list, store::Role::Admin},
                  {"POST", "/api/credentials", create, store::Role::Admin},
                  {"PATCH", "/api/credentials/{id}", patch, store::Role::Admin},
                  {"DELETE", "/api/credentials/{id}", remove, store::Role::Admin},
              });
}

}  // namespace waypost::api
