#include "graph/media_client.h"

#include <utility>

#include "conversation/media.h"
#include "graph/graph_failure.h"
#include "graph/media_hosts.h"

namespace waypost {
namespace {

using Exchange = std::expected<Response, ExchangeFailure>;

constexpr int kMostHops = 3;
constexpr std::size_t kRefusalBytes = 64 * 1024;  // of an answer that is not the file

bool redirects(int status) { return status == 301 || status == 302 || status == 303 || status == 307 || status == 308; }

std::unexpected<Error> failure_of(const ExchangeFailure& failure) { return fail(Error(failure.error)); }

Result<MediaLink> read_link(const Exchange& exchange) {
  if (!exchange) return failure_of(exchange.error());
  const auto answer = parse_json(exchange->body);
  if (answer) {
    if (const auto error = read_graph_error(*answer)) return fail(graph_failure(exchange->status, *error));
  }
  if (exchange->status == 429) return fail(ErrorKind::RateLimited, "HTTP 429 without an error object");
  if (exchange->status == 404) return fail(ErrorKind::Rejected, "Meta knows no such file");
  auto url = answer ? text_or_empty(*answer, "url") : std::string();
  if (exchange->status != 200 || url.empty())
    return fail(ErrorKind::Unavailable,
                "an answer that cannot be read (HTTP " + std::to_string(exchange->status) + ")");
  return MediaLink{.url = std::move(url), .said_hash = text_or_empty(*answer, "sha256")};
}

Error refusal_of(int status) {
  const std::string words = "the download is answered HTTP " + std::to_string(status);
  if (status == 404 || status == 410) return {ErrorKind::NotFound, words};
  if (status == 401 || status == 403) return {ErrorKind::Unauthorised, words};
  if (status == 429) return {ErrorKind::RateLimited, words};
  return {ErrorKind::Unavailable, words};
}

class Client final : public MediaClient {
 public:
  Client(HttpClient& http, GraphSettings graph, const MediaSettings& media)
      : http_(http),
        graph_(std::move(graph)),
        hosts_(media.hosts),
        time_limit_(media.time_limit),
        max_bytes_(media.max_bytes) {}

  awaitable<Result<MediaLink>> find(GraphAccess number, std::string media_id) override {
    ClientRequest request;
    request.url = graph_.base_url + "/" + graph_.version + "/" + percent_encoded(media_id) +
                  "?phone_number_id=" + percent_encoded(number.id);
    request.deadline = graph_.timeout;
    request.headers.add("Authorization", "Bearer " + number.token.reveal());
    request.headers.add("Accept", "application/json");
    const Exchange exchange = co_await http_.ask(std::move(request));
    co_return read_link(exchange);
  }

  awaitable<Result<void>> download(MediaDownload download) override {
    const auto due = std::chrono::steady_clock::now() + time_limit_;
    std::string address = download.url;
    for (int hop = 0; hop < kMostHops; ++hop) {
      const auto url = parse_url(address);
      if (!url || !may_see_token(*url, graph_.base_url, hosts_))
        co_return fail(ErrorKind::Forbidden, "the file is to come from a host that is not in media.hosts");
      const Exchange exchange = co_await http_.ask(request_of(address, download, due));
      if (!exchange) co_return outcome_of(exchange.error());
      if (exchange->status == 200) co_return Result<void>();
      if (!redirects(exchange->status)) co_return fail(refusal_of(exchange->status));
      address = exchange->headers.find("Location").value_or("");
    }
    co_return fail(ErrorKind::Unavailable, "the download is redirected again and again");
  }

 private:
  ClientRequest request_of(const std::string& address, const MediaDownload& download,
                           std::chrono::steady_clock::time_point due) const {
    const auto left = due - std::chrono::steady_clock::now();
    ClientRequest request;
    request.url = address;
    request.deadline = std::chrono::duration_cast<std::chrono::milliseconds>(left);
    request.body_limit = std::max(max_bytes_, kRefusalBytes);
    request.headers.add("Authorization", "Bearer " + download.token.reveal());
    request.headers.add("Accept", "*/*");
    request.take_body = download.take;
    return request;
  }

  static Result<void> outcome_of(const ExchangeFailure& failure) {
    if (!failure.too_large) return failure_of(failure);
    return fail(Error(ErrorKind::Rejected, "more than media.max_bytes").with_code(std::string(kMediaTooLarge)));
  }

  HttpClient& http_;
  const GraphSettings graph_;
  const std::vector<std::string> hosts_;
  const std::chrono::seconds time_limit_;
  const std::size_t max_bytes_;
};

}  // namespace

std::unique_ptr<MediaClient> MediaClient::make(HttpClient& http, GraphSettings graph, const MediaSettings& media) {
  return std::make_unique<Client>(http, std::move(graph), media);
}

}  // namespace waypost
