// The address book of the WhatsApp Business app, where a number is used there, too (coexistence). Pure; any thread.
// Source: Meta, smb_app_state_sync webhook; the facts' section 1.7.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "conversation/identity.h"

namespace waypost {

struct BookEntry {
  Sighting person{};
  std::optional<std::string> name{};  // nothing: it was removed
  Time at{};
};
// Those of value.state_sync that can be read; others say nothing.
std::vector<BookEntry> book_entries_of(const Json& value);

}  // namespace waypost
