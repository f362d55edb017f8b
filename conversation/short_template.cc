// {"name", "language"} with
//   "parameters": ["a", "b"] in the order of {{1}}, {{2}}, or {"first_name": "Ann"} by name
//   "header": a text for its variable, or {"type": "image" | "video" | "document", "uploadId" | "link" | "mediaId",
//             "filename"?}, or
//             {"type": "location", "latitude", "longitude", "name", "address"}; or Meta's parameter
//   "buttons": [{"type": "url", "text"} | {"type": "quick_reply", "payload"} | {"type": "copy_code", "code"} | …],
//             each with the "index" of its button, else its place in the list
// or with Meta's "components" instead of the three.

#include <array>

#include "conversation/short_forms.h"

namespace waypost {
namespace {

struct ButtonWord {
  std::string_view sub_type{};
  std::string_view request{};  // the member that people write
  std::string_view parameter{};
  std::string_view member{};  // of Meta's parameter
};
constexpr std::array<ButtonWord, 4> kButtonWords{{{"quick_reply", "payload", "payload", "payload"},
                                                  {"url", "text", "text", "text"},
                                                  {"copy_code", "code", "coupon_code", "coupon_code"},
                                                  {"voice_call", "payload", "payload", "payload"}}};

bool is_value(const Json& json) { return json.is_string() || json.is_number(); }

Json text_parameter(const Json& value) {
  return {{"type", "text"}, {"text", value.is_string() ? value : Json(dump(value))}};
}

Json positional(const Part& request, const Json& given) {
  Json parameters = Json::array();
  for (std::size_t at = 0; at < given.size(); ++at) {
    const Json& one = given[at];
    if (is_value(one)) {
      parameters.push_back(text_parameter(one));
    } else if (one.is_object()) {
      parameters.push_back(one);
    } else {
      request.complain("parameters[" + std::to_string(at) + "]", "must be a text");
    }
  }
  return parameters;
}

Json named(const Part& request, const Json& given) {
  Json parameters = Json::array();
  for (const auto& [name, value] : given.items()) {
    if (!is_value(value)) request.complain("parameters." + name, "must be a text");
    Json parameter = is_value(value) ? text_parameter(value) : Json::object();
    parameter["parameter_name"] = name;
    parameters.push_back(std::move(parameter));
  }
  return parameters;
}

void add_body(MadeContent& made, const Part& request) {
  if (!request.has("parameters")) return;
  const Json& given = request.json()["parameters"];
  if (!given.is_array() && !given.is_object())
    return request.complain("parameters", "must be a list of texts, or an object of them by name");
  if (given.empty()) return;
  Json parameters = given.is_array() ? positional(request, given) : named(request, given);
  const auto place = std::to_string(made.content["components"].size());
  made.content["components"].push_back({{"type", "body"}, {"parameters", std::move(parameters)}});
  made.origins.push_back({.content = "components[" + place + "].parameters", .request = "parameters"});
}

// Meta's parameter, or our short one of media or a place.
Json header_parameter(const Json& header) {
  const auto type = text_or_empty(header, "type");
  if (type.empty() || type == "text" || header.contains(type)) return header;
  Json part = header;
  part.erase("type");
  if (part.contains("mediaId")) {
    part["id"] = part["mediaId"];
    part.erase("mediaId");
  }
  return {{"type", type}, {type, std::move(part)}};
}

void add_header(MadeContent& made, const Part& request) {
  if (!request.has("header")) return;
  const Json& header = request.json()["header"];
  if (!is_value(header) && !header.is_object()) return request.complain("header", "must be a text or an object");
  Json parameter = header.is_object() ? header_parameter(header) : text_parameter(header);
  const auto type = text_or_empty(parameter, "type");
  made.origins.push_back({.content = "components[0].parameters[0]." + type, .request = "header"});
  made.origins.push_back({.content = "components[0].parameters[0]", .request = "header"});
  made.content["components"].push_back({{"type", "header"}, {"parameters", Json::array({std::move(parameter)})}});
}

Json button_component(const Part& button, std::size_t place) {
  const auto type = button.text("type").value_or("");
  Json component{{"type", "button"}, {"sub_type", type}, {"index", std::to_string(place)}};
  if (button.has("index")) component["index"] = button.json()["index"];
  if (button.has("parameters")) component["parameters"] = button.json()["parameters"];
  for (const auto& word : kButtonWords) {
    if (word.sub_type != type || !button.has(word.request)) continue;
    Json parameter{{"type", word.parameter}};
    parameter[std::string(word.member)] = button.json()[std::string(word.request)];
    component["parameters"] = Json::array({std::move(parameter)});
  }
  if (button.has("action")) {
    component["parameters"] = Json::array({{{"type", "action"}, {"action", button.json()["action"]}}});
  }
  return component;
}

void add_buttons(MadeContent& made, const Part& request) {
  std::size_t place = 0;
  for (const auto& button : request.maybe_list("buttons")) {
    const auto component = std::to_string(made.content["components"].size());
    made.origins.push_back(
        {.content = "components[" + component + "]", .request = "buttons[" + std::to_string(place) + "]"});
    made.content["components"].push_back(button_component(button, place));
    ++place;
  }
}

}  // namespace

MadeContent make_template(const Part& request) {
  MadeContent made;
  for (const std::string_view key : {"name", "language", "components"}) {
    if (request.has(key)) made.content[std::string(key)] = request.json()[std::string(key)];
  }
  if (request.has("components")) {
    for (const std::string_view key : {"parameters", "header", "buttons"})
      request.none(key, "stands beside components: either they or parameters, header and buttons");
    return made;
  }
  made.content["components"] = Json::array();
  add_header(made, request);
  add_body(made, request);
  add_buttons(made, request);
  if (made.content["components"].empty()) made.content.erase("components");
  return made;
}

}  // namespace waypost
