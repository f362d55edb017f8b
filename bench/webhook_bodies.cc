#include "bench/webhook_bodies.h"

#include <fmt/format.h>

#include <utility>

#include "base/crypto.h"

namespace waypost::bench {
namespace {

constexpr std::size_t kEnvelope = 700;  // bytes of a body without the filler, about
// A prime beyond any count of customers: each has a turn before anybody has the next, and neighbours are far apart.
constexpr std::uint64_t kScatter = 2'654'435'761;

}  // namespace

WebhookMaker::WebhookMaker(WebhookPlan plan)
    : plan_(std::move(plan)),
      run_(random_token(9)),
      filler_(plan_.body_size > kEnvelope ? plan_.body_size - kEnvelope : 0, 'x') {}

// Shapes as in Meta's "messages" reference: one message, identifiers as strings, the customer with and without BSUID.
std::string WebhookMaker::body(std::uint64_t number, std::int64_t unix_seconds) const {
  const auto customer = number * kScatter % plan_.customers;
  const auto wa_id = fmt::format("49151{:08}", customer);
  const auto user_id = fmt::format("DE.{:020}", 10'000'000'000 + customer);
  const auto& channel = plan_.phone_number_ids[number % plan_.phone_number_ids.size()];
  return fmt::format(
      R"({{"object":"whatsapp_business_account","entry":[{{"id":"102290129340398","changes":[{{"value":{{)"
      R"("messaging_product":"whatsapp","metadata":{{"display_phone_number":"15550783881","phone_number_id":"{}"}},)"
      R"("contacts":[{{"profile":{{"name":"Customer {}"}},"wa_id":"{}","user_id":"{}"}}],)"
      R"("messages":[{{"from":"{}","from_user_id":"{}","id":"wamid.{}{:012}","timestamp":"{}","type":"text",)"
      R"("text":{{"body":"message {} of the bench {}"}}}}]}},"field":"messages"}}]}}]}})",
      channel, customer, wa_id, user_id, wa_id, user_id, run_, number, unix_seconds, number, filler_);
}

std::string WebhookMaker::request(std::uint64_t number, std::int64_t unix_seconds) const {
  const auto text = body(number, unix_seconds);
  const auto signature = hmac_sha256(plan_.app_secret, text);
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: {}\r\nAccept: */*\r\nUser-Agent: facebookexternalua\r\n"
      "Content-Type: application/json\r\nX-Hub-Signature-256: sha256={}\r\nContent-Length: {}\r\n\r\n{}",
      plan_.target, plan_.host, hex(signature), text.size(), text);
}

}  // namespace waypost::bench
