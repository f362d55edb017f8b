// LaneGate: what the units of one lane know of each other. Of those of one batch a later one runs although one before
// it failed, and only the batch's end tells the stream; a number's updates must not overtake one another meanwhile.
// The units of a number come to the lane in their order. Lane's thread only.

#pragma once

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "webhook/apply_task.h"

namespace waypost {

class LaneGate {
 public:
  // False: an update of one of its numbers must come first, and failed.
  bool lets_in(const ApplyGroup& group) {
    if (failed_.empty()) return true;
    std::set<std::string_view> seen;
    for (const auto& task : group) {
      if (!seen.insert(number_of(*task)).second) continue;  // behind one of its own unit
      const auto before = failed_.find(number_of(*task));
      if (before != failed_.end() && before->second < task->order) return false;
    }
    // What failed is tried again, or something before it.
    for (const auto& task : group) failed_.erase(number_of(*task));
    return true;
  }
  void failed(const ApplyGroup& group) {
    for (const auto& task : group) {
      const auto [first, is_new] = failed_.try_emplace(number_of(*task), task->order);
      if (!is_new) first->second = std::min(first->second, task->order);
    }
  }

 private:
  static const std::string& number_of(const ApplyTask& task) { return origin_of(task).phone_number_id; }

  std::unordered_map<std::string, std::size_t> failed_;  // the order of the first, by number
};

}  // namespace waypost
