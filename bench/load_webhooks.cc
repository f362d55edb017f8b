// The load generator: signed webhooks over keep-alive connections, one request at a time on each, as Meta sends them.
// One thread; HTTP by hand on plain sockets, so that the generator is not the limit. Requests are made and signed
// before the clock starts, as many as --prepare says (about 1.4 kB each); those beyond it on the go.
//
//   load_webhooks --url http://127.0.0.1:8080/webhooks/whatsapp --secret S --phone-number-id 106 --messages 200000
//
// Prints one line of JSON.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "bench/webhook_bodies.h"
#include "net/asio.h"
#include "net/spawn.h"
#include "net/url.h"

namespace waypost::bench {
namespace {

using asio::ip::tcp;
using Clock = std::chrono::steady_clock;
using Instant = Clock::time_point;

struct Options {
  std::string url;
  std::string secret;
  std::vector<std::string> phone_number_ids;
  std::uint64_t messages = 0;  // 0: as many as --seconds allows
  double seconds = 0;
  std::uint64_t prepare = 300'000;
  std::size_t connections = 64;
  double rate = 0;  // a second; 0: as fast as the answers come
  std::size_t customers = 5'000;
  std::uint64_t first = 0;
  std::size_t body_size = 1'000;
};

std::int64_t unix_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// What all connections share.
class Run {
 public:
  Run(const Options& options, const Url& url)
      : options_(options),
        maker_({.host = url.origin.authority(),
                .target = url.target,
                .app_secret = Secret(options.secret),
                .phone_number_ids = options.phone_number_ids,
                .customers = options.customers,
                .body_size = options.body_size}) {
    const auto count = options.messages > 0 ? std::min(options.messages, options.prepare) : options.prepare;
    prepared_.reserve(count);
    latencies_.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) prepared_.push_back(maker_.request(options.first + i, unix_now()));
  }

  void begin() { begin_ = Clock::now(); }
  bool over() const {
    if (options_.messages > 0 && next_ >= options_.messages) return true;
    return options_.seconds > 0 && Clock::now() - begin_ >= std::chrono::duration<double>(options_.seconds);
  }
  // When request `number` is due with --rate; the past without.
  Instant due(std::uint64_t number) const {
    if (options_.rate <= 0) return begin_;
    const auto after = std::chrono::duration<double>(static_cast<double>(number) / options_.rate);
    return begin_ + std::chrono::duration_cast<Clock::duration>(after);
  }
  std::uint64_t take() { return next_++; }
  std::string request(std::uint64_t number) {
    if (number < prepared_.size()) return std::move(prepared_[number]);
    return maker_.request(options_.first + number, unix_now());
  }

  // Latency counts from when the request was due, so that a stalled server is not asked less and looks better.
  void note(int status, Instant from) {
    const auto now = Clock::now();
    end_ = now;
    ++(status == 200 ? ok_ : failed_);
    latencies_.push_back(std::chrono::duration<float, std::milli>(now - from).count());
  }
  void note_broken() { ++failed_; }
  bool rated() const { return options_.rate > 0; }
  void print();

 private:
  double percentile(double part) const {
    if (latencies_.empty()) return 0;
    const auto at = static_cast<std::size_t>(part * static_cast<double>(latencies_.size() - 1));
    return static_cast<double>(latencies_[at]);
  }

  const Options& options_;
  WebhookMaker maker_;
  std::vector<std::string> prepared_;
  std::vector<float> latencies_;  // milliseconds
  std::uint64_t next_ = 0;
  std::uint64_t ok_ = 0;
  std::uint64_t failed_ = 0;
  Instant begin_ = Clock::now();
  Instant end_ = begin_;
};

void Run::print() {
  std::sort(latencies_.begin(), latencies_.end());
  const auto took = std::chrono::duration<double>(end_ - begin_).count();
  std::printf(
      "{\"sent\":%llu,\"ok\":%llu,\"failed\":%llu,\"seconds\":%.3f,\"per_second\":%.0f,"
      "\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f}\n",
      static_cast<unsigned long long>(next_), static_cast<unsigned long long>(ok_),
      static_cast<unsigned long long>(failed_), took, took > 0 ? static_cast<double>(ok_) / took : 0.0, percentile(0.5),
      percentile(0.99), percentile(1));
}

// The status of one answer in `seen`, taken out of it; 0 when it is not whole yet, -1 when it is none.
int take_answer(std::string& seen) {
  const auto head = seen.find("\r\n\r\n");
  if (head == std::string::npos) return 0;
  if (!seen.starts_with("HTTP/1.1 ")) return -1;
  constexpr std::string_view kLength = "Content-Length: ";
  const auto length = seen.find(kLength);
  const auto body = length < head ? std::strtoul(seen.c_str() + length + kLength.size(), nullptr, 10) : 0;
  if (seen.size() < head + 4 + body) return 0;
  const int status = std::atoi(seen.c_str() + 9);
  if (seen.size() == head + 4 + body) {
    seen.clear();
  } else {
    seen.erase(0, head + 4 + body);
  }
  return status;
}

awaitable<int> exchange(tcp::socket& socket, const std::string& request) {
  boost::system::error_code error;
  auto sent = socket.write_some(asio::buffer(request), error);
  if (error == asio::error::would_block) error = {};
  if (!error && sent < request.size()) {
    auto [failure, rest] = co_await asio::async_write(socket, asio::buffer(request) + sent, kToken);
    error = failure;
  }
  if (error) co_return -1;
  std::string seen;
  std::array<char, 4096> chunk;
  int status = 0;
  while (status == 0) {
    auto [failure, size] = co_await socket.async_read_some(asio::buffer(chunk), kToken);
    if (failure) co_return -1;
    seen.append(chunk.data(), size);
    status = take_answer(seen);
  }
  co_return status;
}

awaitable<bool> connect(tcp::socket& socket, tcp::endpoint server) {
  auto [error] = co_await socket.async_connect(server, kToken);
  if (error) co_return false;
  socket.set_option(tcp::no_delay(true));
  socket.non_blocking(true);
  co_return true;
}

// One connection; opened again when it breaks.
awaitable<void> send_all(Run& run, tcp::endpoint server) {
  const auto loop = co_await asio::this_coro::executor;
  tcp::socket socket(loop);
  asio::steady_timer timer(loop);
  if (!co_await connect(socket, server)) co_return run.note_broken();
  while (!run.over()) {
    const auto number = run.take();
    const auto due = run.due(number);
    if (run.rated() && due > Clock::now()) {
      timer.expires_at(due);
      co_await timer.async_wait(kToken);
    }
    const auto request = run.request(number);
    const auto from = run.rated() ? due : Clock::now();
    const int status = co_await exchange(socket, request);
    run.note(status, from);
    if (status > 0) continue;
    socket = tcp::socket(loop);
    if (!co_await connect(socket, server)) co_return;
  }
}

int load(const Options& options) {
  const auto url = parse_url(options.url);
  if (!url || url->origin.tls || url->origin.host.empty()) {
    std::fprintf(stderr, "--url: http://address:port/path is expected\n");
    return 2;
  }
  asio::io_context context(1);
  tcp::resolver resolver(context);
  const auto server = resolver.resolve(url->origin.host, std::to_string(url->origin.port)).begin()->endpoint();
  Run run(options, *url);
  run.begin();
  for (std::size_t i = 0; i < options.connections; ++i) spawn(context.get_executor(), "load", send_all(run, server));
  context.run();
  run.print();
  return 0;
}

}  // namespace
}  // namespace waypost::bench

int main(int argc, char** argv) {
  waypost::bench::Options options;
  CLI::App app("Sends signed webhooks as fast as they are answered, or at a rate");
  app.add_option("--url", options.url, "where the webhooks go")->required();
  app.add_option("--secret", options.secret, "the app secret that signs them")->required();
  app.add_option("--phone-number-id", options.phone_number_ids, "the channels, in turn")->required();
  auto* messages = app.add_option("--messages", options.messages, "how many");
  auto* seconds = app.add_option("--seconds", options.seconds, "for how long");
  app.add_option("--prepare", options.prepare, "made and signed before the clock starts")->capture_default_str();
  app.add_option("--connections", options.connections, "kept alive")->capture_default_str();
  app.add_option("--rate", options.rate, "a second, whatever the answers; 0: no pause")->capture_default_str();
  app.add_option("--customers", options.customers, "that write in turn, scattered over their ids")
      ->capture_default_str();
  app.add_option("--first", options.first, "whose turn it is at the start: so many messages went before")
      ->capture_default_str();
  app.add_option("--body-size", options.body_size, "bytes, about")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  if (messages->empty() && seconds->empty()) {
    std::fprintf(stderr, "one of --messages and --seconds is needed\n");
    return 2;
  }
  return waypost::bench::load(options);
}
