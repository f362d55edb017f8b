#include "graph/upload_client.h"

#include <utility>

#include "graph/management_client.h"

namespace waypost {
namespace {

constexpr std::string_view kSession = "upload:";

class Client final : public UploadClient {
 public:
  Client(HttpClient& http, GraphSettings graph, const MediaSettings& media)
      : http_(http), graph_(std::move(graph)), time_limit_(media.time_limit) {}

  awaitable<UploadAnswer> upload(GraphAccess number, FileToUpload file) override {
    auto form = upload_form(file.type, file.name, std::move(file.bytes));
    ClientRequest request = request_of("/" + percent_encoded(number.id) + "/media");
    request.headers.add("Authorization", "Bearer " + number.token.reveal());
    request.headers.add("Content-Type", form.content_type);
    request.give_body = std::move(form.body);
    const auto exchange = co_await http_.ask(std::move(request));
    co_return read_upload_answer(exchange);
  }

  awaitable<Result<std::string>> handle(GraphAccess app, FileToUpload file) override {
    const auto session = co_await begin_session(app, file);
    if (!session) co_return fail(session.error());
    ClientRequest request = request_of("/" + *session);
    request.headers.add("Authorization", "OAuth " + app.token.reveal());
    request.headers.add("file_offset", "0");
    request.headers.add("Content-Type", "application/octet-stream");
    request.give_body = std::move(file.bytes);
    const auto exchange = co_await http_.ask(std::move(request));
    const auto reply = read_graph_reply(exchange);
    if (!reply) co_return fail(reply.error());
    auto handle = text_or_empty(reply->body, "h");
    if (handle.empty()) co_return fail(ErrorKind::Unavailable, "an answer without the file's handle");
    co_return handle;
  }

 private:
  ClientRequest request_of(const std::string& path) const {
    ClientRequest request;
    request.method = "POST";
    request.url = graph_.base_url + "/" + graph_.version + path;
    request.deadline = time_limit_;
    request.headers.add("Accept", "application/json");
    return request;
  }

  // "upload:…", which goes into a path as it is: it holds a query of its own.
  awaitable<Result<std::string>> begin_session(const GraphAccess& app, const FileToUpload& file) {
    ClientRequest request =
        request_of("/" + percent_encoded(app.id) + "/uploads?file_name=" + percent_encoded(file.name) +
                   "&file_length=" + std::to_string(file.bytes.size) + "&file_type=" + percent_encoded(file.type));
    request.deadline = graph_.timeout;
    request.headers.add("Authorization", "Bearer " + app.token.reveal());
    const auto exchange = co_await http_.ask(std::move(request));
    const auto reply = read_graph_reply(exchange);
    if (!reply) co_return fail(reply.error());
    auto session = text_or_empty(reply->body, "id");
    if (!session.starts_with(kSession)) co_return fail(ErrorKind::Unavailable, "an answer without an upload session");
    co_return session;
  }

  HttpClient& http_;
  const GraphSettings graph_;
  const std::chrono::seconds time_limit_;
};

}  // namespace

std::unique_ptr<UploadClient> UploadClient::make(HttpClient& http, GraphSettings graph, const MediaSettings& media) {
  return std::make_unique<Client>(http, std::move(graph), media);
}

}  // namespace waypost
