#include "net/connection.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <exception>

#include "base/log.h"
#include "base/metrics.h"

namespace waypost {
namespace {

constexpr std::size_t kOneWrite = 32 * 1024;  // a longer body is not copied behind its head
constexpr std::size_t kBodyRead = 64 * 1024;  // read at once of a body that is not there yet
constexpr std::size_t kLinger = 1024 * 1024;  // bytes taken from a client that was refused while it sent
constexpr std::chrono::seconds kLingerTime{1};
// A request may be on its way when the server stops: a client is listened to for so long, and told with the answer.
constexpr std::chrono::milliseconds kFarewell{500};

std::string chunk_head(std::size_t size) {
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), size, 16).ptr;
  return std::string(digits.data(), end) + "\r\n";
}

prometheus::Counter& handshake_failures() {
  static auto& failures = counter("waypost_http_handshake_failures_total",
                                  "TLS handshakes that failed, clients' certificates among the reasons");
  return failures;
}

}  // namespace

// What a streaming handler writes to.
class Connection::Stream final : public BodyWriter {
 public:
  Stream(Connection& connection, Framed framed, std::uint64_t length)
      : connection_(connection), framed_(framed), left_(length) {}

  awaitable<bool> write(std::string_view chunk) override {
    if (chunk.empty() && open()) co_return true;  // an empty chunk would end the body
    if (!open()) co_return false;
    auto& c = connection_;
    if (framed_ == Framed::ByLength) {
      if (chunk.size() > left_) failed_ = true;
      if (failed_) co_return false;
      left_ -= chunk.size();
    }
    c.out_.clear();
    if (framed_ == Framed::ByChunks) c.out_ += chunk_head(chunk.size());
    c.out_ += chunk;
    if (framed_ == Framed::ByChunks) c.out_ += "\r\n";
    if (co_await c.write(c.out_)) failed_ = true;
    c.enter(Phase::Streaming);
    co_return open();
  }
  // Everything that was announced has been written.
  bool whole() const { return framed_ != Framed::ByLength || left_ == 0; }
  bool open() const { return !failed_ && !connection_.cut_ && !connection_.facts_->draining; }

 private:
  Connection& connection_;
  Framed framed_;
  std::uint64_t left_;  // ByLength: bytes to come
  bool failed_ = false;
};

Connection::Connection(std::shared_ptr<ServerLoopFacts> facts, Socket socket)
    : facts_(std::move(facts)), wire_(std::move(socket)), peer_(wire_.peer()), parser_(facts_->server->limits.head) {
  facts_->connections.insert(this);
}

Connection::~Connection() {
  release_body();
  facts_->connections.erase(this);
  facts_->server->left();
}

awaitable<void> Connection::run(std::unique_ptr<TlsSession> tls) {
  std::string fault;
  try {
    enter(Phase::Head);
    if (facts_->draining) drain();
    if (tls) wire_.secure(std::move(tls));
    const auto shaken = wire_.secured() ? co_await wire_.handshake() : IoError();
    if (shaken && !late_) handshake_failures().Increment();
    client_name_ = wire_.peer_name();
    if (!shaken && !late_) co_await serve();
  } catch (const std::exception& error) {
    fault = error.what();
  }
  if (fault.empty() || cut_) co_return;
  log::error("a handler failed: {}", fault);
  if (answered_) co_return;
  co_await refuse(500);
  if (!cut_) co_await linger();
}

awaitable<void> Connection::serve() {
  while (keep_alive_ && !cut_) {
    if (!co_await receive_head()) break;
    co_await answer_request();
    release_body();
  }
  if (answered_ && !cut_) co_await linger();
}

awaitable<bool> Connection::receive_head() {
  parser_.restart();
  answered_ = false;
  input_.shrink();
  while (true) {
    const auto fed = parser_.feed(input_.view());
    input_.consume(fed.taken);
    if (fed.refusal != 0) {
      co_await refuse(fed.refusal);
      co_return false;
    }
    if (parser_.head_done()) co_return true;
    if (phase_ == Phase::Idle && !input_.empty()) enter(Phase::Head);
    if (co_await fill(0)) continue;
    if (late_ && phase_ == Phase::Head && !parser_.request().method.empty()) co_await refuse(408);
    co_return false;
  }
}

awaitable<void> Connection::answer_request() {
  auto& request = parser_.request();
  keep_alive_ = parser_.keep_alive();
  speaks_1_1_ = parser_.http_1_1();
  head_only_ = request.method == "HEAD";
  request.peer = peer_;
  request.tls = wire_.secured();
  request.client_name = client_name_;
  const auto& server = *facts_->server;
  if (!server.trusted_proxies.empty()) believe_proxy(request, server.trusted_proxies);
  if (!read_target(request)) co_return co_await refuse(400);

  auto match = server.router.match(request.method, raw_path(request.target));
  if (match.route != nullptr) request.params = std::move(match.params);
  auto early = admission(match);
  if (early) {
    keep_alive_ = keep_alive_ && discard_body();
    co_return co_await send(*std::move(early));
  }
  if (match.route->streamed) co_return co_await answer_streamed(*match.route);
  if (!parser_.done()) {
    parser_.admit(match.route->body_limit);
    const int status = co_await receive_body();
    if (status != 0) co_return co_await refuse(status);
  }
  enter(Phase::Handling);
  co_await send(co_await match.route->handler(std::move(request)));
}

std::optional<Response> Connection::admission(const Router::Match& match) {
  const auto& request = parser_.request();
  if (match.route == nullptr) return facts_->server->router.not_found(request, match);
  if (match.route->gate) {
    if (auto answer = match.route->gate(request)) return answer;
  }
  if (parser_.content_length().value_or(0) > match.route->body_limit) return refusal(413);
  return std::nullopt;
}

// 0 when the body is there, -1 when the client is gone, else the status that refuses it.
awaitable<int> Connection::receive_body() {
  enter(Phase::Body);
  bool invited = !parser_.expects_continue();
  while (true) {
    const auto fed = parser_.feed(input_.view());
    input_.consume(fed.taken);
    if (fed.refusal != 0) co_return fed.refusal;
    if (!hold_body()) co_return 503;
    if (parser_.done()) co_return 0;
    if (!invited && input_.empty() && co_await wire_.write("HTTP/1.1 100 Continue\r\n\r\n")) co_return -1;
    invited = true;
    const auto left = parser_.content_length().value_or(0) - parser_.request().body.size();
    if (!co_await fill(std::min<std::size_t>(left, kBodyRead))) co_return late_ ? 408 : -1;
  }
}

// True when the next byte of the input begins another request. Nothing is parsed.
bool Connection::discard_body() {
  if (parser_.done()) return true;
  const auto size = parser_.content_length();
  if (!size || *size > input_.view().size()) return false;
  input_.consume(static_cast<std::size_t>(*size));
  return true;
}

awaitable<bool> Connection::fill(std::size_t want) {
  auto [error, size] = co_await wire_.read_some(want > 0 ? input_.room(want) : input_.room());
  input_.added(size);
  co_return !error && !late_ && !cut_;
}

awaitable<void> Connection::refuse(int status) {
  keep_alive_ = false;
  if (status < 0) co_return;
  co_await send(refusal(status));
}

awaitable<void> Connection::send(Response response) {
  if (response.status == 0) co_return cut();
  if (facts_->draining) keep_alive_ = false;
  if (response.stream && !head_only_) co_return co_await send_stream(response);
  const AnswerFacts facts{Framed::ByLength, keep_alive_, speaks_1_1_, facts_->date};
  out_.clear();
  append_head(out_, response, facts);
  std::string_view body = head_only_ || !has_body(response.status) ? std::string_view() : response.body;
  if (body.size() <= kOneWrite) {
    out_ += body;
    body = {};
  }
  answered_ = true;
  if (co_await write(out_, body)) keep_alive_ = false;
  enter(Phase::Idle);
}

awaitable<void> Connection::send_stream(Response& response) {
  const auto unmeasured = speaks_1_1_ ? Framed::ByChunks : Framed::ByClosing;
  const auto length = announced_length(response);
  const auto framed = length ? Framed::ByLength : unmeasured;
  if (framed == Framed::ByClosing) keep_alive_ = false;
  out_.clear();
  append_head(out_, response, {framed, keep_alive_, speaks_1_1_, facts_->date});
  answered_ = true;
  Stream stream(*this, framed, length.value_or(0));
  if (co_await write(out_)) co_return cut();
  enter(Phase::Streaming);
  co_await response.stream(stream);
  if (!stream.open() || !stream.whole()) co_return cut();
  if (framed == Framed::ByChunks && co_await write("0\r\n\r\n")) keep_alive_ = false;
  enter(Phase::Idle);
}

awaitable<IoError> Connection::write(std::string_view first, std::string_view second) {
  enter(Phase::Writing);
  const auto error = co_await wire_.write(first, second);
  if (!error && !late_) co_return IoError();
  cut_ = true;  // half an answer: nothing can follow it
  wire_.close();
  co_return error ? error : IoError(asio::error::timed_out);
}

// A socket closed with unread bytes resets the connection, and the client may never see the answer it was sent.
awaitable<void> Connection::linger() {
  enter(Phase::Writing);
  due_ = std::chrono::steady_clock::now() + kLingerTime;
  co_await wire_.end_writing();
  std::size_t taken = 0;
  while (taken < kLinger && !late_ && !cut_) {
    input_ = InputBuffer();
    auto [error, size] = co_await wire_.read_some(input_.room());
    if (error) co_return;
    taken += size;
  }
}

void Connection::enter(Phase phase) {
  const auto now = std::chrono::steady_clock::now();
  const auto& limits = facts_->server->limits;
  phase_ = phase;
  late_ = false;
  wire_.rearm();
  switch (phase) {
    case Phase::Idle:
      due_ = now + (facts_->draining ? std::min<std::chrono::milliseconds>(kFarewell, limits.idle) : limits.idle);
      return;
    case Phase::Head:
    case Phase::Body:
      due_ = now + limits.read;
      return;
    case Phase::Writing:
      due_ = now + limits.write;
      return;
    case Phase::Handling:
    case Phase::Streaming:
      due_ = Instant::max();
      return;
  }
}

bool Connection::hold_body() {
  const auto size = parser_.request().body.size();
  if (size > held_) {
    if (!facts_->server->budget.take(size - held_)) return false;
    held_ = size;
  }
  return true;
}

void Connection::release_body() {
  if (held_ > 0) facts_->server->budget.give_back(held_);
  held_ = 0;
}

void Connection::check(Instant now) {
  if (due_ > now) return;
  late_ = true;
  due_ = Instant::max();
  wire_.cancel();
}

void Connection::drain() {
  if (phase_ == Phase::Streaming) return cut();
  const bool between = phase_ == Phase::Idle || phase_ == Phase::Head;
  const bool nothing_yet = input_.empty() && parser_.request().method.empty();
  if (!between || !nothing_yet) return;
  phase_ = Phase::Idle;
  due_ = std::min(due_, std::chrono::steady_clock::now() + kFarewell);
}

void Connection::cut() {
  if (cut_) return;
  cut_ = true;
  wire_.close();
  signal_.emit(asio::cancellation_type::terminal);
}

}  // namespace waypost
