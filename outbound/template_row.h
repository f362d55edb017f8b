// A template as Meta's list names it, read into a row. Pure; any thread.

#pragma once

#include <optional>

#include "base/json.h"
#include "store/channels.h"
#include "store/templates.h"

namespace waypost {

// Nothing without name, language and status. `listed_at` becomes synced_at; id and the other times are the store's.
std::optional<store::Template> template_row(const store::Channel& channel, const Json& listed, Time listed_at);

}  // namespace waypost
