#include "api/event_stream.h"

#include "net/spawn.h"
#include "store/event_numbers.h"
#include "store/events.h"
#include "tests/api/api_fixture.h"

namespace waypost::test {
namespace {

// Keeps what is written; closes when it has seen as many events as it wants.
class Listener final : public BodyWriter {
 public:
  explicit Listener(std::size_t events) : wanted_(events) {}
  awaitable<bool> write(std::string_view chunk) override {
    text += chunk;
    co_return ids().size() < wanted_;
  }
  std::vector<std::string> ids() const {
    std::vector<std::string> found;
    for (std::size_t at = text.find("id: "); at != std::string::npos; at = text.find("\nid: ", at + 1)) {
      const auto from = text.find(' ', at) + 1;
      found.push_back(text.substr(from, text.find('\n', from) - from));
    }
    return found;
  }
  std::string text;

 private:
  std::size_t wanted_;
};

class Stream : public ApiTest {
 protected:
  Stream() : tenant_(given_workspace()), user_(given_person("ann@example.com")) {
    given_member(tenant_, user_, store::Role::Agent);
    cookie_ = given_session(user_);
  }
  void given_events(int many) {
    write([&](sql::Connection& connection) { append(connection, many); });
  }
  void append(sql::Connection& connection, int many) {
    for (int i = 0; i < many; ++i)
      store::append_event(connection, tenant_, {.type = "contact.updated", .payload = "{}"}, clock_.now());
    store::number_events(connection, 1'000);
  }
  static awaitable<void> add_events(Stream& test, int many) {
    const auto written = co_await test.database_->write(
        0, [&test, many](sql::Connection& connection) { test.append(connection, many); });
    EXPECT_TRUE(written.has_value());
  }
  static awaitable<void> end_sessions(Stream& test) {
    const auto gone =
        co_await test.database_->write(0, [](sql::Connection& connection) { connection.run("DELETE FROM session"); });
    EXPECT_TRUE(gone.has_value());
  }
  api::Shared& shared() {
    if (!shared_) shared_ = std::make_unique<api::Shared>(parts_);
    return *shared_;
  }
  api::FollowRequest from(std::int64_t after) {
    RequestHead head;
    for (auto& [name, value] : as(cookie_, tenant_)) head.headers.add(name, value);
    return {.credentials = api::read_credentials(head), .tenant = tenant_, .after = after, .pause = milliseconds(5)};
  }
  void follow(Listener& listener, api::FollowRequest asked) {
    loop_.wait(api::follow_feed(shared(), *shared().hub.sit(tenant_), std::move(asked), listener));
  }

  TenantId tenant_;
  UserId user_;
  std::string cookie_;
  std::unique_ptr<api::Shared> shared_;
};

TEST_F(Stream, ResumesBehindTheLastNumber) {
  given_events(5);
  Listener listener(2);
  follow(listener, from(3));
  EXPECT_EQ(listener.ids(), (std::vector<std::string>{"4", "5"}));
  EXPECT_TRUE(listener.text.contains("\ndata: {\"conversationId\":null,")) << listener.text;
}

TEST_F(Stream, TellsWhatHappensWhileItIsOpen) {
  given_events(1);
  Listener listener(3);
  spawn(loop_.executor(), "more", add_events(*this, 2));
  follow(listener, from(0));
  EXPECT_EQ(listener.ids(), (std::vector<std::string>{"1", "2", "3"}));
}

TEST_F(Stream, SaysWhenTheFeedNoLongerKeepsWhatComesNext) {
  given_events(3);
  write([](sql::Connection& connection) { connection.run("DELETE FROM event WHERE number <= 2"); });
  Listener listener(9);
  follow(listener, from(0));
  EXPECT_TRUE(listener.ids().empty());
  EXPECT_TRUE(listener.text.ends_with("event: gone\ndata: {\"oldest\":3}\n\n")) << listener.text;
}

TEST_F(Stream, EndsWithTheSession) {
  auto asked = from(0);
  asked.heartbeat = milliseconds(10);
  spawn(loop_.executor(), "out", end_sessions(*this));
  Listener listener(1);
  follow(listener, asked);
  EXPECT_TRUE(listener.ids().empty());
}

TEST_F(Stream, AWorkspaceHasSoManySeats) {
  bridge::Hub hub(*database_);
  std::vector<bridge::Hub::Seat> seats;
  for (std::size_t i = 0; i < bridge::Hub::kSeats; ++i) seats.push_back(*hub.sit(tenant_));
  EXPECT_FALSE(hub.sit(tenant_).has_value());
  EXPECT_TRUE(hub.sit(TenantId::make(clock_.now())).has_value());
  seats.pop_back();
  EXPECT_TRUE(hub.sit(tenant_).has_value());
}

}  // namespace
}  // namespace waypost::test
