#include "graph/management_client.h"

#include <ctime>
#include <utility>

#include "base/text.h"
#include "graph/graph_failure.h"

namespace waypost {
namespace {

using Exchange = std::expected<Response, ExchangeFailure>;

constexpr std::size_t kWordsCharacters = 300;

// RFC 9110's one date: "Mon, 30 Nov 2026 20:15:00 GMT".
std::optional<Time> date_of(const Headers& headers) {
  const auto text = headers.find("Date");
  if (!text) return std::nullopt;
  std::tm parts{};
  const char* end = ::strptime(std::string(*text).c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr) return std::nullopt;
  return Time(std::chrono::seconds(::timegm(&parts)));
}

// Of templates Meta tells what is wrong in error_user_msg alone.
Error refusal_of(int status, const Json& answer, const GraphError& error) {
  Error refusal = graph_failure(status, error);
  const Json* given = find_object(answer, "error");
  const std::string more = given ? text_or_empty(*given, "error_user_msg") : std::string();
  if (refusal.kind() != ErrorKind::Rejected) return refusal;
  std::string words = refusal.words();
  if (!more.empty()) words += ": " + std::string(first_characters(more, kWordsCharacters));
  return Error(ErrorKind::Rejected, std::move(words)).with_code(std::string(kMetaRefused));
}

class Client final : public ManagementClient {
 public:
  Client(HttpClient& http, GraphSettings settings) : http_(http), settings_(std::move(settings)) {}

  awaitable<Result<GraphReply>> ask(GraphCall call) override {
    ClientRequest request;
    request.method = std::move(call.method);
    request.url = settings_.base_url + "/" + settings_.version + call.path;
    request.deadline = settings_.timeout;
    request.headers.add("Authorization", "Bearer " + call.token.reveal());
    request.headers.add("Accept", "application/json");
    if (!call.body.is_null()) {
      request.headers.add("Content-Type", "application/json");
      request.body = dump(call.body);
    }
    const Exchange exchange = co_await http_.ask(std::move(request));
    co_return read_graph_reply(exchange);
  }

 private:
  HttpClient& http_;
  const GraphSettings settings_;
};

}  // namespace

Result<GraphReply> read_graph_reply(const Exchange& exchange) {
  if (!exchange) return fail(ErrorKind::Unavailable, exchange.error().error.words());
  const int status = exchange->status;
  auto answer = parse_json(exchange->body);
  if (answer) {
    if (const auto error = read_graph_error(*answer)) return fail(refusal_of(status, *answer, *error));
  }
  if (status == 429) return fail(ErrorKind::RateLimited, "HTTP 429 without an error object");
  if (status < 200 || status > 299 || !answer)
    return fail(ErrorKind::Unavailable, "an answer that cannot be read (HTTP " + std::to_string(status) + ")");
  return GraphReply{.body = *std::move(answer), .date = date_of(exchange->headers)};
}

std::unique_ptr<ManagementClient> ManagementClient::make(HttpClient& http, GraphSettings settings) {
  return std::make_unique<Client>(http, std::move(settings));
}

}  // namespace waypost
