// What a request's head means beyond HTTP's grammar: its target, its framing, who sent it. Decisions only. Any thread.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"

namespace waypost {

// Fills `path` and `query` from `target` ("/path?query" or "http://host/path?query"). False when the target is
// malformed: another form, a broken escape, a NUL.
bool read_target(RequestHead& head);
// The path of a target as sent, still encoded, without the query.
std::string_view raw_path(std::string_view target);

// What the fields of a head add up to, counted while they are read. RFC 9112, section 6.3; stricter where two readers
// could disagree about the end of a body.
struct Framing {
  int hosts = 0;
  int lengths = 0;
  int codings = 0;
  bool plain_length = true;  // digits only, no list
  bool only_chunked = true;  // the one coding there is
  bool http_1_1 = true;
  bool expects_continue = false;
  bool expects_other = false;

  void note(std::string_view name, std::string_view value);
  // 0 when the head is acceptable, else the status that refuses it.
  int refusal() const;
};

// Takes X-Forwarded-For and X-Forwarded-Proto at their word when `head.peer` is one of `proxies`; the client is the
// last address that is no proxy.
void believe_proxy(RequestHead& head, const std::vector<std::string>& proxies);

}  // namespace waypost
