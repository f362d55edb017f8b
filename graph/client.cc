#include "graph/client.h"

#include <chrono>
#include <utility>

#include "graph/graph_error.h"
#include "graph/graph_failure.h"
#include "graph/template_page.h"

namespace waypost {
namespace {

using Exchange = std::expected<Response, ExchangeFailure>;

constexpr std::string_view kTemplateFields =
    "name,status,category,language,components,parameter_format,quality_score,rejected_reason,id";
constexpr int kTemplatesPerPage = 100;

Result<void> read_mark_answer(const Exchange& exchange) {
  if (!exchange) return fail(ErrorKind::Unavailable, exchange.error().error.words());
  const auto answer = parse_json(exchange->body);
  const auto error = answer ? read_graph_error(*answer) : std::nullopt;
  if (error) return fail(graph_failure(exchange->status, *error));
  if (exchange->status == 200 && answer) return {};
  // Something between us and Meta says so, in words of its own.
  if (exchange->status == 429) return fail(ErrorKind::RateLimited, "too many requests (HTTP 429)");
  return fail(ErrorKind::Unavailable, "an answer that cannot be read (HTTP " + std::to_string(exchange->status) + ")");
}

class Client final : public GraphClient {
 public:
  Client(HttpClient& http, GraphSettings settings) : http_(http), settings_(std::move(settings)) {}

  awaitable<SendExchange> post_message(GraphAccess number, Json message) override {
    const std::string path = "/" + settings_.version + "/" + percent_encoded(number.id) + "/messages";
    ClientRequest request = request_of(number, "POST", path);
    request.headers.add("Content-Type", "application/json");
    request.body = dump(message);
    const auto began = std::chrono::steady_clock::now();
    const Exchange exchange = co_await http_.ask(std::move(request));
    const auto took = std::chrono::steady_clock::now() - began;
    co_return SendExchange{
        .answer = read_send_answer(exchange),
        .trace = trace_of(path, exchange, std::chrono::duration_cast<std::chrono::milliseconds>(took))};
  }

  awaitable<Result<void>> post_mark(GraphAccess number, Json mark) override {
    ClientRequest request =
        request_of(number, "POST", "/" + settings_.version + "/" + percent_encoded(number.id) + "/messages");
    request.headers.add("Content-Type", "application/json");
    request.body = dump(mark);
    const Exchange exchange = co_await http_.ask(std::move(request));
    co_return read_mark_answer(exchange);
  }

  awaitable<Result<TemplatePage>> list_templates(GraphAccess account, std::string after) override {
    std::string path = "/" + settings_.version + "/" + percent_encoded(account.id) +
                       "/message_templates?fields=" + std::string(kTemplateFields) +
                       "&limit=" + std::to_string(kTemplatesPerPage);
    if (!after.empty()) path += "&after=" + percent_encoded(after);
    ClientRequest request = request_of(account, "GET", path);
    const Exchange exchange = co_await http_.ask(std::move(request));
    co_return read_template_page(exchange);
  }

 private:
  ClientRequest request_of(const GraphAccess& access, std::string method, const std::string& path) const {
    ClientRequest request;
    request.method = std::move(method);
    request.url = settings_.base_url + path;
    request.deadline = settings_.timeout;
    request.headers.add("Authorization", "Bearer " + access.token.reveal());
    request.headers.add("Accept", "application/json");
    return request;
  }

  static Json trace_of(const std::string& path, const Exchange& exchange, std::chrono::milliseconds took) {
    Json trace{{"method", "POST"}, {"path", path}, {"durationMs", took.count()}};
    if (!exchange) {
      trace["failure"] = exchange.error().error.words();
      trace["sent"] = exchange.error().sent == Sent::NothingSent ? "nothing" : "maybe";
      return trace;
    }
    const auto answer = parse_json(exchange->body);
    const auto error = answer ? read_graph_error(*answer) : std::nullopt;
    trace["status"] = exchange->status;
    if (error) trace["code"] = error->code;
    if (auto id = trace_id_of(exchange->headers, error); !id.empty()) trace["fbtraceId"] = std::move(id);
    return trace;
  }

  HttpClient& http_;
  const GraphSettings settings_;
};

}  // namespace

std::unique_ptr<GraphClient> GraphClient::make(HttpClient& http, GraphSettings settings) {
  return std::make_unique<Client>(http, std::move(settings));
}

}  // namespace waypost
