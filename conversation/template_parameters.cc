#include "conversation/template_parameters.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/text.h"
#include "conversation/template_faults.h"
#include "conversation/template_rendering.h"
#include "conversation/template_text.h"

namespace waypost {
namespace {

constexpr std::size_t kHeaderCharacters = 60;
constexpr std::size_t kCodeCharacters = 15;
constexpr std::array<std::string_view, 3> kTextKinds{"text", "currency", "date_time"};

const Json& list_in(const Json& json, std::string_view key) {
  static const Json kNone = Json::array();
  const Json* list = find_array(json, key);
  return list ? *list : kNone;
}

// 132018: what a text parameter must not hold.
std::optional<std::string> unfit(std::string_view text) {
  if (trimmed(text).empty()) return "Meta takes no empty parameter";
  if (text.find_first_of("\n\r\t") != std::string_view::npos || text.contains("     "))
    return "Meta takes no line breaks, tabs or more than four spaces in a row (132018)";
  return std::nullopt;
}

// One send's components against the template's.
class Check {
 public:
  Check(const TemplateShape& shape, const Json& content) : shape_(shape), sent_(list_in(content, "components")) {}

  std::vector<FieldError> faults() {
    for (std::size_t at = 0; at < sent_.size(); ++at)
      faults_.at("components." + std::to_string(at), [&] { look_at(sent_[at]); });
    check_missing();
    return std::move(faults_).list();
  }

 private:
  void look_at(const Json& sent) {
    const std::string type = lower_ascii(text_or_empty(sent, "type"));
    if (type == "header" || type == "body") {
      if (!seen_.insert(type).second) return faults_.add("type", "There is one " + type + " already");
      type == "header" ? header(sent) : texts(sent, {.type = "body", .most = kTemplateBodyCharacters});
    } else if (type == "button") {
      button(sent);
    } else if (type.empty()) {
      faults_.add("type", "Required");
    }
  }

  std::string text_of(std::string_view type) const {
    const Json* component = component_of(shape_.components, type);
    return component ? text_or_empty(*component, "text") : std::string();
  }
  std::string header_format() const {
    const Json* header = component_of(shape_.components, "HEADER");
    return header ? find_text(*header, "format").value_or("TEXT") : std::string();
  }

  // Texts of a header or a body ------------------------------------------------------------------------------------

  struct TextPart {
    std::string_view type;
    std::size_t most;
  };
  void texts(const Json& sent, const TextPart& part) {
    const auto& given = list_in(sent, "parameters");
    const std::string text = text_of(part.type);
    const auto names = variables_of(text);
    if (given.size() != names.size())
      return faults_.add("parameters", "The template's " + std::string(part.type) + " has " +
                                           std::to_string(names.size()) + " variable(s), and " +
                                           std::to_string(given.size()) + " are given (132000)");
    std::set<std::string> named;
    for (std::size_t at = 0; at < given.size(); ++at)
      faults_.at("parameters." + std::to_string(at), [&] { one_text(given[at], names, named); });
    const auto whole = filled_text(text, shape_.parameter_format, given);
    if (count_characters(whole) > part.most)
      faults_.add("parameters", "Filled in, the " + std::string(part.type) + " is longer than " +
                                    std::to_string(part.most) + " characters (132005)");
  }

  void one_text(const Json& parameter, const std::vector<std::string>& names, std::set<std::string>& named) {
    const std::string type = text_or_empty(parameter, "type");
    if (std::ranges::find(kTextKinds, type) == kTextKinds.end())
      return faults_.add("type", "Expected 'text' | 'currency' | 'date_time' (132012)");
    if (const auto why = type == "text" ? unfit(text_or_empty(parameter, "text")) : std::nullopt)
      faults_.add("text", *why);
    if (shape_.parameter_format != "NAMED") return;
    const std::string name = text_or_empty(parameter, "parameter_name");
    if (std::ranges::find(names, name) == names.end())
      faults_.add("parameter_name", "The template has no such variable (132012)");
    else if (!named.insert(name).second)
      faults_.add("parameter_name", "It is given twice (132012)");
  }

  // Headers of media and places ------------------------------------------------------------------------------------

  void header(const Json& sent) {
    const std::string format = lower_ascii(header_format());
    if (format.empty() || format == "text") return texts(sent, {.type = "header", .most = kHeaderCharacters});
    const auto& given = list_in(sent, "parameters");
    if (given.size() != 1) return faults_.add("parameters", "The template's header wants one " + format + " (132012)");
    faults_.at("parameters.0", [&] { media(given.front(), format); });
  }

  void media(const Json& parameter, const std::string& format) {
    if (lower_ascii(text_or_empty(parameter, "type")) != format)
      return faults_.add("type", "Expected '" + format + "' (132012)");
    const Json* part = find_object(parameter, format);
    const auto has = [part](const char* key) { return part != nullptr && part->contains(key); };
    if (format == "location") {
      if (!has("latitude") || !has("longitude")) faults_.add(format, "Expected latitude and longitude");
    } else if (!has("id") && !has("link") && !has("media_id") && !has("mediaId") && !has("uploadId")) {
      faults_.add(format, "Expected a file: its uploadId, its id or its link");
    }
  }

  // Buttons --------------------------------------------------------------------------------------------------------

  const Json& buttons() const {
    const Json* component = component_of(shape_.components, "BUTTONS");
    return component ? list_in(*component, "buttons") : list_in(Json(), "");
  }

  void button(const Json& sent) {
    const auto index = find_integer(sent, "index");
    if (!index || *index < 0 || static_cast<std::size_t>(*index) >= buttons().size())
      return faults_.add("index", "The template has " + std::to_string(buttons().size()) + " button(s) (132018)");
    if (!pressed_.insert(*index).second) return faults_.add("index", "There is one of this index already");
    const Json& button = buttons()[static_cast<std::size_t>(*index)];
    if (!wants_part(button)) return;
    const auto& given = list_in(sent, "parameters");
    if (given.size() != 1) return faults_.add("parameters", "The button wants one parameter (131008)");
    faults_.at("parameters.0", [&] { part(given.front(), button); });
  }

  void part(const Json& parameter, const Json& button) {
    const bool code = text_or_empty(button, "type") == "COPY_CODE";
    const std::string key = code ? "coupon_code" : "text";
    if (text_or_empty(parameter, "type") != key) return faults_.add("type", "Expected '" + key + "' (132012)");
    const std::string value = text_or_empty(parameter, key);
    if (const auto why = unfit(value)) return faults_.add(key, *why);
    if (code) faults_.check_length(key, value, kCodeCharacters);
  }

  static bool wants_part(const Json& button) {
    const std::string type = text_or_empty(button, "type");
    return type == "COPY_CODE" || !variables_of(text_or_empty(button, "url")).empty();
  }

  // What is not there at all ---------------------------------------------------------------------------------------

  void check_missing() {
    const std::string format = lower_ascii(header_format());
    const bool wants_header = format.empty() || format == "text" ? !variables_of(text_of("HEADER")).empty() : true;
    if (wants_header && !seen_.contains("header"))
      faults_.add("components", "A header with its parameter is required (132012)");
    const auto names = variables_of(text_of("BODY"));
    if (!names.empty() && !seen_.contains("body"))
      faults_.add("components", "A body with " + std::to_string(names.size()) + " parameter(s) is required (132000)");
    for (std::size_t at = 0; at < buttons().size(); ++at) {
      if (wants_part(buttons()[at]) && !pressed_.contains(static_cast<std::int64_t>(at)))
        faults_.add("components",
                    "A button of index " + std::to_string(at) + " with its parameter is required (131008)");
    }
  }

  const TemplateShape& shape_;
  const Json& sent_;
  TemplateFaults faults_;
  std::set<std::string> seen_;
  std::set<std::int64_t> pressed_;
};

}  // namespace

std::vector<FieldError> parameter_faults(const TemplateShape& shape, const Json& content) {
  const Json* components = find(content, "components");
  if (components != nullptr && !components->is_null() && !components->is_array())
    return {{"components", "Expected array"}};
  return Check(shape, content).faults();
}

}  // namespace waypost
