// RunStore: the store that run_bench measures in: a workspace with a published workflow of five steps and many
// conversations, the messages that start runs, and bare units of as many rows as a run writes. Main thread, but for
// write_bare(), which is a unit's part: lane only.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "sql/database.h"

namespace waypost::bench {

inline constexpr std::int64_t kStepsOfARun = 5;

// Prints the words and exits: a bench has nobody to tell.
[[noreturn]] void give_up(const std::string& words);

template <class T>
T must(Result<T> result) {
  if (!result) give_up(result.error().words());
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

struct Place {
  ContactId contact{};
  ConversationId conversation{};
};

struct BareUnit {
  Place place{};
  RunId run{};
  std::int64_t events = 0;       // a run, two updates and five steps are written beside them
  std::int64_t first_event = 0;  // its number
};

class RunStore {
 public:
  RunStore(const std::string& folder, std::size_t conversations);

  sql::Database& database() { return *database_; }
  TenantId tenant() const { return tenant_; }
  const Place& place(std::size_t number) const { return places_[number]; }

  // One for each of the first `count` conversations, with its trigger: what the applier leaves behind.
  void add_messages(std::size_t count);
  // With nothing read, decided or looked up. Of another workspace than the runs.
  void write_bare(sql::Connection& connection, const BareUnit& unit) const;
  // Rows changed so far.
  std::int64_t changes();
  // Runs that are completed, and the steps that they took.
  std::pair<std::int64_t, std::int64_t> completed();

 private:
  Result<void> make_workspace(sql::Connection& connection);
  Place make_place(sql::Connection& connection, std::size_t number) const;
  void make_places(std::size_t count);
  void add_message(sql::Connection& connection, const Place& place) const;

  template <class Unit>
  auto write(Unit unit) {
    return must(database_->write_and_wait(1, std::move(unit)));
  }

  const SystemClock clock_;
  std::unique_ptr<sql::Database> database_;
  TenantId tenant_{};
  ChannelId channel_{};
  std::vector<Place> places_;
  const TenantId nobody_;      // whose the bare rows are
  const std::string payload_;  // as long as an event of a run
};

}  // namespace waypost::bench
