// The endpoints of GraphApi about WABAs, numbers and templates.

#include <algorithm>

#include "sandbox/answers.h"
#include "sandbox/graph_api.h"
#include "sandbox/media.h"
#include "sandbox/paging.h"
#include "sandbox/setup.h"

namespace waypost::sandbox {
namespace {

constexpr int kTemplateExists = 2388024;
constexpr std::size_t kLongestUrl = 200;

bool fits(std::optional<std::string_view> wanted, std::string_view value) { return !wanted || *wanted == value; }

Json to_json(const Number& number) {
  Json json = {{"id", number.phone_number_id},
               {"display_phone_number", "+" + number.display_phone_number},
               {"verified_name", number.verified_name},
               {"quality_rating", "GREEN"},
               {"code_verification_status", "VERIFIED"},
               {"name_status", "APPROVED"},
               {"platform_type", "CLOUD_API"},
               {"throughput", {{"level", "STANDARD"}}},
               {"status", "CONNECTED"},
               {"whatsapp_business_manager_messaging_limit", "TIER_250"},
               {"health_status", {{"can_send_message", "AVAILABLE"}, {"entities", Json::array()}}}};
  json["webhook_configuration"] = {{"application", number.webhook_url}};
  return json;
}

Response page(const std::vector<Json>& all, const Request& request) {
  const auto answer = page_of(all, request);
  return answer ? graph_answer(*answer) : graph_refusal(answer.error());
}

}  // namespace

Response GraphApi::templates(const Request& request, Number& number) {
  if (const auto strike = faults_.strike(FaultKind::TemplatesFail, number.phone_number_id)) {
    return graph_refusal(strike->error);
  }
  std::vector<Json> all;
  for (const auto& form : world_.templates) {
    const bool wanted = form.waba_id == number.waba_id && fits(request.query_value("name"), form.name) &&
                        fits(request.query_value("status"), form.status) &&
                        fits(request.query_value("language"), form.language);
    if (wanted) all.push_back(sandbox::to_json(form));
  }
  return page(all, request);
}

Response GraphApi::create_template(const Request& request, Number& number) {
  const auto body = parse_json(request.body);
  if (!body) return graph_refusal({.code = 100, .details = "The body is not JSON"});
  auto form = read_new_template(*body);
  if (!form) return graph_refusal(form.error());
  form->waba_id = number.waba_id;
  if (find_template(world_, form->waba_id, form->name, form->language) != nullptr) {
    return graph_refusal(
        {.code = 100, .details = "there is already content in that language", .subcode = kTemplateExists});
  }
  const auto& made = keep_template(world_, *std::move(form));
  return graph_answer({{"id", made.id}, {"status", made.status}, {"category", made.category}});
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
  const auto fields = request.query_value("fields").value_or("");
  if (request.param("id") == number.phone_number_id) return graph_answer(with_fields(to_json(number), fields));
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
