#include "tests/sandbox/stage.h"

#include <chrono>
#include <future>
#include <thread>

#include "net/spawn.h"

namespace waypost::sandbox {
namespace {

constexpr std::chrono::seconds kPatience{10};

awaitable<Response> ready(Response response) { co_return response; }

awaitable<void> ask_into(HttpClient* client, ClientRequest request, std::promise<Answer>* answer) {
  auto got = co_await client->ask(std::move(request));
  if (!got) {
    answer->set_value({});
    co_return;
  }
  auto json = parse_json(got->body);
  answer->set_value({got->status, json ? *std::move(json) : Json(), got->body});
}

}  // namespace

Gateway::Gateway() {
  router_.add({"GET", "/hook", 1 << 20, nullptr, [this](const Request& request) { return ready(greet(request)); }});
  router_.add({"POST", "/hook", 4 << 20, nullptr, [this](Request request) { return ready(take(std::move(request))); }});
  Listen listen;
  listen.address = "127.0.0.1:0";
  auto server = HttpServer::listen(listen, router_, budget_, ServerLimits{}, {&loop_});
  server_ = std::move(server).value();
  server_->start();
}

Gateway::~Gateway() { server_->stop(std::chrono::milliseconds(100)); }

std::string Gateway::url() const { return "http://127.0.0.1:" + std::to_string(server_->port()) + "/hook"; }

void Gateway::answers(std::deque<int> statuses) {
  const std::lock_guard held(lock_);
  statuses_ = std::move(statuses);
}

void Gateway::knows_verify_token(std::string token) {
  const std::lock_guard held(lock_);
  verify_token_ = std::move(token);
}

void Gateway::answers_challenge_with(std::string body) {
  const std::lock_guard held(lock_);
  challenge_answer_ = std::move(body);
}

Response Gateway::greet(const Request& request) {
  const std::lock_guard held(lock_);
  const bool known = request.query_value("hub.mode") == "subscribe" &&
                     request.query_value("hub.verify_token") == std::string_view(verify_token_);
  if (!known) return text_response(403, "");
  if (!challenge_answer_.empty()) return text_response(200, challenge_answer_);
  return text_response(200, std::string(request.query_value("hub.challenge").value_or("")));
}

Response Gateway::take(Request request) {
  const std::lock_guard held(lock_);
  posts_.push_back(std::move(request));
  came_.notify_all();
  if (statuses_.empty()) return text_response(200, "");
  const int status = statuses_.front();
  statuses_.pop_front();
  return text_response(status, "");
}

std::vector<Request> Gateway::wait_for(std::size_t count) {
  std::unique_lock held(lock_);
  const bool came = came_.wait_for(held, kPatience, [this, count] { return posts_.size() >= count; });
  EXPECT_TRUE(came) << posts_.size() << " of " << count << " webhooks came";
  return posts_;
}

std::vector<Json> Gateway::wait_for_statuses(std::size_t count) {
  std::vector<Json> statuses;
  std::unique_lock held(lock_);
  const auto enough = [&] {
    statuses.clear();
    for (const auto& post : posts_) {
      const auto value = Json::parse(post.body)["entry"][0]["changes"][0]["value"];
      for (const auto& status : value.value("statuses", Json::array())) statuses.push_back(status);
    }
    return statuses.size() >= count;
  };
  const bool came = came_.wait_for(held, kPatience, enough);
  EXPECT_TRUE(came) << statuses.size() << " of " << count << " statuses came";
  return statuses;
}

std::size_t Gateway::received() {
  const std::lock_guard held(lock_);
  return posts_.size();
}

void Stage::given_sandbox(const Json& setup) {
  Json number = usual_number();
  number["webhook_url"] = gateway_.url();
  Json whole = {{"numbers", Json::array({number})},
                {"settings", {{"delivered_after_ms", 1}, {"retry_first_ms", 2}, {"retry_longest_ms", 8}}}};
  whole.merge_patch(setup);
  auto sandbox = Sandbox::start({.listen = "127.0.0.1:0", .setup = whole});
  ASSERT_TRUE(sandbox) << sandbox.error().words();
  sandbox_ = *std::move(sandbox);
}

void Stage::TearDown() {
  sandbox_.reset();
  std::promise<void> closed;
  loop_.post([this, &closed] {
    client_.reset();
    closed.set_value();
  });
  closed.get_future().wait();
}

Answer Stage::ask(std::string method, const std::string& path, const Json& body, const std::string& token) {
  ClientRequest request;
  request.method = std::move(method);
  request.url = sandbox_->url() + path;
  if (!body.is_null()) request.body = dump(body);
  if (!token.empty()) request.headers.add("Authorization", "Bearer " + token);
  return ask(std::move(request));
}

Answer Stage::ask_raw(const std::string& path, const std::string& body,
                      const std::vector<std::pair<std::string, std::string>>& headers) {
  ClientRequest request;
  request.method = "POST";
  request.url = sandbox_->url() + path;
  request.body = body;
  for (const auto& [name, value] : headers) request.headers.add(name, value);
  return ask(std::move(request));
}

Answer Stage::ask(ClientRequest request) {
  request.deadline = kPatience;
  std::promise<Answer> answer;
  loop_.post([this, request = std::move(request), &answer]() mutable {
    spawn(loop_.executor(), "ask", ask_into(client_.get(), std::move(request), &answer));
  });
  return answer.get_future().get();
}

Json Stage::get(const std::string& path) { return ask("GET", path).body; }

Json Stage::post(const std::string& path, const Json& body) {
  const auto answer = ask("POST", path, body);
  EXPECT_EQ(answer.status, 200) << answer.text;
  return answer.body;
}

Answer Stage::graph(const std::string& method, const std::string& path, const Json& body) {
  return ask(method, "/v25.0/" + path, body, "sandbox-token");
}

Answer Stage::send(const Json& message) {
  Json body = {{"messaging_product", "whatsapp"}, {"recipient_type", "individual"}};
  body.update(message);
  return graph("POST", number_ + "/messages", body);
}

Answer Stage::send_text(const std::string& to, const std::string& text, const std::string& callback_data) {
  Json message = {{"to", to}, {"type", "text"}, {"text", {{"body", text}}}};
  if (!callback_data.empty()) message["biz_opaque_callback_data"] = callback_data;
  return send(message);
}

Answer Stage::send_template(const std::string& to, const std::string& name, const Json& components) {
  return send({{"to", to},
               {"type", "template"},
               {"template", {{"name", name}, {"language", {{"code", "en_US"}}}, {"components", components}}}});
}

std::string Stage::customer_writes(const std::string& phone, const std::string& text) {
  return post("/control/customers/" + phone + "/messages", {{"text", text}})["wamid"];
}

void Stage::pass(std::chrono::seconds time) { post("/control/clock", {{"advance_seconds", time.count()}}); }

void Stage::fault(const Json& rule) { post("/control/faults", rule); }

void Stage::eventually(const std::function<bool()>& holds, const std::string& what) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) {
      ADD_FAILURE() << "never: " << what;
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

int Stage::error_code(const Answer& answer) const {
  return answer.body.value("error", Json::object()).value("code", 0);
}

}  // namespace waypost::sandbox
