// {"body", "header"?, "footer"?} with one of
//   "buttons": ["Yes", "No"] or [{"id"?, "title"}]
//   "list": {"button", "rows": [text or {"id"?, "title", "description"?}]} or with "sections": [{"title"?, "rows"}]
//   "url": {"label", "link"}
// An id that is not given is made from the place: "button-1", "row-1".

#include <array>

#include "conversation/short_forms.h"

namespace waypost {
namespace {

// A title alone, or an object with one.
Json titled(const Json& given, std::string made_id) {
  Json made = given.is_object() ? given : Json{{"title", given}};
  if (!made.contains("id") || made["id"].is_null()) made["id"] = std::move(made_id);
  return made;
}

void add_frame(MadeContent& made, const Part& request) {
  for (const std::string_view key : {"body", "footer"}) {
    if (const auto text = request.maybe_text(key, {.least = 0})) made.content[std::string(key)] = {{"text", *text}};
    made.origins.push_back({.content = std::string(key) + ".text", .request = std::string(key)});
  }
  const Json* header = find(request.json(), "header");
  if (header == nullptr || header->is_null()) return;
  made.content["header"] = header->is_string() ? Json{{"type", "text"}, {"text", *header}} : *header;
  if (header->is_string()) made.origins.push_back({.content = "header.text", .request = "header"});
}

const Json* list_of(const Part& owner, std::string_view key) {
  const Json* list = find(owner.json(), key);
  if (list != nullptr && list->is_array()) return list;
  owner.complain(key, list == nullptr || list->is_null() ? "is missing" : "must be a list");
  return nullptr;
}

void add_buttons(MadeContent& made, const Part& request) {
  made.content["type"] = "button";
  made.origins.push_back({.content = "action.buttons", .request = "buttons"});
  Json buttons = Json::array();
  const Json* given = list_of(request, "buttons");
  for (const auto& one : given == nullptr ? Json::array() : *given) {
    const auto id = "button-" + std::to_string(buttons.size() + 1);
    buttons.push_back({{"type", "reply"}, {"reply", titled(one, id)}});
  }
  made.content["action"] = {{"buttons", std::move(buttons)}};
}

// `count` goes on over all sections.
Json rows_of(const Part& owner, std::size_t& count) {
  Json rows = Json::array();
  const Json* given = list_of(owner, "rows");
  for (const auto& one : given == nullptr ? Json::array() : *given) {
    rows.push_back(titled(one, "row-" + std::to_string(++count)));
  }
  return rows;
}

Json sections_of(const Part& list) {
  std::size_t count = 0;
  Json sections = Json::array();
  if (!list.has("sections")) {
    sections.push_back({{"rows", rows_of(list, count)}});
    return sections;
  }
  for (const auto& given : list.list("sections", {.least = 0})) {
    Json section = given.json();
    section["rows"] = rows_of(given, count);
    sections.push_back(std::move(section));
  }
  return sections;
}

void add_list(MadeContent& made, const Part& request) {
  made.content["type"] = "list";
  const auto list = request.maybe_object("list");
  if (!list) return;
  if (list->has("rows") && list->has("sections")) list->complain("sections", "stands beside rows: exactly one of them");
  if (!list->has("sections")) made.origins.push_back({.content = "action.sections[0].rows", .request = "list.rows"});
  made.origins.push_back({.content = "action", .request = "list"});
  made.content["action"] = {{"sections", sections_of(*list)}};
  if (list->has("button")) made.content["action"]["button"] = list->json()["button"];
}

void add_url(MadeContent& made, const Part& request) {
  made.content["type"] = "cta_url";
  const auto url = request.maybe_object("url");
  if (!url) return;
  Json parameters = Json::object();
  if (url->has("label")) parameters["display_text"] = url->json()["label"];
  if (url->has("link")) parameters["url"] = url->json()["link"];
  made.content["action"] = {{"name", "cta_url"}, {"parameters", std::move(parameters)}};
  made.origins.push_back({.content = "action.parameters.display_text", .request = "url.label"});
  made.origins.push_back({.content = "action.parameters.url", .request = "url.link"});
}

}  // namespace

MadeContent make_interactive(const Part& request) {
  MadeContent made;
  add_frame(made, request);
  const int chosen = request.has("buttons") + request.has("list") + request.has("url");
  if (chosen != 1) {
    request.complain("buttons",
                     chosen == 0 ? "is missing: either it or list or url" : "exactly one of buttons, list and url");
  } else if (request.has("buttons")) {
    add_buttons(made, request);
  } else if (request.has("list")) {
    add_list(made, request);
  } else {
    add_url(made, request);
  }
  return made;
}

}  // namespace waypost
