// RequestParser: bytes of a connection in, requests out. Beast reads the grammar and writes straight into our Request,
// without a message of its own in between. No I/O. Loop only.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "net/http.h"
#include "net/request_rules.h"

namespace waypost {

class RequestParser {
 public:
  explicit RequestParser(std::size_t head_limit);
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;
  ~RequestParser();

  // Forgets everything: the next byte begins a request.
  void restart();

  struct Fed {
    std::size_t taken = 0;  // give the rest again, with more behind it
    int refusal = 0;        // the status that refuses the request: 400, 413, 417, 431, 501, 505
  };
  // Reads to the end of the head; behind admit() to the end of the body, never beyond.
  Fed feed(std::string_view bytes);
  bool head_done() const;
  bool done() const;

  // True once the head is done.
  bool keep_alive() const;
  bool http_1_1() const { return framing_.http_1_1; }
  bool expects_continue() const { return framing_.expects_continue; }
  std::optional<std::uint64_t> content_length() const;
  // Lets the body in, up to `body_limit` bytes.
  void admit(std::size_t body_limit);

  Request& request() { return request_; }

 private:
  class Grammar;

  std::size_t head_limit_;
  std::size_t head_size_ = 0;
  Framing framing_;
  Request request_;
  std::unique_ptr<std::optional<Grammar>> grammar_;
};

}  // namespace waypost
