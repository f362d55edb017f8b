// A streamed route's part of a Connection: its handler reads the body as it comes.

#include <chrono>
#include <utility>

#include "net/connection.h"

namespace waypost {
namespace {

constexpr std::size_t kPiece = 64 * 1024;

using Steady = std::chrono::steady_clock;

Error broken(int status) {
  if (status == 413) return {ErrorKind::InvalidInput, "the body is too long"};
  if (status == 408) return {ErrorKind::Unavailable, "the body did not come in time"};
  if (status < 0) return {ErrorKind::Unavailable, "the client is gone"};
  return {ErrorKind::InvalidInput, "the body is malformed"};
}

}  // namespace

// What the handler reads from. The time that it spends between two reads does not count against the client.
class Connection::Intake final : public BodyReader {
 public:
  explicit Intake(Connection& connection) : connection_(connection), invited_(!connection.parser_.expects_continue()) {}

  awaitable<Result<std::string_view>> read() override {
    auto& c = connection_;
    piece_.clear();
    while (status_ == 0 && piece_.empty() && !c.parser_.done()) {
      untouched_ = false;
      const auto fed = c.parser_.feed(c.input_.view());
      c.input_.consume(fed.taken);
      std::swap(piece_, c.parser_.request().body);
      if (fed.refusal != 0) status_ = fed.refusal;
      if (status_ == 0 && piece_.empty() && !c.parser_.done()) status_ = co_await more();
    }
    if (status_ != 0) co_return fail(broken(status_));
    taken_ += piece_.size();
    co_return std::string_view(piece_);
  }

  // 0, or the status that refuses the request; negative: the client is gone.
  int refusal() const { return status_; }
  bool untouched() const { return untouched_; }

 private:
  awaitable<int> more() {
    auto& c = connection_;
    const auto& limits = c.facts_->server->limits;
    const auto began = Steady::now();
    c.enter(Phase::Body);
    c.due_ = began + limits.read + std::chrono::milliseconds(taken_ * 1000 / limits.slowest) - waited_;
    if (!std::exchange(invited_, true) && co_await c.wire_.write("HTTP/1.1 100 Continue\r\n\r\n")) co_return -1;
    const bool came = co_await c.fill(kPiece);
    const bool late = c.late_;
    waited_ += Steady::now() - began;
    if (!came) co_return late ? 408 : -1;
    c.enter(Phase::Handling);
    co_return 0;
  }

  Connection& connection_;
  std::string piece_;
  std::uint64_t taken_ = 0;
  Steady::duration waited_{0};
  int status_ = 0;
  bool invited_;
  bool untouched_ = true;
};

awaitable<void> Connection::answer_streamed(const Route& route) {
  if (!facts_->server->budget.take(kPiece)) co_return co_await refuse(503);
  held_ = kPiece;
  parser_.admit(route.body_limit);
  Request request = std::exchange(parser_.request(), Request());
  Intake body(*this);
  enter(Phase::Handling);
  auto response = co_await route.streamed(std::move(request), body);
  if (body.refusal() != 0) co_return co_await refuse(body.refusal());
  const bool is_over = parser_.done() || (body.untouched() && discard_body());
  keep_alive_ = keep_alive_ && is_over;
  co_await send(std::move(response));
}

}  // namespace waypost
