// What the sweep asks: which conversations have work that is due, but for buried ones. One that failed is due when it
// is to be tried again, and left out when that is later than asked for (store/work_failures.h). Pages over the whole
// installation. Lane only.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql/connection.h"

namespace waypost::store {

struct DueConversation {
  TenantId tenant{};
  ConversationId conversation{};
  std::string stream = "reply";
  ChannelId channel{};  // of sends, else nil
  Time due_at{};
};

// Where the next page begins; the default is the first page. A first page of what is due from a time on begins with
// that time and no id.
struct DueCursor {
  std::int64_t due_at = -1;
  Uuid id{};
};

struct DuePage {
  std::vector<DueConversation> due{};
  std::optional<DueCursor> next{};  // nothing: that was the last page
};

// Outbound messages not final whose due time is at or before `until`.
DuePage due_sends(sql::Connection& connection, const DueCursor& from, Time until, std::size_t most);
// Conversations with triggers written at or before `until`.
DuePage due_triggers(sql::Connection& connection, const DueCursor& from, Time until, std::size_t most);
// Conversations with queued or running runs whose due time is at or before `until`.
DuePage due_runs(sql::Connection& connection, const DueCursor& from, Time until, std::size_t most);

// Conversations with pending media whose due time is at or before `until`.
DuePage due_media(sql::Connection& connection, const DueCursor& from, Time until, std::size_t most);

}  // namespace waypost::store
