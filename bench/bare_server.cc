// The measure that everything is compared with: a bare Beast HTTP server that reads the body and answers 200, as
// anyone would write it. Plain coroutines, one thread, nothing else.
//
//   bare_server --port 0        prints the port it listens on

#include <CLI/CLI.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <cstdio>
#include <utility>

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

constexpr auto kToken = asio::as_tuple(asio::use_awaitable);
constexpr std::uint64_t kBodyLimit = 4 << 20;

asio::awaitable<void> serve(tcp::socket socket) {
  socket.set_option(tcp::no_delay(true));
  boost::beast::flat_buffer buffer;
  while (true) {
    http::request_parser<http::string_body> parser;
    parser.body_limit(kBodyLimit);
    auto [read_error, read] = co_await http::async_read(socket, buffer, parser, kToken);
    if (read_error) co_return;
    http::response<http::empty_body> response(http::status::ok, parser.get().version());
    response.keep_alive(parser.get().keep_alive());
    response.content_length(0);
    auto [write_error, written] = co_await http::async_write(socket, response, kToken);
    if (write_error || !response.keep_alive()) co_return;
  }
}

asio::awaitable<void> accept_all(tcp::acceptor& acceptor) {
  while (true) {
    auto [error, socket] = co_await acceptor.async_accept(kToken);
    if (error) co_return;
    asio::co_spawn(acceptor.get_executor(), serve(std::move(socket)), asio::detached);
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::uint16_t port = 0;
  CLI::App app("A bare Beast server that answers 200");
  app.add_option("--port", port, "on the loopback; 0: a free one")->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  asio::io_context context(1);
  tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), port});
  std::printf("%u\n", static_cast<unsigned>(acceptor.local_endpoint().port()));
  std::fflush(stdout);
  asio::co_spawn(context, accept_all(acceptor), asio::detached);
  asio::signal_set stop(context, SIGINT, SIGTERM);
  stop.async_wait([&](const boost::system::error_code&, int) { context.stop(); });
  context.run();
}
