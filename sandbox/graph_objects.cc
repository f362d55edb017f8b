// The endpoints of GraphApi about WABAs, numbers and templates.

#include <algorithm>

#include "net/answer.h"
#include "sandbox/answers.h"
#include "sandbox/graph_api.h"
#include "sandbox/media.h"
#include "sandbox/paging.h"
#include "sandbox/setup.h"

namespace waypost::sandbox {
namespace {

constexpr std::size_t kLongestUrl = 200;

Json to_json(const Number& number) {
  Json json = {{"id", number.phone_number_id},
               {"display_phone_number", "+" + number.display_phone_number},
               {"verified_name", number.verified_name},
               {"quality_rating", "GREEN"},
               {"code_verification_status", "VERIFIED"},
               {"name_status", "APPROVED"},
               {"platform_type", "CLOUD_API"},
               {"throughput", {{"level", "STANDARD"}}},
               {"is_on_biz_app", false},
               {"status", "CONNECTED"},
               {"whatsapp_business_manager_messaging_limit", "TIER_UNLIMITED"},
               {"health_status", {{"can_send_message", "AVAILABLE"}, {"entities", Json::array()}}}};
  json["webhook_configuration"] = {{"application", number.webhook_url}};
  json.update(number.fields);
  return json;
}

Response page(const std::vector<Json>& all, const Request& request) {
  const auto answer = page_of(all, request);
  return answer ? graph_answer(*answer) : graph_refusal(answer.error());
}

}  // namespace

// GET /debug_token?input_token=: of a token that some number has; another is told to be invalid, as Meta does.
awaitable<Response> GraphApi::debug_token(Request request) {
  const auto seen = note(request);
  auto response = token_told(request);
  note_answer(seen, response.status);
  co_return response;
}

Response GraphApi::token_told(const Request& request) {
  if (bearer_of(request).empty()) return graph_refusal({.code = 104, .details = "An access token is required"});
  const auto asked = request.query_value("input_token").value_or("");
  const auto number = std::ranges::find_if(
      world_.numbers, [asked](const Number& one) { return !asked.empty() && one.token.reveal() == asked; });
  Json data{{"is_valid", false}, {"error", {{"code", 190}, {"message", "The access token could not be decrypted"}}}};
  if (number != world_.numbers.end()) {
    data = {{"app_id", number->app_id},
            {"type", "SYSTEM_USER"},
            {"application", "Sandbox app"},
            {"is_valid", true},
            {"expires_at", 0},
            {"scopes", {"whatsapp_business_management", "whatsapp_business_messaging"}}};
    data.update(number->token_info);
  }
  return dated(graph_answer({{"data", std::move(data)}}));
}

// With Meta's clock, where the settings say that it goes otherwise.
Response GraphApi::dated(Response response) const {
  const auto skew = world_.settings.date_skew;
  if (skew.count() == 0) return response;
  const auto at = std::chrono::floor<std::chrono::seconds>(world_.clock.now() + skew).time_since_epoch();
  response.headers.add("Date", http_date(at.count()));
  return response;
}

Response GraphApi::phone_numbers(const Request& request, Number& number) {
  std::vector<Json> all;
  for (const auto& one : world_.numbers) {
    if (one.waba_id == number.waba_id) all.push_back(to_json(one));
  }
  return page(all, request);
}

Response GraphApi::object(const Request& request, Number& number) {
  if (find_media(world_, request.param("id")) != nullptr) return media(request, number);
  if (const auto* sample = find_sample(world_, request.param("id")))
    return graph_answer({{"id", sample->id}, {"file_offset", sample->bytes.size()}});
  const auto fields = request.query_value("fields").value_or("");
  if (const auto* form = find_template(world_, request.param("id")))
    return graph_answer(with_fields(sandbox::to_json(*form), fields));
  if (request.param("id") == number.phone_number_id) return dated(graph_answer(with_fields(to_json(number), fields)));
  const Json waba = {{"id", number.waba_id}, {"name", number.verified_name}, {"currency", "USD"}};
  return graph_answer(with_fields(waba, fields));
}

Response GraphApi::subscriptions(const Request&, Number& number) {
  Json apps = Json::array();
  if (number.subscribed) {
    apps.push_back({{"whatsapp_business_api_data",
                     {{"id", number.app_id}, {"name", "Sandbox app"}, {"link", "https://www.facebook.com/games/"}}}});
  }
  return graph_answer({{"data", std::move(apps)}});
}

awaitable<Response> GraphApi::subscribe(const Request& request, Number& number) {
  const auto body = parse_json(request.body.empty() ? "{}" : request.body);
  if (!body) co_return graph_refusal({.code = 100, .details = "The body is not JSON"});
  const auto url = text_or_empty(*body, "override_callback_uri");
  const Secret verify_token(text_or_empty(*body, "verify_token"));
  if (url.size() > kLongestUrl) co_return graph_refusal({.code = 100, .details = "override_callback_uri is too long"});
  if (!url.empty()) {
    const auto verified = co_await webhooks_.handshake(url, verify_token);
    if (!verified) co_return graph_refusal({.code = 100, .details = verified.error().words(), .subcode = 2200});
  }
  for (auto& one : world_.numbers) {
    if (one.waba_id != number.waba_id) continue;
    one.subscribed = true;
    if (!url.empty()) one.webhook_url = url;
  }
  co_return graph_answer({{"success", true}});
}

}  // namespace waypost::sandbox
