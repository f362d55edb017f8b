// ai.respond: {"systemPrompt"?, "model"?, "temperature"?, "maxTokens"?, "input"? (the customer's last message),
// "historyMessages"? (20), "historyTokens"? (4000), "send"? (true), "timeoutSeconds"? (60), "outsideWindow"?}. Outputs
// "out" and "failed". An answer over 4,096 characters becomes several messages.

#include <algorithm>

#include "base/text.h"
#include "conversation/split_text.h"
#include "workflow/ai_node.h"
#include "workflow/sending.h"
#include "workflow/variables.h"

namespace waypost::workflow {
namespace {

constexpr AiUsual kUsual{.history_messages = 20, .timeout_seconds = 60};
constexpr std::int64_t kUsualTokens = 4'000;
constexpr std::int64_t kMostTokens = 100'000;
constexpr double kMostTemperature = 2.0;  // OpenAI's reference: between 0 and 2

Json schema() {
  using namespace schema_of;  // NOLINT(google-build-using-namespace): its words
  const Between tokens{.least = 1, .most = kMostTokens};
  auto members = ai_members(kUsual, "What is answered; the customer's last message where it is empty.");
  members.insert(
      members.end(),
      {{"historyTokens", with_default(whole("History in tokens", "Four bytes count as one.", tokens), kUsualTokens)},
       {"maxTokens", whole("Longest answer in tokens", "The answer is cut there.", tokens)},
       {"temperature", number("Temperature", "How free the model is; not every model takes it.", 0, kMostTemperature)},
       {"send", with_default(flag("Send the answer", "Otherwise it is only {{respond.text}} for later nodes."), true)},
       {"outsideWindow", policy_schema()}});
  return config(members);
}

void check_temperature(std::vector<FieldError>& faults, const Json& config) {
  const Json* value = find(config, "temperature");
  if (value == nullptr || value->is_null()) return;
  const bool fits = value->is_number() && value->get<double>() >= 0 && value->get<double>() <= kMostTemperature;
  if (!fits) faults.push_back({"temperature", "must be a number from 0 to 2"});
}

std::vector<FieldError> faults(const Json& config) {
  auto faults = ai_config_faults(config);
  check_temperature(faults, config);
  check_whole(faults, config, "maxTokens", {.least = 1, .most = kMostTokens});
  check_whole(faults, config, "historyTokens", {.least = 1, .most = kMostTokens});
  check_flag(faults, config, "send");
  check_policy(faults, config);
  return faults;
}

std::vector<std::string> handles(const Json&) { return {std::string(kOut), std::string(kFailed)}; }

// What the customer wrote last in this run: the reply it waited for, else what started it. The history has it too,
// where there is one; the request says it once (chat_request.h).
std::string last_words(const Json& scope) {
  for (const auto* path : {"reply.text", "message.text"}) {
    const Json* text = look_up(scope, path);
    if (text != nullptr && text->is_string() && !text->get_ref<const std::string&>().empty())
      return text->get<std::string>();
  }
  return {};
}

std::string input_of(Plan& plan, const Visit& visit) {
  const auto given = text_or_empty(visit.config, "input");
  return trimmed(given).empty() ? last_words(visit.scope) : plan.filled(given, visit.scope);
}

ChatCall question(Plan& plan, const Visit& visit) {
  const Json& config = visit.config;
  const auto input = input_of(plan, visit);
  auto call = chat_call_of(config, kUsual, input);
  call.system = trimmed(plan.filled(text_or_empty(config, "systemPrompt"), visit.scope));
  call.history_tokens =
      static_cast<std::size_t>(std::max<std::int64_t>(whole_or(config, "historyTokens", kUsualTokens), 1));
  const Json* temperature = find(config, "temperature");
  if (temperature != nullptr && temperature->is_number()) call.temperature = temperature->get<double>();
  call.max_tokens = find_integer(config, "maxTokens");
  plan.input = {{"systemPrompt", call.system}, {"input", input}};
  return call;
}

void send(Plan& plan, const Json& config, const std::string& text) {
  const auto policy = window_policy(text_or_empty(config, "outsideWindow"));
  for (auto& part : split_text(text)) {
    const Json content{{"body", part}};
    plan.effects.emplace_back(SendEffect{.type = "text",
                                         .text = std::move(part),
                                         .content = content,
                                         .policy = policy,
                                         .is_later_part = !plan.effects.empty()});
  }
}

void give_up(Plan& plan, store::Complaint why) {
  plan.handle = std::string(kFailed);
  plan.failure = std::move(why);
}

// Of a model that reasons the thoughts count as its answer's tokens: they may use them up.
store::Complaint nothing_said(const Json& value) {
  const bool was_cut = find_bool(value, "cut").value_or(false);
  return {.code = "ai_empty_answer",
          .words = was_cut ? "the model used up its tokens before it answered" : "the model's answer is empty"};
}

void say(Plan& plan, const Visit& visit, const Json& value) {
  const auto text = std::string(trimmed(text_or_empty(value, "text")));
  if (text.empty()) return give_up(plan, nothing_said(value));
  plan.handle = std::string(kOut);
  plan.output = {{"text", text}};
  plan.variables = {{"respond", {{"text", text}}}};
  if (find_bool(value, "cut").value_or(false)) plan.output["cut"] = true;
  if (find_bool(visit.config, "send").value_or(true)) send(plan, visit.config, text);
}

Plan plan(const Visit& visit) {
  Plan plan;
  auto call = question(plan, visit);
  const auto* answer = std::get_if<CallAnswer>(&visit.cause);
  if (answer == nullptr) {
    plan.call = ai_call(std::move(call), visit.config, kUsual);
    return plan;
  }
  plan.usage = usage_with(Json(), answer->value);
  if (answer->failure) {
    give_up(plan, *answer->failure);
  } else {
    say(plan, visit, answer->value);
  }
  return plan;
}

}  // namespace

const NodeFamily& ai_respond_node() {
  static constexpr NodeFamily kFamily{.type = "ai.respond",
                                      .label = "AI answer",
                                      .says = "Lets a language model write the answer.",
                                      .kind = NodeKind::Ai,
                                      .schema = schema,
                                      .faults = faults,
                                      .handles = handles,
                                      .plan = plan};
  return kFamily;
}

}  // namespace waypost::workflow
