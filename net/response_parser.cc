#include "net/response_parser.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <limits>

namespace waypost {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

constexpr std::size_t kHeadLimit = 64 * 1024;
constexpr std::size_t kReserve = 64 * 1024;  // of a body that is only announced

ResponseParser::Verdict verdict_of(const error_code& error) {
  return error == http::error::body_limit ? ResponseParser::Verdict::TooLarge : ResponseParser::Verdict::Malformed;
}

}  // namespace

class ResponseParser::Grammar final : public http::basic_parser<false> {
 public:
  explicit Grammar(ResponseParser& owner) : owner_(owner) {
    body_limit(owner.expected_.body_limit);
    header_limit(kHeadLimit);
    skip(owner.expected_.head_only);
    eager(true);
  }

 private:
  void on_request_impl(http::verb, string_view, string_view, int, error_code&) override {}
  void on_response_impl(int status, string_view, int, error_code&) override { owner_.response_.status = status; }
  void on_field_impl(http::field, string_view name, string_view value, error_code&) override {
    if (!is_header_done()) owner_.response_.headers.add(std::string(name), std::string(value));
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>& size, error_code&) override {
    if (size) owner_.response_.body.reserve(std::min<std::size_t>(static_cast<std::size_t>(*size), kReserve));
  }
  std::size_t on_body_impl(string_view piece, error_code&) override {
    owner_.response_.body.append(piece.data(), piece.size());
    return piece.size();
  }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view piece, error_code&) override {
    owner_.response_.body.append(piece.data(), piece.size());
    return piece.size();
  }
  void on_finish_impl(error_code&) override {}

  ResponseParser& owner_;
};

ResponseParser::ResponseParser(const Expected& expected)
    : expected_(expected), grammar_(std::make_unique<std::optional<Grammar>>()) {
  grammar_->emplace(*this);
}

ResponseParser::~ResponseParser() = default;

ResponseParser::Fed ResponseParser::feed(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size()) {
    error_code error;
    taken += (*grammar_)->put({bytes.data() + taken, bytes.size() - taken}, error);
    if (error == http::error::need_more) break;
    if (error) return {verdict_of(error), taken};
    if (!(*grammar_)->is_done()) continue;
    if (response_.status >= 200 || response_.status == 101) return {Verdict::Done, taken};
    response_ = Response();
    grammar_->emplace(*this);
  }
  if (bytes.size() - taken > kHeadLimit) return {Verdict::Malformed, taken};
  return {Verdict::NeedMore, taken};
}

ResponseParser::Verdict ResponseParser::end() {
  if (!(*grammar_)->got_some()) return Verdict::Malformed;
  error_code error;
  (*grammar_)->put_eof(error);
  return error ? Verdict::Malformed : Verdict::Done;
}

bool ResponseParser::keep_alive() const { return (*grammar_)->keep_alive() && !(*grammar_)->need_eof(); }

}  // namespace waypost
