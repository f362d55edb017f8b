// Payloads: the JSON of Meta's webhooks, its bytes and its signature. Pure; any thread.

#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/secret.h"
#include "sandbox/world.h"

namespace waypost::sandbox {

// The bytes as Meta's serializer writes and signs them: beyond ASCII \uXXXX in lower-case hex, and "/" as "\/".
std::string meta_text(const Json& json);
// "sha256=<64 hex digits>", the value of X-Hub-Signature-256.
std::string signature_of(const Secret& app_secret, std::string_view body);

// What a customer writes, before it has a wamid.
struct Writing {
  std::string type = "text";
  Json content = Json::object();
  Json context{};            // null: none
  Json overrides{};          // merged over the finished message
  std::string wamid{};       // empty: a new one
  std::optional<Time> at{};  // nothing: now
  std::uint64_t load = 0;
};

// field "messages" with one message. The phone is left out when the customer does not share it.
Json message_webhook(const Number& number, const Customer& customer, const Inbound& message, const Writing& writing);
// field "messages" with one status.
Json status_webhook(const Number& number, const Customer& customer, const Outbound& message, const StatusNote& note);
// field "message_template_status_update".
Json template_webhook(const Template& form, Time at);

}  // namespace waypost::sandbox
