#include "conversation/template_draft.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "conversation/template_buttons.h"
#include "conversation/template_faults.h"
#include "conversation/template_text.h"
#include "conversation/upload.h"

namespace waypost {
namespace {

constexpr std::size_t kNameCharacters = 512;
constexpr std::size_t kHeaderCharacters = 60;
constexpr std::size_t kBodyCharacters = 1'024;
constexpr std::size_t kFooterCharacters = 60;
constexpr std::string_view kAuthentication = "AUTHENTICATION";

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }

bool is_name(std::string_view name) {
  const auto fits = [](char c) { return is_lower(c) || is_digit(c) || c == '_'; };
  return !name.empty() && name.size() <= kNameCharacters && std::ranges::all_of(name, fits);
}

// "en", "fil", "en_US".
bool is_language(std::string_view code) {
  const auto underscore = std::min(code.find('_'), code.size());
  const auto language = code.substr(0, underscore);
  if (language.size() < 2 || language.size() > 3 || !std::ranges::all_of(language, is_lower)) return false;
  if (underscore == code.size()) return true;
  const auto region = code.substr(underscore + 1);
  const auto fits = [](char c) { return is_letter(c) || is_digit(c); };
  return region.size() >= 2 && region.size() <= 4 && std::ranges::all_of(region, fits);
}

struct Span {
  std::int64_t least = 0;
  std::int64_t most = 0;
  bool may_be_month = true;  // -1
};
// message_send_ttl_seconds by category; MARKETING's is the Marketing Messages API's.
Span ttl_span(std::string_view category) {
  if (category == kAuthentication) return {.least = 30, .most = 900};
  if (category == "UTILITY") return {.least = 30, .most = 43'200};
  return {.least = 43'200, .most = 2'592'000, .may_be_month = false};
}

void check_ttl(TemplateFaults& faults, const TemplateDraft& draft) {
  if (!draft.ttl_seconds) return;
  const auto span = ttl_span(draft.category);
  if (span.may_be_month && *draft.ttl_seconds == -1) return;
  if (*draft.ttl_seconds >= span.least && *draft.ttl_seconds <= span.most) return;
  faults.add("messageSendTtlSeconds", "Number must be between " + std::to_string(span.least) + " and " +
                                          std::to_string(span.most) + (span.may_be_month ? ", or -1" : "") + " for " +
                                          draft.category);
}

void check_head(TemplateFaults& faults, const TemplateDraft& draft) {
  if (!is_name(draft.name)) faults.add("name", "Expected 1 to 512 of a-z, 0-9 and _");
  if (!is_language(draft.language)) faults.add("language", "Expected a language code such as en or en_US");
  const bool known = draft.category == "MARKETING" || draft.category == "UTILITY" || draft.category == kAuthentication;
  if (!known) faults.add("category", "Expected 'MARKETING' | 'UTILITY' | 'AUTHENTICATION'");
  if (draft.parameter_format != "POSITIONAL" && draft.parameter_format != "NAMED")
    faults.add("parameterFormat", "Expected 'POSITIONAL' | 'NAMED'");
  if (known) check_ttl(faults, draft);
}

// The draft's components one by one; each complains below its own path.
class Components {
 public:
  Components(TemplateFaults& faults, const TemplateDraft& draft) : faults_(faults), draft_(draft) {}

  void check() {
    for (std::size_t at = 0; at < draft_.components.size(); ++at) {
      faults_.at("components." + std::to_string(at), [&] { check_one(draft_.components[at]); });
    }
    if (component_of(draft_.components, "BODY") == nullptr) faults_.add("components", "A BODY is required");
  }

 private:
  using Check = void (Components::*)(const Json&);
  struct Kind {
    std::string_view type;
    Check check;
  };
  // What is not named here is Meta's to judge (CAROUSEL, LIMITED_TIME_OFFER, CALL_PERMISSION_REQUEST …).
  static Check check_of(std::string_view type) {
    static constexpr std::array kKinds{Kind{"HEADER", &Components::header}, Kind{"BODY", &Components::body},
                                       Kind{"FOOTER", &Components::footer}, Kind{"BUTTONS", &Components::buttons}};
    const auto* found = std::ranges::find(kKinds, type, &Kind::type);
    return found == kKinds.end() ? nullptr : found->check;
  }

  void check_one(const Json& component) {
    const std::string type = text_or_empty(component, "type");
    if (type.empty()) return faults_.add("type", "Required");
    if (std::ranges::find(seen_, type) != seen_.end()) return faults_.add("type", "There is one " + type + " already");
    seen_.push_back(type);
    if (const auto check = check_of(type)) (this->*check)(component);
  }

  void header(const Json& component) {
    static constexpr std::array kMedia{"IMAGE", "VIDEO", "GIF", "DOCUMENT"};
    const std::string format = text_or_empty(component, "format");
    if (format == "LOCATION") return;
    if (format == "TEXT") return header_text(component);
    if (std::ranges::find(kMedia, format) == kMedia.end())
      return faults_.add("format", "Expected 'TEXT' | 'IMAGE' | 'VIDEO' | 'GIF' | 'DOCUMENT' | 'LOCATION'");
    const Json* example = find_object(component, "example");
    const Json* handles = example ? find_array(*example, "header_handle") : nullptr;
    if (example != nullptr && find_text(*example, kUploadMember)) {
      if (handles != nullptr) faults_.add("example.header_handle", "stands beside uploadId: one of them");
    } else if (handles == nullptr || handles->size() != 1 || !handles->front().is_string()) {
      faults_.add("example.header_handle", "Expected one sample file's handle, or uploadId beside it");
    }
  }

  void header_text(const Json& component) {
    const std::string text = text_or_empty(component, "text");
    faults_.check_length("text", text, kHeaderCharacters);
    const auto names = variables_of(text);
    if (names.size() > 1) faults_.add("text", "A header has one variable at most");
    faults_.check_variables("text", names, draft_.parameter_format);
    check_examples(component, {.positional = "header_text", .named = "header_text_named_params"}, names);
  }

  // Of AUTHENTICATION the words are Meta's own.
  void body(const Json& component) {
    if (draft_.category == kAuthentication) return;
    const std::string text = text_or_empty(component, "text");
    faults_.check_length("text", text, kBodyCharacters);
    const auto names = variables_of(text);
    const std::string_view bare = trimmed(text);
    if (bare.starts_with("{{") || bare.ends_with("}}"))
      faults_.add("text", "A variable stands neither at the start nor at the end (2388299)");
    faults_.check_variables("text", names, draft_.parameter_format);
    check_examples(component, {.positional = "body_text", .named = "body_text_named_params"}, names);
  }

  void footer(const Json& component) {
    if (draft_.category == kAuthentication) return;
    const std::string text = text_or_empty(component, "text");
    faults_.check_length("text", text, kFooterCharacters);
    if (!variables_of(text).empty()) faults_.add("text", "A footer has no variables");
  }

  void buttons(const Json& component) {
    const Json* list = find_array(component, "buttons");
    if (list == nullptr || list->empty()) return faults_.add("buttons", "Expected 1 to 10 buttons");
    check_buttons(faults_, *list);
  }

  struct ExampleKeys {
    std::string_view positional;
    std::string_view named;
  };
  void check_examples(const Json& component, const ExampleKeys& keys, const std::vector<std::string>& names) {
    if (names.empty()) return;
    const bool named = draft_.parameter_format == "NAMED";
    const auto key = named ? keys.named : keys.positional;
    const Json* example = find_object(component, "example");
    const Json* given = example ? find_array(*example, key) : nullptr;
    // Of a body Meta takes a list of lists: one a sample.
    if (given != nullptr && !named && !given->empty() && given->front().is_array()) given = &given->front();
    const bool fits = given != nullptr && given->size() == names.size() &&
                      (!named || std::ranges::all_of(names, [given](const auto& name) {
                        return std::ranges::any_of(*given, [&name](const Json& one) {
                          return text_or_empty(one, "param_name") == name && !text_or_empty(one, "example").empty();
                        });
                      }));
    if (!fits)
      faults_.add("example." + std::string(key),
                  "Expected a sample of each of the " + std::to_string(names.size()) + " variable(s)");
  }

  TemplateFaults& faults_;
  const TemplateDraft& draft_;
  std::vector<std::string> seen_;
};

}  // namespace

std::vector<FieldError> draft_faults(const TemplateDraft& draft) {
  TemplateFaults faults;
  check_head(faults, draft);
  if (draft.components.is_array())
    Components(faults, draft).check();
  else
    faults.add("components", "Expected array");
  return std::move(faults).list();
}

std::optional<std::string> edit_refusal(std::string_view status) {
  if (status == "APPROVED" || status == "REJECTED" || status == "PAUSED") return std::nullopt;
  return "Meta edits templates that are APPROVED, REJECTED or PAUSED; this one is " + std::string(status);
}

}  // namespace waypost
