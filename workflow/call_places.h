// CallPlaces: how many calls to outside are out, of all and of one workspace, and who comes next for a place. Loop
// only.
//
// The last quarter of the places is for workspaces that have few calls out, so that some with slow servers never keep
// all others waiting (law 6).

#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "base/id.h"

namespace waypost::workflow {

struct InLine {
  TenantId tenant{};
  ConversationId conversation{};
};

class CallPlaces {
 public:
  CallPlaces(std::size_t most, std::size_t most_of_one) : most_(most), most_of_one_(most_of_one) {}

  // False: there is none; nothing is taken then.
  bool take(TenantId tenant);
  void give_back(TenantId tenant);
  // None is to be had any more.
  void close() { most_ = 0; }
  [[nodiscard]] std::size_t taken() const { return taken_; }

  // The conversation's run was refused a place, and waits for one. Each stands in line once.
  void line_up(const InLine& who);
  // Who is to come for a place now, workspaces in turn; leaves the line. Nothing: nobody who could have one. A hint:
  // the place is not kept for him, and whoever does not come is in nobody's way.
  std::optional<InLine> next();

 private:
  [[nodiscard]] bool has_room(TenantId tenant) const;

  std::size_t most_;
  std::size_t most_of_one_;
  std::size_t taken_ = 0;
  std::unordered_map<TenantId, std::size_t> of_;
  std::map<TenantId, std::deque<ConversationId>> lines_;
  std::unordered_set<ConversationId> in_line_;
  TenantId last_{};  // whose turn it was
};

}  // namespace waypost::workflow
