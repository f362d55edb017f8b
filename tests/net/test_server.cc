#include "test_server.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "base/check.h"

namespace waypost::test {

namespace {

awaitable<void> ten_bytes(BodyWriter& writer) {
  if (co_await writer.write("01234")) co_await writer.write("56789");
}

awaitable<Response> measured(const char* length) {
  Response response;
  response.headers.add("Content-Length", length);
  response.stream = ten_bytes;
  co_return response;
}

}  // namespace

// POST /echo (limit 1000), POST /large (4 MiB), POST /gated (401 without X-Pass), GET /peer, GET /client, GET
// /things/{id}, GET /slow (until open_slow), GET /throws, GET /lost (no answer), GET /stream (three chunks), GET
// /measured (ten bytes), GET /short and GET /long (not as many as they say), GET /ticks (until the client is gone).
void TestServer::add_routes() {
  const auto echo = [this](Request request) -> awaitable<Response> {
    ++handled_;
    return [](std::string body) -> awaitable<Response> {
      co_return text_response(200, std::move(body));
    }(std::move(request.body));
  };
  const auto size = [this](Request request) -> awaitable<Response> {
    ++handled_;
    return [](std::size_t bytes) -> awaitable<Response> {
      co_return text_response(200, std::to_string(bytes));
    }(request.body.size());
  };
  router_.add({.method = "POST", .pattern = "/echo", .body_limit = 1000, .handler = echo});
  router_.add({.method = "POST", .pattern = "/large", .body_limit = 4 << 20, .handler = size});
  router_.add({.method = "POST",
               .pattern = "/gated",
               .body_limit = 4 << 20,
               .gate = [this](const RequestHead& head) -> std::optional<Response> {
                 ++gated_;
                 if (head.headers.find("X-Pass")) return std::nullopt;
                 return text_response(401, "no pass");
               },
               .handler = size});
  router_.add({.method = "GET", .pattern = "/peer", .handler = [](Request request) -> awaitable<Response> {
                 co_return text_response(200, request.peer + (request.tls ? " tls" : " plain"));
               }});
  router_.add({.method = "GET", .pattern = "/client", .handler = [](Request request) -> awaitable<Response> {
                 co_return text_response(200, request.client_name);
               }});
  router_.add({.method = "GET", .pattern = "/things/{id}", .handler = [](Request request) -> awaitable<Response> {
                 co_return text_response(
                     200, std::string(request.param("id")) + "?" + std::string(request.query_value("q").value_or("-")));
               }});
  router_.add({.method = "GET", .pattern = "/slow", .handler = [this](Request) { return slow(); }});
  router_.add({.method = "GET", .pattern = "/lost", .handler = [](Request) -> awaitable<Response> {
                 Response response;
                 response.status = 0;
                 co_return response;
               }});
  router_.add({.method = "GET", .pattern = "/throws", .handler = [](Request) -> awaitable<Response> {
                 throw std::runtime_error("as asked");
                 co_return Response();
               }});
  for (const auto& [path, length] :
       {std::pair("/measured", "10"), std::pair("/short", "11"), std::pair("/long", "9")}) {
    router_.add({.method = "GET", .pattern = path, .handler = [length](Request) { return measured(length); }});
  }
  router_.add({.method = "GET", .pattern = "/stream", .handler = [](Request) -> awaitable<Response> {
                 Response response;
                 response.stream = [](BodyWriter& writer) -> awaitable<void> {
                   co_await writer.write("one");
                   co_await writer.write("");
                   co_await writer.write("twenty-one characters");
                 };
                 co_return response;
               }});
  router_.add({.method = "GET", .pattern = "/ticks", .handler = [this](Request) {
                 return [](TestServer& self) -> awaitable<Response> {
                   Response response;
                   response.stream = [&self](BodyWriter& writer) { return self.ticks(writer); };
                   co_return response;
                 }(*this);
               }});
}

// POST /upload (streamed, 32 MiB; answers its size and its longest piece), POST /patient (streamed; reads on when it is
// let), POST /careless (streamed; answers 401 without reading), POST /fainting (streamed; throws behind its first
// piece).
void TestServer::add_streamed_routes() {
  const auto add = [this](const char* path, StreamedHandler handler) {
    router_.add({.method = "POST", .pattern = path, .body_limit = 32 << 20, .streamed = std::move(handler)});
  };
  add("/upload", [this](Request, BodyReader& body) { return measure(body); });
  add("/patient", [this](Request, BodyReader& body) { return patient(body); });
  add("/careless", [](Request request, BodyReader&) -> awaitable<Response> {
    co_return text_response(401, request.body.empty() ? "not read" : "read");
  });
  add("/fainting", [](Request, BodyReader& body) -> awaitable<Response> {
    (void)co_await body.read();
    throw std::runtime_error("as asked");
  });
}

awaitable<Response> TestServer::measure(BodyReader& body) {
  ++handled_;
  std::size_t size = 0;
  std::size_t longest = 0;
  while (true) {
    const auto piece = co_await body.read();
    if (!piece) {
      ++broken_bodies_;
      co_return text_response(200, "never seen");
    }
    if (piece->empty()) break;
    size += piece->size();
    longest = std::max(longest, piece->size());
  }
  ++whole_bodies_;
  co_return text_response(200, std::to_string(size) + " " + std::to_string(longest));
}

awaitable<Response> TestServer::patient(BodyReader& body) {
  while (!may_read_) co_await sleep_for(std::chrono::milliseconds(5));
  co_return co_await measure(body);
}

awaitable<Response> TestServer::slow() {
  ++inside_slow_;
  while (!slow_open_) co_await sleep_for(std::chrono::milliseconds(5));
  co_return text_response(200, "at last");
}

awaitable<void> TestServer::ticks(BodyWriter& writer) {
  while (co_await writer.write("tick\n")) co_await sleep_for(std::chrono::hours(1));
}

TestServer::TestServer(Options options) : budget_(options.budget) {
  add_routes();
  add_streamed_routes();
  std::vector<Loop*> loops;
  for (int i = 0; i < options.loops; ++i) {
    loops.push_back(loops_.emplace_back(std::make_unique<Loop>("test-net")).get());
  }
  auto server = HttpServer::listen(options.listen, router_, budget_, options.limits, loops);
  WAYPOST_CHECK(server.has_value());
  server_ = *std::move(server);
  server_->start();
}

std::string post(std::string_view path, std::string_view body, std::string_view more) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + std::string(more) + "\r\n" + std::string(body);
}

std::string get(std::string_view path, std::string_view more) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n" + std::string(more) + "\r\n";
}

}  // namespace waypost::test
