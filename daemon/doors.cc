#include "daemon/doors.h"

#include <cstdint>
#include <utility>

#include "daemon/notify.h"

namespace waypost {
namespace {

constexpr std::chrono::milliseconds kAdminGrace{100};

ServerLimits limits_of(const HttpSettings& http) {
  return {.read = http.read_timeout,
          .write = http.write_timeout,
          .idle = http.idle_timeout,
          .connections = http.connections};
}

std::string url_of(const std::string& listen, std::uint16_t port, bool tls) {
  const auto colon = listen.rfind(':');
  std::string host = listen.substr(0, colon);
  if (host == "0.0.0.0" || host == "[::]" || host.empty()) host = "127.0.0.1";
  return (tls ? "https://" : "http://") + host + ":" + std::to_string(port);
}

}  // namespace

Result<std::unique_ptr<Doors>> Doors::open(DoorsParts parts) {
  std::unique_ptr<Doors> doors(new Doors(std::move(parts)));
  doors->add_routes();
  if (auto held = doors->listen(); !held) return fail(std::move(held.error()));
  return doors;
}

void Doors::add_routes() {
  const Settings& settings = *parts_.settings;
  if (settings.roles.api) api_.add_routes(public_);
  api_.add_admin_routes(admin_);
  api_.add_health_routes(health_);
  if (parts_.webhook) {
    add_webhook_routes(public_, *parts_.webhook,
                       {.ack = settings.journal.ack,
                        .ack_bound = settings.journal.ack_bound,
                        .client_cn = settings.http.client_ca_file.empty() ? "" : settings.http.client_cn});
  }
}

Result<void> Doors::listen() {
  const Settings& settings = *parts_.settings;
  const auto inherited = inherited_sockets();
  const auto descriptor = [&inherited](const char* name) { return inherited.contains(name) ? inherited.at(name) : -1; };
  auto admin = serve({.address = "unix:" + settings.admin.socket}, admin_);
  if (!admin) return fail(std::move(admin.error()));
  admin_server_ = *std::move(admin);
  auto health = serve({.address = settings.admin.listen, .inherited = descriptor("admin")}, health_);
  if (!health) return fail(std::move(health.error()));
  health_server_ = *std::move(health);
  if (!settings.roles.webhook && !settings.roles.api) return {};
  auto open = serve({.address = settings.http.listen,
                     .inherited = descriptor("http"),
                     .certificate_file = settings.http.certificate_file,
                     .key_file = settings.http.key_file,
                     .client_ca_file = settings.http.client_ca_file,
                     .trusted_proxies = settings.http.trusted_proxies},
                    public_);
  if (!open) return fail(std::move(open.error()));
  public_server_ = *std::move(open);
  return {};
}

Result<std::unique_ptr<HttpServer>> Doors::serve(const Listen& at, const Router& router) const {
  auto server = HttpServer::listen(at, router, *parts_.budget, limits_of(parts_.settings->http), parts_.loops);
  if (!server) return fail(std::move(server.error()).during("listening on " + at.address));
  (*server)->start();
  return server;
}

void Doors::close_public(std::chrono::milliseconds limit) {
  if (public_server_) public_server_->stop(limit);
}

void Doors::close_others() {
  health_server_->stop(kAdminGrace);
  admin_server_->stop(kAdminGrace);
}

Result<void> Doors::reload_certificates() {
  return public_server_ ? public_server_->reload_certificates() : Result<void>();
}

std::string Doors::url() const {
  if (!public_server_) return "";
  const auto& http = parts_.settings->http;
  return url_of(http.listen, public_server_->port(), !http.certificate_file.empty());
}

std::string Doors::admin_url() const { return url_of(parts_.settings->admin.listen, health_server_->port(), false); }

}  // namespace waypost
