#include "sandbox/control_api.h"

#include <algorithm>
#include <utility>

#include "sandbox/answers.h"

namespace waypost::sandbox {
namespace {

constexpr std::size_t kBodyLimit = 4 << 20;
constexpr std::int64_t kLongestStep = 10LL * 366 * 86'400;  // of the clock, in seconds

// An empty body counts as {}.
Result<Json> body_of(const Request& request) {
  if (request.body.empty()) return Json(Json::object());
  auto body = parse_json(request.body);
  if (body && !body->is_object()) return fail(ErrorKind::InvalidInput, "the body is a JSON object");
  return body;
}

Response answer_of(const Result<Json>& answer) {
  return answer ? control_answer(*answer) : control_refusal(answer.error());
}

Json to_json(const Number& number) {
  return {{"phone_number_id", number.phone_number_id},
          {"display_phone_number", number.display_phone_number},
          {"waba_id", number.waba_id},
          {"app_id", number.app_id},
          {"token", number.token.reveal()},
          {"app_secret", number.app_secret.reveal()},
          {"verify_token", number.verify_token.reveal()},
          {"webhook_url", number.webhook_url},
          {"subscribed", number.subscribed}};
}

// The numbers that `body` names by phone_number_id or waba_id; all when it names none.
std::vector<Number*> chosen_numbers(World& world, const Json& body) {
  const auto phone_number_id = find_text(body, "phone_number_id");
  const auto waba_id = find_text(body, "waba_id");
  std::vector<Number*> chosen;
  for (auto& number : world.numbers) {
    if (phone_number_id && number.phone_number_id != *phone_number_id) continue;
    if (waba_id && number.waba_id != *waba_id) continue;
    chosen.push_back(&number);
  }
  return chosen;
}

}  // namespace

void ControlApi::add(Router& router, std::string method, std::string pattern, Answer answer) {
  router.add({std::move(method), "/control/" + pattern, kBodyLimit, nullptr, [this, answer](const Request& request) {
                const auto body = body_of(request);
                return at_once(body ? answer_of((this->*answer)(request, *body)) : control_refusal(body.error()));
              }});
}

void ControlApi::add_routes(Router& router) {
  router.add({"POST", "/control/webhook", kBodyLimit, nullptr,
              [this](Request request) { return set_webhook(std::move(request)); }});
  add(router, "POST", "numbers", &ControlApi::put_number);
  add(router, "GET", "numbers", &ControlApi::numbers);
  add(router, "POST", "templates", &ControlApi::put_template);
  add(router, "GET", "templates", &ControlApi::templates);
  add(router, "GET", "settings", &ControlApi::settings);
  add(router, "POST", "settings", &ControlApi::change_settings);
  add(router, "POST", "clock", &ControlApi::move_clock);
  add(router, "POST", "faults", &ControlApi::add_fault);
  add(router, "GET", "faults", &ControlApi::faults);
  add(router, "DELETE", "faults", &ControlApi::clear_faults);
  add(router, "POST", "customers/{phone}/messages", &ControlApi::write);
  add(router, "GET", "customers/{phone}/inbox", &ControlApi::inbox);
  add(router, "POST", "customers/{phone}/read", &ControlApi::read);
  add(router, "GET", "customers", &ControlApi::customers);
  add(router, "POST", "load", &ControlApi::start_load);
  add(router, "GET", "load", &ControlApi::load);
  add(router, "DELETE", "load", &ControlApi::stop_load);
  add(router, "GET", "bubbles", &ControlApi::bubbles);
  add(router, "GET", "sends", &ControlApi::sends);
  add(router, "GET", "inbound", &ControlApi::inbound);
  add(router, "GET", "uploads", &ControlApi::uploads);
  add(router, "GET", "log", &ControlApi::seen);
  add(router, "GET", "stats", &ControlApi::stats);
}

awaitable<Response> ControlApi::set_webhook(Request request) {
  const auto body = body_of(request);
  if (!body) co_return control_refusal(body.error());
  const auto url = text_or_empty(*body, "url");
  const auto numbers = chosen_numbers(world_, *body);
  if (url.empty()) co_return control_refusal(Error(ErrorKind::InvalidInput, "url is missing"));
  if (numbers.empty()) co_return control_refusal(Error(ErrorKind::NotFound, "there is no such number"));
  const auto verify_token = find_text(*body, "verify_token").value_or(numbers.front()->verify_token.reveal());
  const auto verified = co_await parts_.webhooks.handshake(url, Secret(verify_token));
  if (!verified) co_return control_refusal(verified.error());
  const auto app_secret = find_text(*body, "app_secret");
  for (auto* number : numbers) {
    number->webhook_url = url;
    number->verify_token = Secret(verify_token);
    if (app_secret) number->app_secret = Secret(*app_secret);
  }
  co_return control_answer({{"verified", true}, {"numbers", numbers.size()}});
}

Result<Json> ControlApi::put_number(const Request&, const Json& body) {
  const auto number = sandbox::put_number(world_, body);
  if (!number) return fail(number.error());
  return to_json(**number);
}

Result<Json> ControlApi::numbers(const Request&, const Json&) {
  Json all = Json::array();
  for (const auto& number : world_.numbers) all.push_back(to_json(number));
  return Json{{"numbers", std::move(all)}};
}

Result<Json> ControlApi::put_template(const Request&, const Json& body) {
  const auto put = sandbox::put_template(world_, body);
  if (!put) return fail(put.error());
  const auto* number = find_waba(world_, put->form->waba_id);
  if (put->status_changed && number != nullptr) {
    parts_.webhooks.send(*number, template_webhook(*put->form, world_.clock.now()), nullptr);
  }
  return sandbox::to_json(*put->form);
}

Result<Json> ControlApi::templates(const Request&, const Json&) {
  Json all = Json::array();
  for (const auto& form : world_.templates) {
    Json one = sandbox::to_json(form);
    one["waba_id"] = form.waba_id;
    all.push_back(std::move(one));
  }
  return Json{{"templates", std::move(all)}};
}

Result<Json> ControlApi::settings(const Request&, const Json&) { return sandbox::to_json(world_.settings); }

Result<Json> ControlApi::change_settings(const Request&, const Json& body) {
  auto settings = changed(world_.settings, body);
  if (!settings) return fail(std::move(settings).error());
  world_.settings = *settings;
  return sandbox::to_json(world_.settings);
}

Result<Json> ControlApi::move_clock(const Request&, const Json& body) {
  const auto seconds = find_integer(body, "advance_seconds");
  if (!seconds || *seconds > kLongestStep || *seconds < -kLongestStep) {
    return fail(ErrorKind::InvalidInput, "advance_seconds is a whole number, of ten years at most");
  }
  world_.clock.advance(std::chrono::seconds(*seconds));
  return Json{{"now", iso8601(world_.clock.now())}};
}

Result<Json> ControlApi::add_fault(const Request& request, const Json& body) {
  auto rule = read_fault(body);
  if (!rule) return fail(std::move(rule).error());
  parts_.faults.add(*std::move(rule));
  return faults(request, body);
}

Result<Json> ControlApi::faults(const Request&, const Json&) { return Json{{"faults", parts_.faults.to_json()}}; }

Result<Json> ControlApi::clear_faults(const Request& request, const Json& body) {
  parts_.faults.clear();
  return faults(request, body);
}

}  // namespace waypost::sandbox
