// Signed webhook requests in Meta's shape, whole with their heads: what the load generator sends. Any thread.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/secret.h"

namespace waypost::bench {

struct WebhookPlan {
  std::string host;    // of the Host header
  std::string target;  // "/webhooks/whatsapp"
  Secret app_secret;
  std::vector<std::string> phone_number_ids;  // taken in turn
  std::size_t customers = 5'000;
  std::size_t body_size = 1'000;  // about; the message's text fills it up
};

class WebhookMaker {
 public:
  explicit WebhookMaker(WebhookPlan plan);

  // The request of message `number`: one inbound text with a wamid no other call returns, in this process or another.
  // `unix_seconds` is the message's timestamp.
  std::string request(std::uint64_t number, std::int64_t unix_seconds) const;

 private:
  std::string body(std::uint64_t number, std::int64_t unix_seconds) const;

  WebhookPlan plan_;
  std::string run_;  // makes wamids of this run its own
  std::string filler_;
};

}  // namespace waypost::bench
