// The webhook's endpoint: Meta's handshake, and bodies into the journal.
//
//   GET   /webhooks/whatsapp[/{app}]   200 with the challenge, or 403
//   POST  /webhooks/whatsapp[/{app}]   gate: app, header's form ─▶ body ─▶ MAC ─▶ journal ─▶ 200
//
// Where Meta's certificate is asked for, a gate of both answers 403 to connections without it, whatever they ask.
// Law 12: no byte of a body without a valid signature is parsed or kept, and a missing or malformed header is refused
// before the body is read; the refusal is constant. Law 1: 200 only after the body is on disk. Loop only.

#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "config/settings.h"
#include "journal/journal.h"
#include "net/router.h"
#include "webhook/app_directory.h"
#include "webhook/applier.h"

namespace waypost {

struct EndpointSettings {
  AckMode ack = AckMode::Journal;
  std::chrono::milliseconds ack_bound{5'000};  // AckMode::Store: how long the apply is waited for
  // The common name of Meta's certificate, without which nothing is let in; empty: none is asked for.
  std::string client_cn{};
};

// All outlive the router.
struct EndpointParts {
  Journal& journal;
  AppDirectory& directory;
  Applier& applier;
};

void add_webhook_routes(Router& router, const EndpointParts& parts, EndpointSettings settings);

}  // namespace waypost
