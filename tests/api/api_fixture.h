// ApiTest: the Api on a real store in a folder of its own, asked through its router without sockets. A small language:
// given_…() puts rows there, ask() is one request, as_…() says who asks. Test thread only.

#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "api/api.h"
#include "net/http.h"
#include "store/channels.h"
#include "store/contacts.h"
#include "store/conversations.h"
#include "store/messages.h"
#include "store/people.h"
#include "tests/support/run_loop.h"
#include "tests/support/store_place.h"
#include "tests/support/temp_folder.h"

namespace waypost::test {

class RecordingSignals final : public Signals {
 public:
  void offer(std::vector<Signal> signals) override {
    for (auto& signal : signals) offered.push_back(signal);
  }
  std::vector<Signal> offered;
};

struct Answer {
  int status = 0;
  Json json{};
  std::string body{};
  Headers headers{};

  std::string header(std::string_view name) const { return std::string(headers.find(name).value_or("")); }
};

using HeaderList = std::vector<std::pair<std::string, std::string>>;

struct Ask {
  HeaderList headers{};
  std::string body{};
  std::string peer = "192.0.2.1";
  bool tls = false;
  // Of a body that is taken as it comes: so many bytes a piece, and where the client goes.
  std::size_t piece = 1000;
  std::optional<std::size_t> breaks_at{};
};

class ApiTest : public ::testing::Test {
 protected:
  static constexpr std::string_view kPassword = "correct horse battery";

  ApiTest();
  ~ApiTest() override;

  // The Api is made by the first ask(), so that a test may change the settings and the parts before.
  Answer ask(const std::string& method, const std::string& target, Ask asked = {});
  Answer ask(const std::string& method, const std::string& target, const HeaderList& who, const Json& body);
  Answer ask(const std::string& method, const std::string& target, const HeaderList& who);
  Answer ask_admin(const std::string& method, const std::string& target, const Json& body = Json::object());
  Answer ask_health(const std::string& target);
  Answer sign_in(const std::string& email, std::string_view password, const std::string& peer = "192.0.2.1");
  Api& api();

  TenantId given_workspace(const std::string& name = "Acme");
  // With kPassword.
  UserId given_person(const std::string& email);
  void given_member(TenantId tenant, UserId user, store::Role role);
  std::string given_session(UserId user);  // the cookie's value
  store::Channel given_channel(TenantId tenant, const std::string& phone_number_id = "1001");
  store::Contact given_contact(TenantId tenant, const std::string& digits, const std::string& name = "Jane Doe");
  // Of a contact of its own; the window is open for a day, or was never opened.
  enum class Window { Open, NeverOpened };
  store::Conversation given_conversation(TenantId tenant, Window window = Window::Open);
  store::Message given_inbound(const store::Conversation& conversation, const std::string& text);

  // A workspace's admin and agent, made on first use.
  HeaderList as_admin(TenantId tenant);
  HeaderList as_agent(TenantId tenant);
  static HeaderList as(const std::string& cookie, TenantId tenant);

  // On the write lane. Throws when it fails. What it tells the feed can be read at once.
  template <class Unit>
  auto write(Unit unit) {
    if constexpr (std::is_void_v<std::invoke_result_t<Unit&, sql::Connection&>>) {
      std::move(database_->write_and_wait(0, std::move(unit))).value();
      number_events();
    } else {
      auto written = std::move(database_->write_and_wait(0, std::move(unit))).value();
      number_events();
      return written;
    }
  }
  // As the stamper does.
  void number_events();
  // How many rows a table has: what must not be half written.
  std::int64_t rows_of(const std::string& table);

  TempFolder folder_{Storage::Memory};
  StorePlace place_{folder_.file("waypost.db")};
  FakeClock clock_;
  RunLoop loop_;
  Settings settings_;
  ApiParts parts_;
  RecordingSignals signals_;
  std::unique_ptr<sql::Database> database_;

 private:
  Answer ask_router(Router& router, const std::string& method, const std::string& target, Ask asked);
  HeaderList as_role(TenantId tenant, store::Role role);

  Keyring keyring_;
  std::unique_ptr<Api> api_;
  Router router_, admin_router_, health_router_;
  std::int64_t numbers_ = 0;
};

}  // namespace waypost::test
