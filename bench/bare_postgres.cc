// The measure for PostgreSQL: a bare Beast HTTP server that inserts each body as one row, committed by itself, and
// answers 200, as anyone would write it: a thread and a database connection for each of its connections.
//
//   bare_postgres --store postgresql://…      prints the port it listens on

#include <libpq-fe.h>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;
using Answer = std::unique_ptr<PGresult, decltype(&PQclear)>;

Connection connect(const std::string& store) {
  Connection connection(PQconnectdb(store.c_str()), &PQfinish);
  if (PQstatus(connection.get()) == CONNECTION_OK) return connection;
  std::fprintf(stderr, "%s", PQerrorMessage(connection.get()));
  std::exit(1);
}

void must(const Answer& answer) {
  if (PQresultStatus(answer.get()) == PGRES_COMMAND_OK) return;
  std::fprintf(stderr, "%s", PQresultErrorMessage(answer.get()));
  std::exit(1);
}

bool insert(PGconn* connection, const std::string& body) {
  const char* values[] = {body.data()};
  const int lengths[] = {static_cast<int>(body.size())};
  const int binary[] = {1};
  const Answer answer(PQexecPrepared(connection, "insert", 1, values, lengths, binary, 1), &PQclear);
  return PQresultStatus(answer.get()) == PGRES_COMMAND_OK;
}

void serve(tcp::socket socket, const std::string& store) {
  socket.set_option(tcp::no_delay(true));
  const auto connection = connect(store);
  must(Answer(PQprepare(connection.get(), "insert", "INSERT INTO bare_webhook (body) VALUES ($1)", 1, nullptr),
              &PQclear));
  boost::beast::flat_buffer buffer;
  boost::system::error_code error;
  while (true) {
    http::request<http::string_body> request;
    http::read(socket, buffer, request, error);
    if (error) return;
    const bool kept = insert(connection.get(), request.body());
    http::response<http::empty_body> response(kept ? http::status::ok : http::status::service_unavailable, 11);
    response.content_length(0);
    http::write(socket, response, error);
    if (error) return;
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::string store;
  CLI::App app("A bare Beast server that inserts each body into PostgreSQL and answers 200");
  app.add_option("--store", store, "PostgreSQL's URL")->required();
  CLI11_PARSE(app, argc, argv);

  must(Answer(
      PQexec(
          connect(store).get(),
          "SET client_min_messages = warning; CREATE TABLE IF NOT EXISTS bare_webhook (id bigint GENERATED ALWAYS AS "
          "IDENTITY PRIMARY KEY, body bytea NOT NULL)"),
      &PQclear));
  asio::io_context context(1);
  tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
  std::printf("%u\n", static_cast<unsigned>(acceptor.local_endpoint().port()));
  std::fflush(stdout);
  while (true) std::thread(serve, acceptor.accept(), store).detach();
}
