#include "conversation/template_rendering.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "base/text.h"
#include "conversation/template_text.h"

namespace waypost {
namespace {

const Json& none() {
  static const Json kNone = Json::array();
  return kNone;
}

// currency and date_time carry the text that is shown where Meta cannot localise it.
std::string value_of(const Json& parameter) {
  if (const auto text = find_text(parameter, "text")) return *text;
  const Json* legacy = find_object(parameter, text_or_empty(parameter, "type"));
  return legacy ? text_or_empty(*legacy, "fallback_value") : std::string();
}

const Json* positional(const Json& parameters, std::string_view name) {
  std::size_t place = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), place);
  const bool is_number = error == std::errc() && end == name.data() + name.size();
  return is_number && place >= 1 && place <= parameters.size() ? &parameters[place - 1] : nullptr;
}

const Json* named(const Json& parameters, std::string_view name) {
  const auto found = std::ranges::find_if(
      parameters, [name](const Json& each) { return text_or_empty(each, "parameter_name") == name; });
  return found == parameters.end() ? nullptr : &*found;
}

const Json& parameters_in(const Json* sent) {
  const Json* list = sent ? find_array(*sent, "parameters") : nullptr;
  return list ? *list : none();
}

// The component of a send, or null.
const Json* sent_of(const Json& content, std::string_view type) {
  const Json* components = find_array(content, "components");
  return components ? component_of(*components, type) : nullptr;
}

const Json* sent_button(const Json& content, std::size_t index) {
  const Json* components = find_array(content, "components");
  if (components == nullptr) return nullptr;
  const auto found = std::ranges::find_if(*components, [index](const Json& each) {
    return lower_ascii(text_or_empty(each, "type")) == "button" &&
           find_integer(each, "index") == static_cast<std::int64_t>(index);
  });
  return found == components->end() ? nullptr : &*found;
}

Json header_of(const TemplateShape& shape, const Json& content) {
  const Json* header = component_of(shape.components, "HEADER");
  if (header == nullptr) return Json();
  const std::string format = find_text(*header, "format").value_or("TEXT");
  const Json& parameters = parameters_in(sent_of(content, "header"));
  if (format == "TEXT")
    return {{"format", format},
            {"text", filled_text(text_or_empty(*header, "text"), shape.parameter_format, parameters)}};
  const Json* part = parameters.empty() ? nullptr : find_object(parameters.front(), lower_ascii(format));
  return {{"format", format}, {lower_ascii(format), part ? *part : Json()}};
}

Json button_of(const Json& button, const Json& content, std::size_t index) {
  const std::string type = text_or_empty(button, "type");
  Json shown{{"type", type}, {"text", text_or_empty(button, "text")}};
  const Json& parameters = parameters_in(sent_button(content, index));
  if (const auto url = find_text(button, "url")) shown["url"] = filled_text(*url, "POSITIONAL", parameters);
  if (const auto phone = find_text(button, "phone_number")) shown["phoneNumber"] = *phone;
  if (type == "COPY_CODE" && !parameters.empty()) shown["code"] = text_or_empty(parameters.front(), "coupon_code");
  return shown;
}

Json text_of(const Json& components, std::string_view type) {
  const Json* component = component_of(components, type);
  const auto text = component ? find_text(*component, "text") : std::nullopt;
  return text ? Json(*text) : Json();
}

}  // namespace

std::string filled_text(std::string_view text, std::string_view parameter_format, const Json& parameters) {
  std::string filled;
  for (auto begin = text.find("{{"); begin != std::string_view::npos; begin = text.find("{{")) {
    const auto end = text.find("}}", begin);
    if (end == std::string_view::npos) break;
    const auto name = trimmed(text.substr(begin + 2, end - begin - 2));
    const Json* given = parameter_format == "NAMED" ? named(parameters, name) : positional(parameters, name);
    filled += text.substr(0, begin);
    filled += given ? value_of(*given) : std::string(text.substr(begin, end + 2 - begin));
    text.remove_prefix(end + 2);
  }
  return filled + std::string(text);
}

Json rendered_template(const TemplateShape& shape, const Json& content) {
  const Json* body = component_of(shape.components, "BODY");
  Json shown{{"header", header_of(shape, content)},
             {"body", filled_text(body ? text_or_empty(*body, "text") : "", shape.parameter_format,
                                  parameters_in(sent_of(content, "body")))},
             {"footer", text_of(shape.components, "FOOTER")},
             {"buttons", Json::array()}};
  const Json* component = component_of(shape.components, "BUTTONS");
  const Json* buttons = component ? find_array(*component, "buttons") : nullptr;
  for (std::size_t at = 0; buttons != nullptr && at < buttons->size(); ++at)
    shown["buttons"].push_back(button_of((*buttons)[at], content, at));
  return shown;
}

}  // namespace waypost
