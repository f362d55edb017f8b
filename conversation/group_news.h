// News of groups: made, renamed, suspended, deleted; who came and who left. Pure; any thread.
// Source: Meta, group webhooks; the facts' section 1.7. Meta spells fields and types in two ways: both are read.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "conversation/identity.h"

namespace waypost {

// Nothing in a part: the news does not speak of it.
struct GroupNews {
  std::string group_id{};
  Time at{};
  std::optional<std::string> state{};  // active, suspended, deleted
  std::optional<std::string> subject{};
  std::optional<std::string> description{};
  std::optional<std::string> invite_link{};
  std::vector<Sighting> added{};
  std::vector<Sighting> removed{};
};

bool is_of_groups(std::string_view field);
// Of value.groups: what was done. Attempts that failed say nothing.
std::vector<GroupNews> group_news_of(const Json& value);

}  // namespace waypost
