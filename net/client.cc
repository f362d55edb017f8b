#include "net/client.h"

#include <sys/un.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <optional>
#include <utility>

#include "net/client_pool.h"
#include "net/deadline.h"
#include "net/input_buffer.h"
#include "net/request_text.h"
#include "net/resolver.h"
#include "net/response_parser.h"

namespace waypost {
namespace {

using Answer = std::expected<Response, ExchangeFailure>;
using Opened = Result<std::unique_ptr<Wire>>;

constexpr std::size_t kRead = 16 * 1024;

Instant now() { return std::chrono::steady_clock::now(); }

std::unexpected<ExchangeFailure> unsent(Error error) {
  return std::unexpected(ExchangeFailure{std::move(error), Sent::NothingSent});
}

Error unavailable(const Origin& origin, const std::string& words) {
  const auto where = origin.unix_path.empty() ? origin.host : origin.unix_path;
  return {ErrorKind::Unavailable, where + ": " + words};
}

Error refused(const Origin& origin) {
  const auto where = origin.unix_path.empty() ? origin.host : std::string("a unix socket");
  return Error(ErrorKind::Forbidden, where + ": no address that may be connected to")
      .with_code(std::string(kRefusedAddress));
}

// One exchange on one connection.
struct Exchange {
  const Origin& origin;
  const std::string& text;
  Instant due;
  ResponseParser::Expected expected;
  const decltype(ClientRequest::take_body)& take_body;
  const std::optional<BodySource>& give_body;
};

// How an answer came in.
struct Receipt {
  IoError error{};
  bool reusable = true;            // the connection may be used again
  std::optional<Error> refused{};  // by whoever gives or takes a body
};

// What the client's coroutines share; it lives as long as the last of them.
class Core : public std::enable_shared_from_this<Core> {
 public:
  Core(asio::any_io_executor loop, ClientSettings settings)
      : loop_(std::move(loop)),
        settings_(std::move(settings)),
        pool_(settings_.idle, settings_.idle_per_origin),
        sweep_timer_(loop_) {}

  static awaitable<Answer> ask(std::shared_ptr<Core> self, ClientRequest request) {
    const auto due = now() + request.deadline;
    auto url = parse_url(request.url);
    if (!url) co_return unsent(std::move(url).error());
    auto text = request_text(request, *url);
    if (!text) co_return unsent(std::move(text).error());
    const ResponseParser::Expected expected{request.body_limit, request.method == "HEAD"};
    const Exchange exchange{url->origin, *text, due, expected, request.take_body, request.give_body};

    const auto key = url->origin.key();
    while (auto wire = self->pool_.take(key, now())) {
      auto answer = co_await self->run(exchange, std::move(wire));
      const bool stale = !answer && answer.error().sent == Sent::NothingSent && now() < due;
      if (!stale) co_return answer;
    }
    auto wire = co_await self->open(url->origin, due);
    if (!wire) co_return unsent(std::move(wire).error());
    co_return co_await self->run(exchange, *std::move(wire));
  }

  void close() {
    closed_ = true;
    sweep_timer_.cancel();
    pool_ = ClientPool(settings_.idle, 0);
    resolver_.stop();
  }

 private:
  awaitable<Opened> open(const Origin& origin, Instant due) {
    const auto until = std::min(due, now() + settings_.connect);
    const auto endpoints = co_await endpoints_of(origin, until);
    if (!endpoints) co_return std::unexpected(endpoints.error());
    Opened wire = fail(ErrorKind::Unavailable, "no address");
    for (std::size_t i = 0; i < endpoints->size() && now() < until; ++i) {
      // An address that does not answer leaves time for those behind it.
      const auto share = (until - now()) / static_cast<int>(endpoints->size() - i);
      wire = co_await connect(origin, (*endpoints)[i], now() + share);
      if (wire) break;
    }
    if (!wire && origin.unix_path.empty()) resolver_.distrust(origin.host, origin.port);
    if (!wire || !origin.tls) co_return wire;
    co_return co_await secure(origin, *std::move(wire), until);
  }

  awaitable<Result<std::vector<Endpoint>>> endpoints_of(const Origin& origin, Instant until) {
    if (origin.unix_path.empty())
      co_return allowed(origin, co_await resolver_.resolve(origin.host, origin.port, until));
    if (settings_.may_connect) co_return fail(refused(origin));
    if (origin.unix_path.size() >= sizeof(sockaddr_un::sun_path))
      co_return fail(ErrorKind::InvalidInput, "the socket's path is too long");
    co_return std::vector<Endpoint>{Endpoint(asio::local::stream_protocol::endpoint(origin.unix_path))};
  }

  // A connection that is kept was made to an address that passed.
  Result<std::vector<Endpoint>> allowed(const Origin& origin, Result<std::vector<Endpoint>> endpoints) const {
    if (!settings_.may_connect || !endpoints) return endpoints;
    std::erase_if(*endpoints, [&](const Endpoint& endpoint) {
      return !settings_.may_connect(origin.host, address_of(*endpoint.data()));
    });
    if (endpoints->empty()) return fail(refused(origin));
    return endpoints;
  }

  awaitable<Opened> connect(const Origin& origin, const Endpoint& endpoint, Instant until) {
    Socket socket(loop_);
    IoError failure;
    socket.open(endpoint.protocol(), failure);
    if (failure) co_return fail(unavailable(origin, failure.message()));
    const Deadline deadline(loop_, until, [&socket] {
      IoError ignored;
      socket.cancel(ignored);
    });
    auto [error] = co_await socket.async_connect(endpoint, kToken);
    if (deadline.passed()) co_return fail(unavailable(origin, "no connection in time"));
    if (error) co_return fail(unavailable(origin, "connecting: " + error.message()));
    co_return std::make_unique<Wire>(std::move(socket));
  }

  awaitable<Opened> secure(const Origin& origin, std::unique_ptr<Wire> wire, Instant until) {
    if (!tls_) tls_ = client_tls(settings_.ca_file);
    if (!*tls_) co_return std::unexpected(tls_->error());
    wire->secure(TlsSession::connecting(**tls_, origin.host));
    const Deadline deadline(loop_, until, [&wire] { wire->cancel(); });
    const auto error = co_await wire->handshake();
    if (deadline.passed()) co_return fail(unavailable(origin, "no TLS handshake in time"));
    if (!error) co_return std::move(wire);
    const auto trouble = wire->trouble();
    co_return fail(unavailable(origin, "TLS: " + (trouble.empty() ? error.message() : trouble)));
  }

  awaitable<Answer> run(const Exchange& exchange, std::unique_ptr<Wire> wire) {
    const auto before = wire->written();
    const Deadline deadline(loop_, exchange.due, [&wire] { wire->cancel(); });
    ResponseParser parser(exchange.expected);
    Receipt receipt{.error = co_await wire->write(exchange.text)};
    if (!receipt.error && exchange.give_body) co_await give(*wire, exchange, receipt);
    receipt.reusable = !receipt.error;
    // A server may answer and close before it has read everything: such an answer counts.
    const bool may_answer = !receipt.refused && !deadline.passed() && wire->written() > before;
    if (may_answer) co_await receive(*wire, parser, exchange, receipt);
    if (receipt.refused) co_return std::unexpected(ExchangeFailure{*std::move(receipt.refused), Sent::MaybeSent});
    if (!receipt.error && !deadline.passed()) {
      if (receipt.reusable && parser.keep_alive()) park(exchange.origin, std::move(wire));
      co_return std::move(parser.response());
    }
    const auto words = deadline.passed() ? std::string("no answer in time") : receipt.error.message();
    const auto sent = wire->written() > before ? Sent::MaybeSent : Sent::NothingSent;
    co_return std::unexpected(
        ExchangeFailure{unavailable(exchange.origin, words), sent, receipt.error == asio::error::message_size});
  }

  static awaitable<void> give(Wire& wire, const Exchange& exchange, Receipt& receipt) {
    auto left = exchange.give_body->size;
    while (left > 0 && !receipt.error && !receipt.refused) {
      const auto piece = co_await exchange.give_body->next();
      if (!piece) {
        receipt.refused = piece.error();
      } else if (piece->empty() || piece->size() > left) {
        receipt.refused = Error(ErrorKind::Internal, "a body is not as long as it was announced");
      } else if (now() >= exchange.due) {
        receipt.error = asio::error::timed_out;
      } else {
        left -= piece->size();
        receipt.error = co_await wire.write(*piece);
      }
    }
  }

  static awaitable<void> receive(Wire& wire, ResponseParser& parser, const Exchange& exchange, Receipt& receipt) {
    InputBuffer input;
    while (true) {
      auto [error, size] = co_await wire.read_some(input.room(kRead));
      receipt.error = {};
      if (error) {
        receipt.reusable = false;
        const bool whole = error == asio::error::eof && parser.end() == ResponseParser::Verdict::Done;
        if (!whole) receipt.error = error;
        co_return;
      }
      input.added(size);
      const auto fed = parser.feed(input.view());
      input.consume(fed.taken);
      if (exchange.take_body && !co_await hand_on(parser.response(), exchange, receipt)) co_return;
      switch (fed.verdict) {
        case ResponseParser::Verdict::NeedMore:
          continue;
        case ResponseParser::Verdict::Done:
          receipt.reusable = receipt.reusable && input.empty();
          co_return;
        case ResponseParser::Verdict::TooLarge:
          receipt.error = asio::error::message_size;
          co_return;
        case ResponseParser::Verdict::Malformed:
          receipt.error = IoError(boost::system::errc::protocol_error, boost::system::generic_category());
          co_return;
      }
    }
  }

  // What has come of the body of a 200. False: whoever takes it wants no more.
  static awaitable<bool> hand_on(Response& response, const Exchange& exchange, Receipt& receipt) {
    if (response.status != 200 || response.body.empty()) co_return true;
    const std::string piece = std::exchange(response.body, {});
    auto taken = co_await exchange.take_body(piece);
    if (!taken) receipt.refused = std::move(taken).error();
    co_return taken.has_value();
  }

  void park(const Origin& origin, std::unique_ptr<Wire> wire) {
    if (closed_) return;
    pool_.put(origin.key(), std::move(wire), now());
    if (!sweeping_) sweep_later();
  }

  void sweep_later() {
    sweeping_ = true;
    sweep_timer_.expires_after(settings_.idle);
    sweep_timer_.async_wait([weak = weak_from_this()](const IoError& error) {
      const auto self = weak.lock();
      if (error || !self) return;
      self->sweeping_ = false;
      self->pool_.sweep(now());
      if (!self->pool_.empty()) self->sweep_later();
    });
  }

  asio::any_io_executor loop_;
  ClientSettings settings_;
  Resolver resolver_;
  std::optional<Result<TlsContext>> tls_;  // made by the first TLS connection
  ClientPool pool_;
  asio::steady_timer sweep_timer_;
  bool sweeping_ = false;
  bool closed_ = false;
};

class Client final : public HttpClient {
 public:
  explicit Client(std::shared_ptr<Core> core) : core_(std::move(core)) {}
  ~Client() override { core_->close(); }

  awaitable<Answer> ask(ClientRequest request) override { return Core::ask(core_, std::move(request)); }

 private:
  std::shared_ptr<Core> core_;
};

}  // namespace

std::unique_ptr<HttpClient> HttpClient::make(asio::any_io_executor loop, ClientSettings settings) {
  return std::make_unique<Client>(std::make_shared<Core>(std::move(loop), std::move(settings)));
}

}  // namespace waypost
