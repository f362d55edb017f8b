// ResponseParser: bytes of a connection in, one answer out; interim answers (1xx) are passed over. No I/O. Loop only.

#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "net/http.h"

namespace waypost {

class ResponseParser {
 public:
  struct Expected {
    std::size_t body_limit = 8 << 20;
    bool head_only = false;  // the request was a HEAD
  };
  explicit ResponseParser(const Expected& expected);
  ResponseParser(const ResponseParser&) = delete;
  ResponseParser& operator=(const ResponseParser&) = delete;
  ~ResponseParser();

  enum class Verdict { NeedMore, Done, TooLarge, Malformed };
  struct Fed {
    Verdict verdict = Verdict::NeedMore;
    std::size_t taken = 0;  // give the rest again, with more behind it
  };
  Fed feed(std::string_view bytes);
  // The connection ended properly: Done when that is how this body ends, else Malformed.
  Verdict end();

  // True when the connection may carry another request. Once Done.
  bool keep_alive() const;
  Response& response() { return response_; }

 private:
  class Grammar;

  Expected expected_;
  Response response_;
  std::unique_ptr<std::optional<Grammar>> grammar_;
};

}  // namespace waypost
