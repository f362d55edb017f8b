// wa.send_interactive: buttons, a list or a link. {"body", "header"?, "footer"?, one of "buttons", "list" and "url",
// "timeout"?, "wait"?, "outsideWindow"?}. It waits for the choice: one output for each button or row, by its id;
// "other" when the customer wrote something else; "timeout". A link, or "wait": false, has the one output "out".

#include <algorithm>
#include <optional>

#include "workflow/config_checks.h"
#include "workflow/duration.h"
#include "workflow/fold.h"
#include "workflow/interactive_choices.h"
#include "workflow/interactive_request.h"
#include "workflow/reply.h"
#include "workflow/sending.h"

namespace waypost::workflow {
namespace {

constexpr std::chrono::hours kTimeToAnswer{24};

std::vector<FieldError> faults(const Json& config) {
  auto faults = interactive_faults(config);
  std::ranges::move(choice_faults(config), std::back_inserter(faults));
  check_duration(faults, config, "timeout");
  check_flag(faults, config, "wait");
  check_policy(faults, config);
  return faults;
}

std::vector<std::string> handles(const Json& config) {
  if (!waits_for_choice(config)) return one_output(config);
  std::vector<std::string> handles;
  for (auto& choice : choices_in(config)) handles.push_back(std::move(choice.id));
  handles.emplace_back(kOther);
  handles.emplace_back(kTimeout);
  return handles;
}

// [{"id", "title"}] as the customer sees them.
Json shown_choices(Plan& plan, const Visit& visit) {
  Json shown = Json::array();
  for (const auto& choice : choices_in(visit.config)) {
    shown.push_back({{"id", choice.id}, {"title", plan.filled(choice.title, visit.scope)}});
  }
  return shown;
}

Plan sent(const Visit& visit) {
  Plan plan;
  const auto request = filled_request(plan, interactive_request(visit.config), visit.scope);
  plan.input = {{"body", text_or_empty(request, "body")}, {"choices", shown_choices(plan, visit)}};
  add_sends(plan, request, policy_in(visit.config));
  if (plan.failure) return plan;
  if (!waits_for_choice(visit.config)) {
    plan.handle = std::string(kOut);
    return plan;
  }
  plan.memo = {{"input", plan.input}};
  plan.wait = WaitFor{.reply = true, .until = visit.now + duration_in(visit.config, "timeout", kTimeToAnswer)};
  return plan;
}

// What was chosen: by the button or the row, or by its title written out. The memo has the titles as they were shown.
Json chosen(const Json& reply, const Json& shown) {
  const Json* pressed = find_object(reply, "choice");
  const auto id = pressed ? text_or_empty(*pressed, "id") : "";
  const auto words = pressed ? "" : folded(text_or_empty(reply, "text"));
  for (const auto& choice : shown) {
    const bool is_pressed = pressed != nullptr && text_or_empty(choice, "id") == id;
    const bool is_written = !words.empty() && folded(text_or_empty(choice, "title")) == words;
    if (is_pressed || is_written) return choice;
  }
  return {};
}

Plan answered(const Visit& visit, const Json& message) {
  const Json* input = find_object(visit.memo, "input");
  const Json* shown = input ? find_array(*input, "choices") : nullptr;
  auto reply = message;
  const auto choice = chosen(message, shown ? *shown : Json::array());
  if (!choice.is_null()) reply["choice"] = choice;
  Plan plan{.handle = choice.is_null() ? std::string(kOther) : text_or_empty(choice, "id")};
  if (input != nullptr) plan.input = *input;
  plan.output = reply_variables(reply);
  plan.variables = {{"reply", plan.output}};
  return plan;
}

Plan timed_out(const Visit& visit) {
  Plan plan{.handle = std::string(kTimeout)};
  if (const Json* input = find_object(visit.memo, "input")) plan.input = *input;
  return plan;
}

Plan plan(const Visit& visit) {
  if (const auto* reply = std::get_if<Reply>(&visit.cause)) return answered(visit, reply->message);
  return std::holds_alternative<TimeUp>(visit.cause) ? timed_out(visit) : sent(visit);
}

}  // namespace

const NodeFamily& send_interactive_node() {
  static constexpr NodeFamily kFamily{.type = kInteractiveType,
                                      .label = "Send buttons or a list",
                                      .says = "Asks the customer to choose, and waits for the choice.",
                                      .kind = NodeKind::Message,
                                      .waits = true,
                                      .schema = interactive_schema,
                                      .faults = faults,
                                      .handles = handles,
                                      .plan = plan};
  return kFamily;
}

}  // namespace waypost::workflow
