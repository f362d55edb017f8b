#include "workflow/sending.h"

#include <array>
#include <functional>

#include "conversation/send_form.h"
#include "workflow/config_checks.h"
#include "workflow/config_schema.h"
#include "workflow/variables.h"

namespace waypost::workflow {
namespace {

constexpr std::array<std::string_view, 4> kPolicies{"reject", "hold", "template", "template_then_hold"};
constexpr std::string_view kBadContent = "bad_content";
// A UUID in the place of one that a variable stands for.
constexpr std::string_view kSomeUpload = "00000000-0000-7000-8000-000000000000";

// The JSON with each text within, and its key, changed by `change`.
using Change = std::function<std::string(std::string_view key, const std::string& text)>;
Json with_texts(const Json& json, std::string_view key, const Change& change) {
  if (json.is_string()) return change(key, json.get_ref<const std::string&>());
  if (!json.is_structured()) return json;
  Json changed = json;
  for (auto& [name, value] : changed.items()) {
    // Of a list the key that it stands under counts.
    value = with_texts(value, json.is_array() ? key : std::string_view(name), change);
  }
  return changed;
}

// One character of Unicode's private area, each time another: titles with different variables are not the same.
std::string some_character(std::size_t number) {
  const auto scalar = 0xE000 + number % 0x1000;
  return {static_cast<char>(0xE0 | scalar >> 12), static_cast<char>(0x80 | (scalar >> 6 & 0x3F)),
          static_cast<char>(0x80 | (scalar & 0x3F))};
}

// What is short, like no other, and of the form that is asked for.
std::string stand_in(std::string_view key, const std::string& text, std::size_t number) {
  if (key == "uploadId") return std::string(kSomeUpload);
  if (key != "link" && key != "url") return some_character(number);
  const auto fixed = text.substr(0, text.find("{{"));
  return (fixed.empty() ? "https://" : fixed) + some_character(number);
}

Json with_stand_ins(const Json& request) {
  std::size_t number = 0;
  return with_texts(request, "", [&](std::string_view key, const std::string& text) {
    return variables_in(text).empty() ? text : stand_in(key, text, number++);
  });
}

// "buttons[0].reply.title" is told of Meta's form of "buttons.0.title".
std::string dotted(std::string_view path) {
  std::string dots;
  for (const char c : path) {
    if (c == '[') {
      dots += '.';
    } else if (c != ']') {
      dots += c;
    }
  }
  constexpr std::string_view kReply = ".reply.";
  const auto reply = dots.starts_with("buttons.") ? dots.find(kReply) : std::string::npos;
  if (reply != std::string::npos) dots.erase(reply, kReply.size() - 1);
  return dots;
}

}  // namespace

std::vector<FieldError> content_faults(const Json& request) {
  const auto read = read_send(with_stand_ins(request));
  if (read) return {};
  auto faults = read.error();
  for (auto& fault : faults) fault.path = dotted(fault.path);
  return faults;
}

Json filled_request(Plan& plan, const Json& request, const Json& scope) {
  return with_texts(request, "", [&](std::string_view, const std::string& text) { return plan.filled(text, scope); });
}

void add_sends(Plan& plan, const Json& request, std::optional<WindowPolicy> policy) {
  auto read = read_send(request);
  if (!read) {
    const auto& fault = read.error().front();
    plan.failure =
        store::Complaint{.code = std::string(kBadContent), .words = dotted(fault.path) + ": " + fault.message};
    return;
  }
  for (auto& send : *read) {
    plan.effects.emplace_back(SendEffect{.type = std::move(send.type),
                                         .text = std::move(send.text),
                                         .content = std::move(send.content),
                                         .policy = policy,
                                         .is_later_part = !plan.effects.empty()});
  }
}

void check_policy(std::vector<FieldError>& faults, const Json& config) {
  check_word(faults, config, "outsideWindow", kPolicies);
}

std::optional<WindowPolicy> policy_in(const Json& config) {
  return window_policy(text_or_empty(config, "outsideWindow"));
}

Json policy_schema() {
  return schema_of::choice(
      "Outside the window",
      "What becomes of it when the customer wrote last more than 24 hours ago; when none is named, "
      "as the workspace has it.",
      kPolicies);
}

}  // namespace waypost::workflow
