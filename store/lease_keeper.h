// LeaseKeeper: keeps one lease for one job of this process: takes it when it may, renews it, gives it back at the stop.
// What it tells by held() is for efficiency; a unit that must not run twice renews the lease inside (store/leases.h).

#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "net/asio.h"
#include "sql/database.h"
#include "store/lease_watch.h"

namespace waypost::store {

// All outlive the keeper or its stop().
struct LeaseKeeperParts {
  asio::any_io_executor loop;
  sql::Database& database;
  const Clock& clock;
};

struct LeaseKeeperSettings {
  std::string name{};    // of the lease
  std::string holder{};  // this process's alone
  LeaseTerms terms{};
};

class LeaseKeeper {
 public:
  LeaseKeeper(LeaseKeeperParts parts, LeaseKeeperSettings settings);
  LeaseKeeper(const LeaseKeeper&) = delete;
  LeaseKeeper& operator=(const LeaseKeeper&) = delete;
  ~LeaseKeeper();

  // Any thread, once. Tries at once, then for ever.
  void start();
  // Loop only. Returns when the lease is given back, or the store could not be told: then others wait for its end.
  awaitable<void> stop();
  // Any thread: this process has it now.
  bool held() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace waypost::store
