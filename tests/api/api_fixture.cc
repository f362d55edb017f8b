#include "tests/api/api_fixture.h"

#include "api/callers.h"
#include "base/crypto.h"
#include "net/request_rules.h"
#include "store/event_numbers.h"
#include "store/sessions.h"
#include "store/tenants.h"
#include "store/webhook_apps.h"

namespace waypost::test {
namespace {

// What a stream of known length writes.
class WrittenBody final : public BodyWriter {
 public:
  awaitable<bool> write(std::string_view chunk) override {
    body += chunk;
    co_return true;
  }
  std::string body;
};

std::string streamed(RunLoop& loop, Response& response) {
  WrittenBody written;
  loop.wait(response.stream(written));
  return written.body;
}

Answer answer_of(Response response) {
  Answer answer{.status = response.status, .body = std::move(response.body), .headers = std::move(response.headers)};
  answer.json = Json::parse(answer.body, nullptr, false);
  return answer;
}

// A body that comes piece by piece, and may break off.
class Pieces final : public BodyReader {
 public:
  explicit Pieces(const Ask& asked) : asked_(asked) {}

  awaitable<Result<std::string_view>> read() override {
    if (asked_.breaks_at && at_ >= *asked_.breaks_at) {
      broke_ = true;
      co_return fail(ErrorKind::Unavailable, "the client is gone");
    }
    piece_ = asked_.body.substr(at_, asked_.piece);
    at_ += piece_.size();
    co_return std::string_view(piece_);
  }
  bool broke() const { return broke_; }

 private:
  const Ask& asked_;
  std::string piece_;
  std::size_t at_ = 0;
  bool broke_ = false;
};

}  // namespace

ApiTest::ApiTest() : database_(place_.open({.readers = 1})), keyring_({{"k1", Secret(std::string(32, 'k'))}}, "k1") {
  settings_.api.limits = false;
  parts_ = {.database = database_.get(), .clock = &clock_, .keyring = &keyring_, .settings = &settings_};
  parts_.signals = &signals_;
}
ApiTest::~ApiTest() = default;

Api& ApiTest::api() {
  if (!api_) {
    api_ = std::make_unique<Api>(parts_);
    api_->add_routes(router_);
    api_->add_admin_routes(admin_router_);
    api_->add_health_routes(health_router_);
  }
  return *api_;
}

Answer ApiTest::ask(const std::string& method, const std::string& target, Ask asked) {
  api();
  return ask_router(router_, method, target, std::move(asked));
}
Answer ApiTest::ask(const std::string& method, const std::string& target, const HeaderList& who, const Json& body) {
  return ask(method, target, Ask{.headers = who, .body = dump(body)});
}
Answer ApiTest::ask(const std::string& method, const std::string& target, const HeaderList& who) {
  return ask(method, target, Ask{.headers = who});
}
Answer ApiTest::ask_admin(const std::string& method, const std::string& target, const Json& body) {
  api();
  return ask_router(admin_router_, method, target, Ask{.body = dump(body)});
}
Answer ApiTest::ask_health(const std::string& target) {
  api();
  return ask_router(health_router_, "GET", target, {});
}
Answer ApiTest::sign_in(const std::string& email, std::string_view password, const std::string& peer) {
  const Json body{{"email", email}, {"password", password}};
  return ask("POST", "/api/auth/sign-in/email", Ask{.body = dump(body), .peer = peer});
}

Answer ApiTest::ask_router(Router& router, const std::string& method, const std::string& target, Ask asked) {
  Request request;
  request.method = method;
  request.target = target;
  request.peer = asked.peer;
  request.tls = asked.tls;
  for (auto& [name, value] : asked.headers) request.headers.add(name, value);
  EXPECT_TRUE(read_target(request)) << target;
  const auto match = router.match(method, raw_path(target));
  if (match.route == nullptr) return answer_of(router.not_found(request, match));
  request.params = match.params;
  if (match.route->gate) {
    if (auto refused = match.route->gate(request)) return answer_of(*std::move(refused));
  }
  Pieces pieces(asked);
  if (!match.route->streamed) request.body = asked.body;
  auto response = match.route->streamed ? loop_.wait(match.route->streamed(std::move(request), pieces))
                                        : loop_.wait(match.route->handler(std::move(request)));
  if (pieces.broke()) return {};  // the server refuses it, whatever the handler says
  const bool measured = response.stream && response.headers.find("Content-Length");
  if (measured && method != "HEAD") response.body = streamed(loop_, response);
  auto answer = answer_of(std::move(response));
  number_events();
  return answer;
}

void ApiTest::number_events() {
  const auto numbered =
      database_->write_and_wait(0, [](sql::Connection& connection) { return store::number_events(connection, 1'000); });
  EXPECT_TRUE(numbered);
}

TenantId ApiTest::given_workspace(const std::string& name) {
  return write([&](sql::Connection& connection) { return store::create_tenant(connection, name, clock_.now()); }).id;
}

UserId ApiTest::given_person(const std::string& email) {
  static const std::string kHashed = hash_password(Secret(std::string(kPassword)));
  return write([&](sql::Connection& connection) {
           return store::create_person(connection, {.email = email, .name = "Someone", .password_hash = kHashed},
                                       clock_.now());
         })
      .id;
}

void ApiTest::given_member(TenantId tenant, UserId user, store::Role role) {
  write([&](sql::Connection& connection) { store::set_membership(connection, tenant, user, role, clock_.now()); });
}

std::string ApiTest::given_session(UserId user) {
  const std::string token = random_token(32);
  const Time now = clock_.now();
  const store::Session session{.id = store::SessionId::make(now),
                               .user = user,
                               .created_at = now,
                               .refreshed_at = now,
                               .expires_at = now + settings_.api.session};
  write([&](sql::Connection& connection) { store::create_session(connection, api::hash_of(token), session, now); });
  return token;
}

store::Channel ApiTest::given_channel(TenantId tenant, const std::string& phone_number_id) {
  return write([&](sql::Connection& connection) {
    const store::NewWebhookApp app{.name = "default", .verify_token = Secret("verify"), .secret = Secret("secret")};
    EXPECT_TRUE(store::save_webhook_app(connection, app, keyring_, clock_.now()));
    return store::create_channel(connection,
                                 {.tenant = tenant,
                                  .name = "Main",
                                  .app = "default",
                                  .phone_number_id = phone_number_id,
                                  .waba_id = "2001",
                                  .display_phone_number = "+1 555 010 1001",
                                  .sealed_access_token = "sealed"},
                                 clock_.now());
  });
}

store::Contact ApiTest::given_contact(TenantId tenant, const std::string& digits, const std::string& name) {
  return write([&](sql::Connection& connection) {
    return store::create_contact(connection, {.tenant = tenant, .name = name, .phone = digits},
                                 {{.kind = store::AliasKind::Phone, .value = digits}}, clock_.now());
  });
}

store::Conversation ApiTest::given_conversation(TenantId tenant, Window window) {
  const std::string number = std::to_string(++numbers_);
  const auto channel = given_channel(tenant, "55" + number);
  const auto contact = given_contact(tenant, "4915112345" + number);
  return write([&](sql::Connection& connection) {
    const auto made = store::open_conversation(connection, tenant, contact.id, channel.id, clock_.now());
    if (window == Window::Open) {
      connection.run(
          "UPDATE conversation SET last_inbound_at = $3, window_expires_at = $4 WHERE tenant_id = $1 AND id = $2",
          {tenant, made.id, clock_.now(), window_end(clock_.now())});
    }
    return *store::find_conversation(connection, tenant, made.id);
  });
}

store::Message ApiTest::given_inbound(const store::Conversation& conversation, const std::string& text) {
  clock_.pass(milliseconds(10));
  return write([&](sql::Connection& connection) {
    const auto seq = connection
                         .run(
                             "UPDATE conversation SET next_seq = next_seq + 1 WHERE tenant_id = $1 AND id = $2 "
                             "RETURNING next_seq - 1",
                             {conversation.tenant, conversation.id})
                         .front()
                         .number(0);
    const Time now = clock_.now();
    store::Message message{.tenant = conversation.tenant,
                           .id = MessageId::make(now),
                           .conversation = conversation.id,
                           .seq = seq,
                           .channel = conversation.channel,
                           .contact = conversation.contact,
                           .text = text,
                           .content = {{"type", "text"}, {"text", {{"body", text}}}},
                           .wamid = "wamid.in" + std::to_string(seq),
                           .happened_at = now,
                           .created_at = now,
                           .updated_at = now};
    store::insert_message(connection, message);
    return message;
  });
}

HeaderList ApiTest::as(const std::string& cookie, TenantId tenant) {
  return {{"Cookie", "session_token=" + cookie}, {"x-tenant-id", tenant.text()}};
}
HeaderList ApiTest::as_role(TenantId tenant, store::Role role) {
  const auto user = given_person("p" + std::to_string(++numbers_) + "@example.com");
  given_member(tenant, user, role);
  return as(given_session(user), tenant);
}
HeaderList ApiTest::as_admin(TenantId tenant) { return as_role(tenant, store::Role::Admin); }
HeaderList ApiTest::as_agent(TenantId tenant) { return as_role(tenant, store::Role::Agent); }

std::int64_t ApiTest::rows_of(const std::string& table) {
  return *database_->read_and_wait(
      [&](sql::Connection& connection) { return connection.run("SELECT count(*) FROM " + table).front().number(0); });
}

}  // namespace waypost::test
