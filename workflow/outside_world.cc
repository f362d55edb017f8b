#include "workflow/outside_world.h"

#include "workflow/chat_call.h"
#include "workflow/http_call.h"

namespace waypost::workflow {
namespace {

class World final : public Outside {
 public:
  explicit World(const OutsideParts& parts)
      : http_({.http = parts.http, .database = parts.database, .keyring = parts.keyring, .rules = parts.rules}),
        chat_({.http = parts.http, .database = parts.database, .keyring = parts.keyring}) {}

  awaitable<OutsideTry> ask(OutsideAsk ask) override {
    if (const auto* http = std::get_if<HttpCall>(&ask.call.ask)) {
      return http_.ask(ask.tenant, *http, ask.call.timeout);
    }
    return chat_.ask(std::move(ask));
  }

 private:
  HttpCaller http_;
  ChatCaller chat_;
};

}  // namespace

std::unique_ptr<Outside> make_outside(const OutsideParts& parts) { return std::make_unique<World>(parts); }

}  // namespace waypost::workflow
