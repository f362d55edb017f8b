// Account news: what Meta tells of accounts, numbers, templates and people's wishes, beside messages and statuses. One
// table of fields says what each becomes in the feed; what of it is kept as state is read here. Pure; any thread.
// Source: Meta, webhooks reference; the facts' section 1.7. Every word is open: one that is not known changes no state.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "conversation/identity.h"

namespace waypost {

inline constexpr std::string_view kUnhandled = "webhook.unhandled";

struct NewsKind {
  std::string_view event = kUnhandled;  // its type in the feed
  bool is_alarming = false;             // a person should look: it goes to the log as well
};
// Of a change's field, and what of its value is neither message nor status.
NewsKind kind_of_news(std::string_view field, const Json& value);

// Whose news it is: Meta's partner events stand under the partner's portfolio and name the account within.
std::string account_of_news(std::string_view entry_id, const Json& value);

// What a template is now. Nothing in a part: the news does not speak of it.
struct TemplateNews {
  std::string name{};
  std::string language{};
  std::optional<std::string> status{};  // as Meta lists it: APPROVED, PAUSED …
  std::optional<std::string> category{};
  std::optional<std::string> quality{};
  std::optional<std::string> rejected_reason{};  // "": there is none
};
std::optional<TemplateNews> template_news_of(std::string_view field, const Json& value);

// What is kept of an account or a number as Meta last said it, by a key of ours ("quality", "restriction" …).
struct StandingNews {
  std::string_view key{};
  // Of which of the account's numbers; neither: of all.
  std::optional<std::string> display_digits{};
  std::optional<std::string> phone_number_id{};
};
// Nothing also for news of a number that does not name it.
std::optional<StandingNews> standing_news_of(std::string_view field, const Json& value);

// Somebody wants marketing messages no longer, or again.
struct MarketingWish {
  Sighting person{};
  bool stops = false;
  Time at{};
};
std::vector<MarketingWish> marketing_wishes_of(std::string_view field, const Json& value);

// user_id_update: people with other ids from now on.
std::vector<IdentityChange> identity_news_of(std::string_view field, const Json& value);

}  // namespace waypost
