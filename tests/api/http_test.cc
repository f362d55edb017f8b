// The Api through the real server: sockets, limits of bodies, streams.

#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>

#include "net/server.h"
#include "store/events.h"
#include "tests/api/api_fixture.h"

namespace waypost::test {
namespace {

// One blocking connection.
class Client {
 public:
  explicit Client(std::uint16_t port) : socket_(context_) { socket_.connect({asio::ip::address_v4::loopback(), port}); }
  void send(const std::string& bytes) { asio::write(socket_, asio::buffer(bytes)); }
  // What came up to and with `end`.
  std::string read_until(const std::string& end) {
    const auto size = asio::read_until(socket_, asio::dynamic_buffer(received_), end);
    std::string text = received_.substr(0, size);
    received_.erase(0, size);
    return text;
  }

 private:
  asio::io_context context_;
  asio::ip::tcp::socket socket_;
  std::string received_;
};

class Http : public ApiTest {
 protected:
  Http() : tenant_(given_workspace()), user_(given_person("ann@example.com")) {
    given_member(tenant_, user_, store::Role::Admin);
    cookie_ = given_session(user_);
    api().add_routes(routes_);
    server_ = *HttpServer::listen({.address = "127.0.0.1:0"}, routes_, budget_, {}, {&loop_of_server_});
    server_->start();
  }
  ~Http() override { server_->stop(std::chrono::seconds(1)); }

  std::string head(const std::string& method, const std::string& target, const std::string& more = "") {
    return method + " " + target + " HTTP/1.1\r\nHost: waypost\r\nCookie: session_token=" + cookie_ +
           "\r\nx-tenant-id: " + tenant_.text() + "\r\n" + more + "\r\n";
  }
  std::string post(const std::string& target, const std::string& body) {
    return head("POST", target, "Content-Length: " + std::to_string(body.size()) + "\r\n") + body;
  }
  void given_events(int many) {
    write([&](sql::Connection& connection) {
      for (int i = 0; i < many; ++i)
        store::append_event(connection, tenant_, {.type = "contact.updated", .payload = "{}"}, clock_.now());
    });
  }

  TenantId tenant_;
  UserId user_;
  std::string cookie_;
  Router routes_;
  BodyBudget budget_{64 << 20};
  Loop loop_of_server_{"api"};
  std::unique_ptr<HttpServer> server_;
};

TEST_F(Http, AContactIsMadeAndRead) {
  Client client(server_->port());
  client.send(post("/api/contacts", R"({"name":"Jane Doe","phone":"+14155551234"})"));
  EXPECT_TRUE(client.read_until("\r\n").starts_with("HTTP/1.1 201 "));
  EXPECT_TRUE(client.read_until("\r\n\r\n").contains("Content-Type: application/json"));
  EXPECT_TRUE(client.read_until("\"waId\":\"14155551234\"}").contains("Jane Doe"));
  client.send(head("GET", "/api/contacts?limit=20&offset=0"));
  EXPECT_TRUE(client.read_until("\r\n").starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(client.read_until("\"total\":1}").contains("+14155551234"));
}

TEST_F(Http, ABodyBeyondTheLimitIs413) {
  Client client(server_->port());
  client.send(head("POST", "/api/contacts", "Content-Length: 1048577\r\n"));
  EXPECT_TRUE(client.read_until("\r\n").starts_with("HTTP/1.1 413 "));
}

TEST_F(Http, AnotherMethodIs405AndAnotherPath404) {
  Client client(server_->port());
  client.send(head("PUT", "/api/contacts", "Content-Length: 0\r\n"));
  EXPECT_TRUE(client.read_until("\r\n").starts_with("HTTP/1.1 405 "));
  Client other(server_->port());
  other.send(head("GET", "/api/nothing"));
  EXPECT_TRUE(other.read_until("\r\n").starts_with("HTTP/1.1 404 "));
}

TEST_F(Http, AStreamResumesBehindTheLastEventId) {
  given_events(3);
  Client first(server_->port());
  first.send(head("GET", "/api/events", "Accept: text/event-stream\r\nLast-Event-ID: 0\r\n"));
  EXPECT_TRUE(first.read_until("\r\n\r\n").contains("Content-Type: text/event-stream"));
  first.read_until("id: 3\n");
  given_events(2);
  const auto live = first.read_until("id: 5\n");
  EXPECT_TRUE(live.contains("id: 4\n"));

  Client again(server_->port());
  again.send(head("GET", "/api/events/stream", "Last-Event-ID: 4\r\n"));
  const auto resumed = again.read_until("id: 5\n");
  EXPECT_FALSE(resumed.contains("id: 4\n"));
}

TEST_F(Http, AStoppingServerEndsItsStreams) {
  Client client(server_->port());
  client.send(head("GET", "/api/events/stream"));
  client.read_until("retry: 1000");
  const auto began = std::chrono::steady_clock::now();
  server_->stop(std::chrono::seconds(20));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(10));
}

TEST_F(Http, SignInsDoNotHoldTheLoop) {
  Client slow(server_->port());
  slow.send(post("/api/auth/sign-in/email", R"({"email":"ann@example.com","password":"wrong"})"));
  Client quick(server_->port());
  quick.send(head("GET", "/api/workspace"));
  EXPECT_TRUE(quick.read_until("\r\n").starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(slow.read_until("\r\n").starts_with("HTTP/1.1 401 "));
}

}  // namespace
}  // namespace waypost::test
