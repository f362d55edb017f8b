#include "sandbox/interactive_rules.h"

#include <set>
#include <string>
#include <string_view>

#include "base/text.h"

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

Judged<void> check_frame(const Json& content, std::size_t body_characters) {
  if (!find_object(content, "body")) return refuse(131008, "interactive.body is required");
  if (auto body = check_part(content, "body", {"Body text", body_characters}); !body) return body;
  if (auto footer = check_part(content, "footer", {"Footer text", 60}); !footer) return footer;
  const auto* header = find_object(content, "header");
  if (header && text_or_empty(*header, "type") == "text") {
    return check_length(text_or_empty(*header, "text"), {"Header text", 60});
  }
  return {};
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

Judged<void> check_link(const Json& action) {
  const auto* parameters = find_object(action, "parameters");
  if (!parameters || text_or_empty(*parameters, "url").empty()) return refuse(131008, "cta_url needs parameters.url");
  return check_length(text_or_empty(*parameters, "display_text"), {"display_text", 20});
}

}  // namespace

Judged<void> check_interactive(const Json& content) {
  const auto type = text_or_empty(content, "type");
  if (type.empty()) return refuse(131008, "interactive.type is required");
  if (auto frame = check_frame(content, type == "list" ? 4096 : 1024); !frame) return frame;
  const auto* action = find_object(content, "action");
  if (!action) return refuse(131008, "interactive.action is required");
  if (type == "button") return check_buttons(*action);
  if (type == "list") return check_list(*action);
  if (type == "cta_url") return check_link(*action);
  return {};
}

}  // namespace waypost::sandbox
