// WorkKey: one conversation's work of one kind, as the rows name what a queue calls a key. Pure; any thread.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/id.h"

namespace waypost::store {

enum class WorkQueue { Runs, Sends };

constexpr std::string_view name_of(WorkQueue queue) { return queue == WorkQueue::Runs ? "runs" : "sends"; }
constexpr std::optional<WorkQueue> work_queue_named(std::string_view name) {
  if (name == "runs") return WorkQueue::Runs;
  if (name == "sends") return WorkQueue::Sends;
  return std::nullopt;
}

struct WorkKey {
  TenantId tenant{};
  WorkQueue queue = WorkQueue::Runs;
  ConversationId conversation{};
  std::string stream = "reply";  // reply | bulk; of runs there is only one
  bool operator==(const WorkKey&) const = default;
};

}  // namespace waypost::store
