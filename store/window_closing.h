// Windows that end soon, in the store (conversation/window_closing.h). Lane only.

#pragma once

#include <cstddef>
#include <vector>

#include "base/clock.h"
#include "sql/connection.h"
#include "store/conversations.h"

namespace waypost::store {

// A conversation at which somebody is to look.
struct ClosingLook {
  TenantId tenant{};
  ConversationId conversation{};
  Time look_at{};
  std::optional<Time> expires_at{};
};
// Whose time has come, by that, at most so many. One look-up in an index of what is watched.
std::vector<ClosingLook> due_closing_looks(sql::Connection& connection, Time now, std::size_t most);

// Looks at them: tells window.closing where it is time (once a window, whoever else looks), and says when to look
// again. Returns how many were told.
std::size_t look_at_closing(sql::Connection& connection, const std::vector<ClosingLook>& looks, milliseconds notice,
                            Time now);

}  // namespace waypost::store
