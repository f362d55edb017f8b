// Jobs: what one node does for all that share the store, each job by a lease of its own. Which node does which is
// nobody's choice: whoever finds the lease free. A node that died is replaced within ttl + margin and a look.

#pragma once

#include <array>
#include <memory>
#include <string>

#include "bridge/stamper.h"
#include "config/settings.h"
#include "store/lease_keeper.h"

namespace waypost {

enum class Job {
  Stamping,      // numbers for events; not on SQLite, which needs none
  Sweep,         // due work is offered again, timers among it (law 4: within 5 s of Redis' return)
  Housekeeping,  // retention of the store's rows; nodes with a journal
  Templates,     // the daily sync
  Health,        // the looks at channels
  Broadcasts     // freezing and feeding
};

// Short for what others wait for at once, long for the rest.
store::LeaseTerms terms_of(Job job, sql::Engine engine);

class Jobs {
 public:
  // `holder` is this process's alone.
  Jobs(const store::LeaseKeeperParts& parts, const std::string& holder, const Roles& roles);

  // Any thread, once.
  void start();
  // Loop only. Gives the leases back.
  awaitable<void> stop();
  // Any thread.
  bool mine(Job job) const;

 private:
  static constexpr std::size_t kJobs = 6;
  std::array<std::unique_ptr<store::LeaseKeeper>, kJobs> keepers_;  // by Job; null: not this node's
  std::unique_ptr<bridge::Stamper> stamper_;
};

}  // namespace waypost
