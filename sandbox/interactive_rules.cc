#include "sandbox/interactive_rules.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>

#include "base/text.h"
#include "sandbox/commerce_rules.h"

namespace waypost::sandbox {
namespace {

struct Limit {
  std::string_view what;
  std::size_t longest = 0;
};

Judged<void> check_length(const std::string& text, Limit limit) {
  const auto characters = count_characters(text);
  if (characters >= 1 && characters <= limit.longest) return {};
  return refuse(
      131009, std::string(limit.what) + " length invalid. Min length: 1, Max length: " + std::to_string(limit.longest));
}

Judged<void> check_part(const Json& content, std::string_view part, Limit limit) {
  const auto* found = find_object(content, part);
  if (!found) return {};
  return check_length(text_or_empty(*found, "text"), limit);
}

Judged<void> check_button(const Json& button, std::set<std::string>& titles) {
  const auto* reply = find_object(button, "reply");
  if (!reply) return refuse(131008, "Button needs reply");
  const auto title = text_or_empty(*reply, "title");
  if (auto fits = check_length(title, {"Button title", 20}); !fits) return fits;
  if (auto fits = check_length(text_or_empty(*reply, "id"), {"Button id", 256}); !fits) return fits;
  if (!titles.insert(title).second) return refuse(131009, "Button titles must be unique");
  return {};
}

Judged<void> check_buttons(const Json& action) {
  const auto* buttons = find_array(action, "buttons");
  if (!buttons || buttons->empty()) return refuse(131008, "interactive.action.buttons is required");
  if (buttons->size() > 3)
    return refuse(131009, "Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3");
  std::set<std::string> titles;
  for (const auto& button : *buttons) {
    if (auto checked = check_button(button, titles); !checked) return checked;
  }
  return {};
}

Judged<void> check_row(const Json& row) {
  if (auto fits = check_length(text_or_empty(row, "id"), {"Row id", 200}); !fits) return fits;
  if (auto fits = check_length(text_or_empty(row, "title"), {"Row title", 24}); !fits) return fits;
  const auto description = text_or_empty(row, "description");
  return description.empty() ? Judged<void>() : check_length(description, {"Row description", 72});
}

Judged<std::size_t> check_section(const Json& section) {
  const auto* rows = find_array(section, "rows");
  if (!rows || rows->empty()) return refuse(131008, "Section needs rows");
  for (const auto& row : *rows) {
    if (auto checked = check_row(row); !checked) return std::unexpected(checked.error());
  }
  return rows->size();
}

Judged<void> check_list(const Json& action) {
  if (auto fits = check_length(text_or_empty(action, "button"), {"List button", 20}); !fits) return fits;
  const auto* sections = find_array(action, "sections");
  if (!sections || sections->empty()) return refuse(131008, "interactive.action.sections is required");
  if (sections->size() > 10) return refuse(131009, "Sections: at most 10");
  std::size_t rows = 0;
  for (const auto& section : *sections) {
    const auto counted = check_section(section);
    if (!counted) return std::unexpected(counted.error());
    rows += *counted;
  }
  if (rows > 10) return refuse(131009, "Total row count exceed max allowed count: 10");
  return {};
}

Judged<void> check_flow(const Json& action) {
  if (auto named = check_name(action, "flow"); !named) return named;
  const auto* parameters = find_object(action, "parameters");
  if (!parameters) return refuse(131008, "interactive.action.parameters is required");
  if (text_or_empty(*parameters, "flow_message_version") != "3")
    return refuse(131009, "flow_message_version must be 3");
  const bool by_id = !text_or_empty(*parameters, "flow_id").empty();
  const bool by_name = !text_or_empty(*parameters, "flow_name").empty();
  if (!by_id && !by_name) return refuse(131008, "flow needs flow_id or flow_name");
  if (by_id && by_name) return refuse(131009, "flow takes flow_id or flow_name, not both");
  if (text_or_empty(*parameters, "flow_cta").empty()) return refuse(131008, "flow needs flow_cta");
  return {};
}

Judged<void> check_call_button(const Json& action) {
  if (auto named = check_name(action, "voice_call"); !named) return named;
  const auto* parameters = find_object(action, "parameters");
  if (!parameters || !parameters->contains("display_text")) return {};
  return check_text_at(*parameters, "display_text", 20);
}

Judged<void> check_address(const Json& action) {
  if (auto named = check_name(action, "address_message"); !named) return named;
  const auto* parameters = find_object(action, "parameters");
  if (!parameters || text_or_empty(*parameters, "country").empty())
    return refuse(131008, "address_message needs country");
  return {};
}

Judged<void> check_send_location(const Json& action) { return check_name(action, "send_location"); }
Judged<void> check_call_permission(const Json& action) { return check_name(action, "call_permission_request"); }
Judged<void> check_contact_request(const Json& action) { return check_name(action, "request_contact_info"); }

struct Form {
  std::string_view type{};
  Judged<void> (*check_action)(const Json&) = nullptr;
  std::size_t body_characters = 1024;
  bool needs_body = true;
  std::string_view header = "any";  // "text", "" none
};
constexpr auto kForms = std::to_array<Form>({{"button", check_buttons},
                                             {"list", check_list, 4096, true, "text"},
                                             {"cta_url", check_link},
                                             {"location_request_message", check_send_location},
                                             {"flow", check_flow},
                                             {"product", check_product, 1024, false, ""},
                                             {"product_list", check_product_list, 1024, true, "text"},
                                             {"catalog_message", check_catalog},
                                             {"carousel", check_carousel, 1024, true, ""},
                                             {"address_message", check_address},
                                             {"voice_call", check_call_button},
                                             {"call_permission_request", check_call_permission, 1024, false},
                                             {"request_contact_info", check_contact_request},
                                             {"order_details", check_order_details},
                                             {"order_status", check_order_status}});

Judged<void> check_header(const Json& header, std::string_view allowed) {
  const auto type = text_or_empty(header, "type");
  if (type == "text" && !allowed.empty()) return check_text_at(header, "text", 60);
  const bool is_media = type == "image" || type == "video" || type == "document";
  if (!is_media || allowed != "any") return refuse(131009, "Header type is not allowed here");
  const auto* media = find_object(header, type);
  if (!media) return refuse(131008, "Header needs " + type);
  return check_source(*media, "Header");
}

Judged<void> check_frame(const Json& content, const Form& form) {
  if (form.needs_body && !find_object(content, "body")) return refuse(131008, "interactive.body is required");
  if (auto body = check_part(content, "body", {"Body text", form.body_characters}); !body) return body;
  if (auto footer = check_part(content, "footer", {"Footer text", 60}); !footer) return footer;
  const auto* header = find_object(content, "header");
  if (header) return check_header(*header, form.header);
  if (form.type == "product_list") return refuse(131008, "interactive.header is required");
  return {};
}

}  // namespace

Judged<void> check_name(const Json& action, std::string_view name) {
  const auto given = text_or_empty(action, "name");
  if (given.empty()) return refuse(131008, "interactive.action.name is required");
  if (given != name) return refuse(131009, "interactive.action.name must be " + std::string(name));
  return {};
}

Judged<void> check_text_at(const Json& owner, std::string_view key, std::size_t longest) {
  const auto text = find_text(owner, key);
  if (!text) return refuse(131008, std::string(key) + " is required");
  return check_length(*text, {key, longest});
}

Judged<void> check_source(const Json& media, std::string_view what) {
  const bool by_id = !text_or_empty(media, "id").empty();
  const bool by_link = !text_or_empty(media, "link").empty();
  if (!by_id && !by_link) return refuse(131008, std::string(what) + " needs id or link");
  if (by_id && by_link) return refuse(131009, std::string(what) + " takes id or link, not both");
  return {};
}

Judged<void> check_link(const Json& action) {
  if (auto named = check_name(action, "cta_url"); !named) return named;
  const auto* parameters = find_object(action, "parameters");
  if (!parameters || text_or_empty(*parameters, "url").empty()) return refuse(131008, "cta_url needs parameters.url");
  return check_text_at(*parameters, "display_text", 20);
}

Judged<void> check_interactive(const Json& content) {
  const auto type = text_or_empty(content, "type");
  if (type.empty()) return refuse(131008, "interactive.type is required");
  const auto* form = std::ranges::find(kForms, type, &Form::type);
  if (form == kForms.end()) return refuse(100, "Param interactive['type'] is no such type: " + type);
  if (auto frame = check_frame(content, *form); !frame) return frame;
  const auto* action = find_object(content, "action");
  if (!action) return refuse(131008, "interactive.action is required");
  return form->check_action(*action);
}

}  // namespace waypost::sandbox
