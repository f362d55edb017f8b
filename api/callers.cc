#include "api/callers.h"

#include "api/answers.h"
#include "api/cookies.h"
#include "base/crypto.h"
#include "base/text.h"

namespace waypost::api {
namespace {

constexpr std::string_view kBearer = "bearer ";

// The token behind "Bearer "; nothing when the header is of another scheme.
std::optional<std::string_view> bearer_of(const Headers& headers) {
  const auto header = headers.find("Authorization");
  if (!header || lower_ascii(header->substr(0, kBearer.size())) != kBearer) return std::nullopt;
  return trimmed(header->substr(kBearer.size()));
}

Result<FoundCaller> by_token(sql::Connection& connection, const Credentials& credentials) {
  if (credentials.token_hash.empty()) return unauthorised();
  auto token = store::api_token_of(connection, credentials.token_hash);
  if (!token) return unauthorised();
  if (credentials.tenant && TenantId::parse(*credentials.tenant) != token->tenant) return forbidden();
  FoundCaller found{.caller = {.tenant = token->tenant, .token = token->id, .role = token->role}};
  found.token = *std::move(token);
  return found;
}

Result<FoundCaller> by_session(sql::Connection& connection, const Credentials& credentials, Time now) {
  auto sign_in = find_sign_in(connection, credentials, now);
  if (!sign_in || !credentials.tenant) return unauthorised();
  const auto tenant = TenantId::parse(*credentials.tenant);
  if (!tenant) return forbidden();
  const auto role = store::role_in(connection, *tenant, sign_in->session.user);
  if (!role) return forbidden();
  FoundCaller found{.caller = {.tenant = *tenant, .user = sign_in->session.user, .role = *role}};
  found.sign_in = *std::move(sign_in);
  return found;
}

}  // namespace

std::string hash_of(std::string_view token) {
  const auto digest = sha256(token);
  return {digest.begin(), digest.end()};
}

Credentials read_credentials(const RequestHead& head) {
  Credentials credentials;
  if (const auto token = bearer_of(head.headers)) {
    credentials.bearer = true;
    if (token->starts_with(kTokenPrefix)) credentials.token_hash = hash_of(*token);
  } else {
    for (const auto& cookie : session_cookies(head.headers)) credentials.session_hashes.push_back(hash_of(cookie));
  }
  for (const auto name : {"x-tenant-id", "x-workspace-id"}) {
    if (credentials.tenant) break;
    if (const auto tenant = head.headers.find(name)) credentials.tenant = std::string(trimmed(*tenant));
  }
  if (credentials.tenant && credentials.tenant->empty()) credentials.tenant.reset();
  return credentials;
}

std::optional<SignedIn> find_sign_in(sql::Connection& connection, const Credentials& credentials, Time now) {
  for (const auto& hash : credentials.session_hashes) {
    if (auto session = store::find_session(connection, hash, now))
      return SignedIn{.session = *std::move(session), .token_hash = hash};
  }
  return std::nullopt;
}

Result<FoundCaller> find_caller(sql::Connection& connection, const Credentials& credentials, Time now) {
  return credentials.bearer ? by_token(connection, credentials) : by_session(connection, credentials, now);
}

Result<FoundAdmin> find_installation_admin(sql::Connection& connection, const Credentials& credentials, Time now) {
  if (credentials.bearer) {
    auto known = by_token(connection, credentials);
    if (!known) return fail(std::move(known).error());
    return forbidden();
  }
  auto sign_in = find_sign_in(connection, credentials, now);
  if (!sign_in) return unauthorised();
  auto person = store::find_person(connection, sign_in->session.user);
  if (!person) return unauthorised();
  if (!person->installation_admin) return forbidden();
  return FoundAdmin{.person = *std::move(person), .sign_in = *std::move(sign_in)};
}

}  // namespace waypost::api
