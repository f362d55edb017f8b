// Stage: a sandbox in this process, a gateway that takes its webhooks, and a blocking client to talk to both.

#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/json.h"
#include "net/client.h"
#include "net/loop.h"
#include "net/server.h"
#include "sandbox/sandbox.h"

namespace waypost::sandbox {

// A webhook endpoint that answers as told and keeps what it got. Any thread.
class Gateway {
 public:
  Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;
  ~Gateway();

  std::string url() const;
  // The next POSTs are answered so; then 200.
  void answers(std::deque<int> statuses);
  void knows_verify_token(std::string token);
  void answers_challenge_with(std::string body);  // instead of the challenge

  // Waits until `count` POSTs have come; all of them so far. Fails the test after 10 s.
  std::vector<Request> wait_for(std::size_t count);
  // The same for POSTs about statuses; their status objects in order of arrival.
  std::vector<Json> wait_for_statuses(std::size_t count);
  std::size_t received();

 private:
  Response take(Request request);
  Response greet(const Request& request);
  void wait(std::function<bool()> enough);

  Loop loop_{"gateway"};
  Router router_;
  BodyBudget budget_{64 << 20};
  std::unique_ptr<HttpServer> server_;
  std::mutex lock_;
  std::condition_variable came_;
  std::deque<int> statuses_;
  std::vector<Request> posts_;
  std::string verify_token_ = "sandbox-verify-token";
  std::string challenge_answer_;
};

struct Answer {
  int status = 0;  // 0: the connection was closed without one
  Json body{};
  std::string text{};
};

class Stage : public ::testing::Test {
 protected:
  // The usual number with the gateway as its webhook; pauses of a few milliseconds. `setup` is merged over it.
  void given_sandbox(const Json& setup = Json::object());

  Answer ask(std::string method, const std::string& path, const Json& body = {}, const std::string& token = {});
  // A POST of bytes as they are.
  Answer ask_raw(const std::string& path, const std::string& body,
                 const std::vector<std::pair<std::string, std::string>>& headers);
  Json get(const std::string& path);
  Json post(const std::string& path, const Json& body = Json::object());
  Answer graph(const std::string& method, const std::string& path, const Json& body = {});
  Answer send(const Json& message);
  Answer send_text(const std::string& to, const std::string& text, const std::string& callback_data = {});
  Answer send_template(const std::string& to, const std::string& name, const Json& components = Json::array());
  std::string customer_writes(const std::string& phone, const std::string& text);
  void pass(std::chrono::seconds time);
  void fault(const Json& rule);
  // Until it holds; fails the test after 10 s.
  void eventually(const std::function<bool()>& holds, const std::string& what);
  int error_code(const Answer& answer) const;

  Gateway gateway_;
  std::unique_ptr<Sandbox> sandbox_;
  std::string number_ = "106540352242922";
  std::string waba_ = "102290129340398";
  std::string customer_ = "+16505551234";

 private:
  void TearDown() override;
  Answer ask(ClientRequest request);

  Loop loop_{"client"};
  std::unique_ptr<HttpClient> client_ = HttpClient::make(loop_.executor(), {});
};

}  // namespace waypost::sandbox
