// Besides: bodies that are wrong somewhere, each posted to a running applier beside a message that nothing is wrong
// with. Test thread only.

#pragma once

#include <cstdint>
#include <string>

#include "tests/webhook/gateway.h"
#include "webhook/payload.h"

namespace waypost::test {

// A text message of its own entry, when the body has entries.
void add_healthy(Json& body, const std::string& wamid);

std::int64_t times_read(const Payload& payload, std::string_view wamid);

class Besides {
 public:
  Besides() { gateway_.start(); }

  void post(const Json& wrong);
  // The same, with every "@" text of the body written as `token`, which need not be JSON.
  void post(const Json& wrong, const std::string& token);
  void settle() { gateway_.settle(); }

  sql::Engine engine() { return gateway_.store.database->engine(); }
  std::int64_t count(const std::string& of) { return gateway_.store.number("SELECT count(*) FROM " + of); }
  std::int64_t healthy_posted() const { return healthy_; }
  std::int64_t healthy_applied() { return count("message WHERE wamid LIKE 'wamid.healthy-%'"); }
  std::int64_t dead_letters() { return count("dead_letter"); }
  // What the reader calls malformed, and what is for numbers without a channel.
  std::int64_t dead_expected() const { return dead_; }

 private:
  void expect(const Payload& read);

  Gateway gateway_;
  std::int64_t healthy_ = 0;
  std::int64_t dead_ = 0;
};

// The JSON text of `body`, with every "@" text written as `token`.
std::string written(const Json& body, const std::string& token);

}  // namespace waypost::test
