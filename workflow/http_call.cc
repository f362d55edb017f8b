#include "workflow/http_call.h"

#include <algorithm>
#include <string>
#include <utility>

#include "net/url.h"
#include "workflow/http_answer.h"
#include "workflow/http_redirect.h"

namespace waypost::workflow {
namespace {

std::chrono::steady_clock::time_point steady_now() { return std::chrono::steady_clock::now(); }

std::optional<OutsideTry> url_fault(const std::string& url) {
  const auto read = parse_url(url);
  if (!read) return refused_try("bad_url", read.error().words());
  if (!read->origin.unix_path.empty()) return refused_try("bad_url", "http or https is expected");
  return std::nullopt;
}

}  // namespace

// From the node's call to the last answer.
struct HttpCaller::Way {
  std::string method{};  // as it began
  Steady due{};
  std::optional<HttpCredential> credential{};
  bool has_acted = false;

  bool is_over() const { return steady_now() >= due; }
  Asked asked() const {
    return {.method = method, .has_acted = has_acted, .is_over = is_over(), .now = SystemClock().now()};
  }
  // 303 is what a server answers that has done what was asked; the older two are used so, too.
  void passes(const HttpCall& from, const HttpCall& to) {
    has_acted = has_acted || (from.method != to.method && !is_idempotent(from.method));
  }
};

awaitable<OutsideTry> HttpCaller::ask(TenantId tenant, HttpCall call, std::chrono::milliseconds timeout) {
  Way way{.method = call.method, .due = steady_now() + timeout};
  if (auto fault = url_fault(call.url)) co_return *std::move(fault);
  if (call.credential) {
    auto credential = co_await opened(tenant, *call.credential);
    if (!credential) co_return std::move(credential).error();
    const auto url = parse_url(call.url);
    if (!may_go_to(*credential, url->origin))
      co_return refused_try("no_credential", "the credential may not be shown to this host");
    way.credential = *std::move(credential);
  }
  co_return co_await follow(std::move(call), way);
}

awaitable<OutsideTry> HttpCaller::follow(HttpCall call, Way& way) {
  for (int followed = 0;; ++followed) {
    if (way.is_over()) co_return failed_try({.error = {ErrorKind::Unavailable, "no answer in time"}}, way.asked());
    const auto answer = co_await parts_.http.ask(request_of(call, way));
    if (!answer) co_return failed_try(answer.error(), way.asked());
    if (!is_redirect(*answer) || parts_.rules.max_redirects == 0) co_return answered_try(*answer, way.asked());
    if (followed == parts_.rules.max_redirects) co_return refused_try("http_failed", "too many redirects");
    auto next = redirected(call, *answer);
    if (!next) co_return refused_try("http_failed", "the server redirects to " + next.error().words());
    way.passes(call, *next);
    call = *std::move(next);
  }
}

awaitable<std::expected<HttpCredential, OutsideTry>> HttpCaller::opened(TenantId tenant, CredentialId id) {
  const auto found = co_await parts_.database.read(
      [tenant, id](sql::Connection& connection) { return store::find_credential(connection, tenant, id); });
  if (!found) {
    auto later = refused_try("http_failed", "the store does not give the credential");
    later.may_repeat = true;
    co_return std::unexpected(std::move(later));
  }
  if (!*found) co_return std::unexpected(refused_try("no_credential", "the credential is gone"));
  const auto& row = **found;
  auto secret = parts_.keyring.open(row.sealed_secret, store::kCredentialPurpose);
  if (!secret) co_return std::unexpected(refused_try("no_credential", "the credential cannot be opened: set it anew"));
  co_return HttpCredential{
      .kind = row.kind, .parameter = row.parameter.value_or(""), .secret = *std::move(secret), .hosts = row.hosts};
}

ClientRequest HttpCaller::request_of(const HttpCall& call, const Way& way) const {
  auto whole = call.credential && way.credential ? signed_call(call, *way.credential) : call;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(way.due - steady_now());
  ClientRequest request{.method = std::move(whole.method),
                        .url = std::move(whole.url),
                        .body = std::move(whole.body),
                        .deadline = std::max(left, std::chrono::milliseconds(1)),
                        .body_limit = parts_.rules.max_kib << 10};
  for (auto& [name, value] : whole.headers) request.headers.add(std::move(name), std::move(value));
  return request;
}

}  // namespace waypost::workflow
