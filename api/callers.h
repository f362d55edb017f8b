// Callers: who a request comes from, by its cookie or its token, and in which workspace with which role. Lane only, but
// for the readers of headers.
//
//   no credentials, or ones not known            401
//   a session without x-tenant-id                401      a token brings its workspace with it
//   x-tenant-id no UUID, no membership there     403

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "net/http.h"
#include "sql/connection.h"
#include "store/api_tokens.h"
#include "store/people.h"
#include "store/sessions.h"

namespace waypost::api {

struct Caller {
  TenantId tenant{};
  std::optional<UserId> user{};    // by a session
  std::optional<TokenId> token{};  // by an API token
  store::Role role = store::Role::Agent;
};

// What a request brings; hashes only, so that nothing here is worth stealing.
struct Credentials {
  bool bearer = false;                        // it names a token: cookies do not count
  std::string token_hash{};                   // of an API token; "" when the header is no token of ours
  std::vector<std::string> session_hashes{};  // of each cookie value
  std::optional<std::string> tenant{};        // x-tenant-id or x-workspace-id, as sent
};
Credentials read_credentials(const RequestHead& head);

inline constexpr std::string_view kTokenPrefix = "wp_";
// SHA-256, 32 bytes.
std::string hash_of(std::string_view token);

struct SignedIn {
  store::Session session{};
  std::string token_hash{};
};
// The first cookie that is a session.
std::optional<SignedIn> find_sign_in(sql::Connection& connection, const Credentials& credentials, Time now);

struct FoundCaller {
  Caller caller{};
  std::optional<SignedIn> sign_in{};
  std::optional<store::ApiToken> token{};
};
Result<FoundCaller> find_caller(sql::Connection& connection, const Credentials& credentials, Time now);

// Who is signed in, and is the installation's admin. Unauthorised for nobody we know; Forbidden for anybody else, and
// for API tokens, which belong to a workspace.
struct FoundAdmin {
  store::Person person{};
  SignedIn sign_in{};
};
Result<FoundAdmin> find_installation_admin(sql::Connection& connection, const Credentials& credentials, Time now);

// A token used a day after its last renewal gets a successor.
inline constexpr std::chrono::hours kRenewAfter{24};
inline bool is_renewal_due(const store::Session& session, Time now) {
  return now - session.refreshed_at >= kRenewAfter;
}

}  // namespace waypost::api
