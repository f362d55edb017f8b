// Outside: carries out one try of an outside call. Loop only.

#pragma once

#include <chrono>
#include <optional>

#include "base/id.h"
#include "net/asio.h"
#include "workflow/cause.h"
#include "workflow/outside_call.h"

namespace waypost::workflow {

struct OutsideAsk {
  TenantId tenant{};
  std::optional<ConversationId> conversation{};  // nothing: a test of a draft, without history
  OutsideCall call{};
};

struct OutsideTry {
  CallAnswer answer{};
  bool may_repeat = false;  // another try may go better: also of an answer that is none, such as a 503
  std::optional<std::chrono::milliseconds> retry_after{};  // as the other side asks for
};

class Outside {
 public:
  Outside(const Outside&) = delete;
  Outside& operator=(const Outside&) = delete;
  virtual ~Outside() = default;

  // Ends within the call's timeout. Failures' codes: http_failed, http_refused_address, http_too_large, no_ai_key,
  // ai_failed … Their words name no secret.
  virtual awaitable<OutsideTry> ask(OutsideAsk ask) = 0;

 protected:
  Outside() = default;
};

}  // namespace waypost::workflow
