#include "webhook/endpoint.h"

#include <memory>
#include <utility>

#include "base/crypto.h"
#include "base/metrics.h"
#include "webhook/signature.h"

namespace waypost {
namespace {

constexpr std::size_t kBodyLimit = 4 << 20;  // Meta sends up to 3 MB
constexpr std::string_view kSignatureHeader = "X-Hub-Signature-256";
constexpr std::string_view kPath = "/webhooks/whatsapp";

// What the handlers share; constant after construction.
struct Endpoint {
  EndpointParts parts;
  EndpointSettings settings;
};

std::string app_of(const RequestHead& head) {
  const auto named = head.param("app");
  return std::string(named.empty() ? kDefaultApp : named);
}

// Constant: it says neither whether the app exists nor what was wrong.
Response refused() {
  static auto& count = counter("waypost_webhooks_refused_total", "Webhooks refused with 401");
  count.Increment();
  return json_response(401, R"({"error":"Unauthorized"})");
}

// Another node may know the app, or its new secret: the directory is read again, and Meta repeats what was refused.
Response refused_for_now(const Endpoint& endpoint) {
  endpoint.parts.directory.ask();
  return refused();
}

Response unavailable() {
  static auto& count = counter("waypost_webhooks_unavailable_total", "Webhooks answered 503: Meta repeats them");
  count.Increment();
  auto response = json_response(503, R"({"error":"Service Unavailable"})");
  response.headers.add("Retry-After", "5");
  return response;
}

Response acked() {
  static auto& count = counter("waypost_webhooks_acked_total", "Webhooks answered 200");
  count.Increment();
  return text_response(200, "OK");
}

// Constant, and before anything of the request is looked at.
std::optional<Response> uncertified(const Endpoint& endpoint, const RequestHead& head) {
  static auto& count =
      counter("waypost_webhooks_uncertified_total", "Requests to the webhook refused without Meta's certificate");
  if (endpoint.settings.client_cn.empty() || head.client_name == endpoint.settings.client_cn) return std::nullopt;
  count.Increment();
  return json_response(403, R"({"error":"Forbidden"})");
}

std::optional<Response> gate(const Endpoint& endpoint, const RequestHead& head) {
  if (auto refusal = uncertified(endpoint, head)) return refusal;
  const auto header = head.headers.find(kSignatureHeader);
  if (!header || !read_signature(*header)) return refused();
  if (!endpoint.parts.directory.apps()->contains(app_of(head))) return refused_for_now(endpoint);
  return std::nullopt;
}

Response shake_hands(const Endpoint& endpoint, const RequestHead& head) {
  const auto apps = endpoint.parts.directory.apps();
  const auto app = apps->find(app_of(head));
  const auto token = head.query_value("hub.verify_token");
  const auto challenge = head.query_value("hub.challenge");
  const bool subscribes = head.query_value("hub.mode") == "subscribe";
  if (app == apps->end() || !token || !challenge || !subscribes || app->second.verify_token.empty() ||
      !equal_in_constant_time(*token, app->second.verify_token.reveal())) {
    endpoint.parts.directory.ask();
    return json_response(403, R"({"error":"Forbidden"})");
  }
  return text_response(200, std::string(*challenge));
}

// The directory may have changed since the gate.
bool is_genuine(const Endpoint& endpoint, const Request& request, const std::string& app) {
  const auto apps = endpoint.parts.directory.apps();
  const auto keys = apps->find(app);
  const auto header = request.headers.find(kSignatureHeader);
  const auto mac = header ? read_signature(*header) : std::nullopt;
  return keys != apps->end() && mac && is_signed_by(keys->second, *mac, request.body);
}

awaitable<Response> take(std::shared_ptr<const Endpoint> endpoint, Request request) {
  std::string app = app_of(request);
  if (!is_genuine(*endpoint, request, app)) co_return refused_for_now(*endpoint);
  const auto position = co_await endpoint->parts.journal.append(std::move(app), std::move(request.body));
  if (!position) co_return unavailable();
  if (endpoint->settings.ack == AckMode::Store &&
      !co_await endpoint->parts.applier.applied(*position, endpoint->settings.ack_bound)) {
    co_return unavailable();
  }
  co_return acked();
}

awaitable<Response> greet(std::shared_ptr<const Endpoint> endpoint, Request request) {
  co_return shake_hands(*endpoint, request);
}

void add_routes(Router& router, const std::shared_ptr<const Endpoint>& endpoint, const std::string& pattern) {
  router.add({.method = "GET",
              .pattern = pattern,
              .gate = [endpoint](const RequestHead& head) { return uncertified(*endpoint, head); },
              .handler = [endpoint](Request request) { return greet(endpoint, std::move(request)); }});
  router.add({.method = "POST",
              .pattern = pattern,
              .body_limit = kBodyLimit,
              .gate = [endpoint](const RequestHead& head) { return gate(*endpoint, head); },
              .handler = [endpoint](Request request) { return take(endpoint, std::move(request)); }});
}

}  // namespace

void add_webhook_routes(Router& router, const EndpointParts& parts, EndpointSettings settings) {
  const auto endpoint = std::make_shared<const Endpoint>(Endpoint{.parts = parts, .settings = std::move(settings)});
  add_routes(router, endpoint, std::string(kPath));
  add_routes(router, endpoint, std::string(kPath) + "/{app}");
}

}  // namespace waypost
