// button and list: what the customer chooses from.

#include <set>

#include "conversation/interactive_rules.h"

namespace waypost {
namespace {

constexpr std::size_t kButtons = 3;
constexpr std::size_t kSections = 10;
constexpr std::size_t kRows = 10;  // of all sections together
constexpr std::size_t kTitleCharacters = 24;

void once(std::set<std::string>& seen, const Part& part, std::string_view key, const std::optional<std::string>& text) {
  if (text && !seen.insert(*text).second) part.complain(key, "is there twice: each must be another");
}

std::size_t check_rows(const Part& section, std::set<std::string>& ids) {
  const auto rows = section.list("rows");
  for (const auto& row : rows) {
    once(ids, row, "id", row.text("id", {.most = 200}));
    row.text("title", {.most = kTitleCharacters});
    row.maybe_text("description", {.least = 0, .most = 72});
  }
  return rows.size();
}

}  // namespace

void check_reply_buttons(const Part& action) {
  std::set<std::string> ids;
  std::set<std::string> titles;
  for (const auto& button : action.list("buttons", {.most = kButtons})) {
    button.word("type", {"reply"});
    const auto reply = button.object("reply");
    if (!reply) continue;
    once(ids, *reply, "id", reply->text("id", {.most = 256}));
    once(titles, *reply, "title", reply->text("title", {.most = kButtonCharacters}));
  }
}

void check_list(const Part& action) {
  action.text("button", {.most = kButtonCharacters});
  const auto sections = action.list("sections", {.most = kSections});
  std::set<std::string> ids;
  std::size_t rows = 0;
  for (const auto& section : sections) {
    // Of several each needs its title.
    if (sections.size() > 1) section.text("title", {.most = kTitleCharacters});
    if (sections.size() == 1) section.maybe_text("title", {.least = 0, .most = kTitleCharacters});
    rows += check_rows(section, ids);
  }
  if (rows > kRows)
    action.complain("sections", "at most " + std::to_string(kRows) + " rows in all, has " + std::to_string(rows));
}

}  // namespace waypost
