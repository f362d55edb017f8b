// WorkKey: one conversation's work of one kind, as the rows name what a queue calls a key. Pure; any thread.

#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/id.h"

namespace waypost::store {

enum class WorkQueue { Runs, Sends, Media };
inline constexpr std::array kWorkQueues{WorkQueue::Runs, WorkQueue::Sends, WorkQueue::Media};

constexpr std::string_view name_of(WorkQueue queue) {
  switch (queue) {
    case WorkQueue::Runs:
      return "runs";
    case WorkQueue::Sends:
      return "sends";
    case WorkQueue::Media:
      return "media";
  }
  std::unreachable();
}
constexpr std::optional<WorkQueue> work_queue_named(std::string_view name) {
  for (const auto queue : kWorkQueues) {
    if (name_of(queue) == name) return queue;
  }
  return std::nullopt;
}

struct WorkKey {
  TenantId tenant{};
  WorkQueue queue = WorkQueue::Runs;
  ConversationId conversation{};
  std::string stream = "reply";  // reply | bulk; of runs and media there is only one
  bool operator==(const WorkKey&) const = default;
};

}  // namespace waypost::store
