#include "conversation/message_via.h"

#include <algorithm>
#include <array>
#include <utility>

namespace waypost {
namespace {

struct Row {
  MessageVia via;
  std::string_view name;
  bool opens_window;
  bool starts_runs;
  std::string_view event;
};
constexpr std::array<Row, 4> kRows{{{MessageVia::Own, "own", true, true, ""},
                                    {MessageVia::Echo, "echo", false, false, "message.echoed"},
                                    {MessageVia::History, "history", false, false, "message.imported"},
                                    {MessageVia::Standby, "standby", true, false, "message.standby"}}};

const Row& row_of(MessageVia via) {
  const auto* row = std::ranges::find(kRows, via, &Row::via);
  if (row == kRows.end()) std::unreachable();
  return *row;
}

}  // namespace

std::string_view name_of(MessageVia via) { return row_of(via).name; }

std::optional<MessageVia> message_via(std::string_view name) {
  const auto* row = std::ranges::find(kRows, name, &Row::name);
  return row == kRows.end() ? std::nullopt : std::optional(row->via);
}

bool opens_window(MessageVia via) { return row_of(via).opens_window; }
bool starts_runs(MessageVia via) { return row_of(via).starts_runs; }
std::string_view arrival_event(MessageVia via) { return row_of(via).event; }

}  // namespace waypost
