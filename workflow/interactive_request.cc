#include "workflow/interactive_request.h"

#include <array>

#include "workflow/config_checks.h"
#include "workflow/config_schema.h"
#include "workflow/duration.h"
#include "workflow/sending.h"

namespace waypost::workflow {
namespace {

using schema_of::text;

// Each with an id, so that what the customer chose is known by the output's name.
Json with_ids(const Json& choices) {
  Json made = choices;
  if (!made.is_array()) return made;
  for (auto& choice : made) {
    if (choice.is_object() && text_or_empty(choice, "id").empty() && !text_or_empty(choice, "title").empty()) {
      choice["id"] = choice["title"];
    }
  }
  return made;
}

Json list_of(const Json& list) {
  Json made = list;
  if (find_array(made, "sections") == nullptr) return made;
  for (auto& section : made["sections"]) {
    if (section.is_object() && section.contains("rows")) section["rows"] = with_ids(section["rows"]);
  }
  return made;
}

// Named as the short form has it; what is no object is left for the rules to refuse.
Json link_of(const Json& url) {
  if (!url.is_object()) return url;
  Json link = Json::object();
  if (const Json* label = given(url, "text")) link["label"] = *label;
  if (const Json* address = given(url, "url")) link["link"] = *address;
  return link;
}

std::string path_in_config(const std::string& path) {
  if (path == "url.label") return "url.text";
  if (path == "url.link") return "url.url";
  return path;
}

Json choice_schema(std::string_view what, bool is_row) {
  schema_of::Members members{{"id", text("Id", "Names the output; the title, when none is given. No variables.")},
                             {"title", text("Title", is_row ? "At most 24 characters." : "At most 20 characters.")}};
  if (is_row) members.push_back({"description", text("Description", "At most 72 characters.")});
  return schema_of::object(what, "One thing to choose.", members, {"title"});
}

Json list_schema() {
  const auto section =
      schema_of::object("Section", "Some rows under a title.",
                        {{"title", text("Title", "Needed where there are several sections; at most 24 characters.")},
                         {"rows", schema_of::list("Rows", "At most 10 in all sections together.",
                                                  choice_schema("Row", true), {.least = 1, .most = 10})}},
                        {"rows"});
  return schema_of::object(
      "List", "Rows to choose from, behind a button.",
      {{"button", text("Button", "What opens the list; at most 20 characters.")},
       {"sections", schema_of::list("Sections", "The rows in groups.", section, {.least = 1, .most = 10})}},
      {"button", "sections"});
}

Json link_schema() {
  return schema_of::object("Link", "One button that opens an address; nothing is waited for.",
                           {{"text", text("Text", "Of the button; at most 20 characters.")},
                            {"url", text("Address", "May hold {{variables}}.")}},
                           {"text", "url"});
}

}  // namespace

Json interactive_request(const Json& config) {
  Json request{{"type", "interactive"}};
  for (const auto* key : {"body", "header", "footer"}) {
    if (const Json* value = given(config, key)) request[key] = *value;
  }
  if (const Json* buttons = given(config, "buttons")) request["buttons"] = with_ids(*buttons);
  if (const Json* list = given(config, "list")) request["list"] = list_of(*list);
  if (const Json* url = given(config, "url")) request["url"] = link_of(*url);
  return request;
}

std::vector<FieldError> interactive_faults(const Json& config) {
  auto faults = content_faults(interactive_request(config));
  for (auto& fault : faults) fault.path = path_in_config(fault.path);
  return faults;
}

Json interactive_schema() {
  return schema_of::config(
      {{"header", text("Header", "Above the body: a text, or Meta's header of a picture, a video or a document.")},
       {"body", text("Body", "What is asked; may hold {{variables}}.")},
       {"footer", text("Footer", "Below the body; at most 60 characters.")},
       {"buttons", schema_of::list("Buttons", "Up to three; or a list, or a link.", choice_schema("Button", false),
                                   {.least = 1, .most = 3})},
       {"list", list_schema()},
       {"url", link_schema()},
       {"timeout", schema_of::duration("Time to answer", "How long it waits; 24 hours when none is given.")},
       {"wait", schema_of::with_default(
                    schema_of::flag("Wait", "Whether the run waits for the choice; a link never does."), true)},
       {"outsideWindow", policy_schema()}},
      {"body"});
}

}  // namespace waypost::workflow
