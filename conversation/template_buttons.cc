#include "conversation/template_buttons.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/text.h"
#include "conversation/template_text.h"

namespace waypost {
namespace {

constexpr std::size_t kMostButtons = 10;
constexpr std::size_t kLabelCharacters = 25;
constexpr std::size_t kUrlCharacters = 2'000;
constexpr std::size_t kPhoneCharacters = 20;
constexpr std::size_t kCodeCharacters = 15;
constexpr std::string_view kQuickReply = "QUICK_REPLY";

struct ButtonKind {
  std::string_view type;
  std::size_t most;
  bool has_label = true;  // of its own; the others' is Meta's
};
constexpr std::array kKinds{ButtonKind{kQuickReply, 10},
                            ButtonKind{"URL", 2},
                            ButtonKind{"PHONE_NUMBER", 1},
                            ButtonKind{"COPY_CODE", 1, false},
                            ButtonKind{"FLOW", 1},
                            ButtonKind{"CATALOG", 1},
                            ButtonKind{"MPM", 1},
                            ButtonKind{"SPM", 1, false},
                            ButtonKind{"OTP", 1, false},
                            ButtonKind{"VOICE_CALL", 1},
                            ButtonKind{"REQUEST_CONTACT_INFO", 1, false}};

const ButtonKind* kind_of(std::string_view type) {
  const auto* found = std::ranges::find(kKinds, type, &ButtonKind::type);
  return found == kKinds.end() ? nullptr : found;
}

void check_url(TemplateFaults& faults, const Json& button) {
  const std::string url = text_or_empty(button, "url");
  faults.check_length("url", url, kUrlCharacters);
  const auto names = variables_of(url);
  if (names.empty()) return;
  if (names.size() > 1 || !url.ends_with("}}")) faults.add("url", "A URL has one variable at most, at its end");
  const Json* example = find_array(button, "example");
  if (example == nullptr || example->size() != 1) faults.add("example", "Expected a sample of the variable");
}

// A text, or a list of one.
std::string sample_of(const Json& button) {
  const Json* list = find_array(button, "example");
  if (list == nullptr || list->empty()) return text_or_empty(button, "example");
  return list->front().is_string() ? list->front().get<std::string>() : std::string();
}

void check_button(TemplateFaults& faults, const Json& button) {
  const std::string type = text_or_empty(button, "type");
  const ButtonKind* kind = kind_of(type);
  if (kind == nullptr) return faults.add("type", "Unknown kind of button");
  if (kind->has_label) faults.check_length("text", text_or_empty(button, "text"), kLabelCharacters);
  if (type == "URL") check_url(faults, button);
  if (type == "PHONE_NUMBER")
    faults.check_length("phone_number", text_or_empty(button, "phone_number"), kPhoneCharacters);
  if (type == "COPY_CODE") faults.check_length("example", sample_of(button), kCodeCharacters);
}

void check_counts(TemplateFaults& faults, const Json& list) {
  if (list.size() > kMostButtons) faults.add("", "There are 10 buttons at most");
  std::map<std::string, std::size_t> counts;
  for (const auto& button : list) ++counts[text_or_empty(button, "type")];
  for (const auto& [type, count] : counts) {
    const ButtonKind* kind = kind_of(type);
    if (kind != nullptr && count > kind->most)
      faults.add("", "Of " + type + " there may be " + std::to_string(kind->most) + " at most");
  }
}

// Quick replies stand together, before the others or behind them.
void check_groups(TemplateFaults& faults, const Json& list) {
  int changes = 0;
  for (std::size_t at = 1; at < list.size(); ++at) {
    const bool before = text_or_empty(list[at - 1], "type") == kQuickReply;
    if (before != (text_or_empty(list[at], "type") == kQuickReply)) ++changes;
  }
  if (changes > 1) faults.add("", "Quick replies stand together, before the other buttons or behind them");
}

}  // namespace

void check_buttons(TemplateFaults& faults, const Json& list) {
  faults.at("buttons", [&] {
    check_counts(faults, list);
    check_groups(faults, list);
    for (std::size_t at = 0; at < list.size(); ++at)
      faults.at(std::to_string(at), [&] { check_button(faults, list[at]); });
  });
}

}  // namespace waypost
