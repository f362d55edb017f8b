#include "net/request_parser.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

namespace waypost {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

constexpr std::size_t kFields = 12;          // what Meta and browsers send, in one allocation
constexpr std::size_t kReserve = 64 * 1024;  // of a body that is only announced

std::string_view view(string_view text) { return {text.data(), text.size()}; }

int status_of(const error_code& error) {
  if (error == http::error::body_limit) return 413;
  if (error == http::error::header_limit) return 431;
  if (error == http::error::bad_version) return 505;
  return 400;
}

}  // namespace

class RequestParser::Grammar final : public http::basic_parser<true> {
 public:
  explicit Grammar(RequestParser& owner) : owner_(owner) {
    body_limit(boost::none);  // admit() says it, when the route is known
    header_limit(static_cast<std::uint32_t>(owner.head_limit_));
  }

 private:
  void on_request_impl(http::verb, string_view method, string_view target, int version, error_code&) override {
    owner_.request_.method = view(method);
    owner_.request_.target = view(target);
    owner_.framing_.http_1_1 = version >= 11;
  }
  void on_field_impl(http::field, string_view name, string_view value, error_code&) override {
    if (is_header_done()) return;  // a trailer: read, not believed
    owner_.framing_.note(view(name), view(value));
    owner_.request_.headers.add(std::string(name), std::string(value));
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>& size, error_code&) override {
    if (size) owner_.request_.body.reserve(std::min<std::size_t>(static_cast<std::size_t>(*size), kReserve));
  }
  std::size_t on_body_impl(string_view piece, error_code&) override {
    owner_.request_.body.append(piece.data(), piece.size());
    return piece.size();
  }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view piece, error_code&) override {
    owner_.request_.body.append(piece.data(), piece.size());
    return piece.size();
  }
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_finish_impl(error_code&) override {}

  RequestParser& owner_;
};

RequestParser::RequestParser(std::size_t head_limit)
    : head_limit_(head_limit), grammar_(std::make_unique<std::optional<Grammar>>()) {
  restart();
}

RequestParser::~RequestParser() = default;

void RequestParser::restart() {
  head_size_ = 0;
  framing_ = Framing();
  request_ = Request();
  request_.headers.reserve(kFields);
  grammar_->emplace(*this);
}

RequestParser::Fed RequestParser::feed(std::string_view bytes) {
  std::size_t skipped = 0;
  // RFC 9112, section 2.2: an empty line before a request is ignored.
  while (head_size_ == 0 && bytes.substr(skipped).starts_with("\r\n")) skipped += 2;
  bytes.remove_prefix(skipped);
  if (bytes.empty() || bytes == "\r") return {skipped, 0};

  const bool in_head = !head_done();
  error_code error;
  const auto taken = (*grammar_)->put({bytes.data(), bytes.size()}, error);
  if (in_head) head_size_ += taken;
  if (error && error != http::error::need_more) return {skipped + taken, status_of(error)};
  // What is left over is a line without an end: of the head, of a chunk, of a trailer.
  const auto open_line = error ? bytes.size() - taken : 0;
  if ((in_head ? head_size_ : 0) + open_line > head_limit_) return {skipped + taken, in_head ? 431 : 400};
  return {skipped + taken, in_head && head_done() ? framing_.refusal() : 0};
}

bool RequestParser::head_done() const { return (*grammar_)->is_header_done(); }
bool RequestParser::done() const { return (*grammar_)->is_done(); }
bool RequestParser::keep_alive() const { return (*grammar_)->keep_alive(); }

std::optional<std::uint64_t> RequestParser::content_length() const {
  const auto length = (*grammar_)->content_length();
  return length ? std::optional<std::uint64_t>(*length) : std::nullopt;
}

void RequestParser::admit(std::size_t body_limit) {
  (*grammar_)->body_limit(body_limit);
  (*grammar_)->eager(true);
}

}  // namespace waypost
