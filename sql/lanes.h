// Lanes: one mailbox and the lanes that take from it. One lane keeps the order of what it is given; several share the
// work. Any thread submits; made and destroyed by whoever owns the Database.

#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "sql/lane.h"
#include "sql/mailbox.h"

namespace waypost::sql {

class Lanes {
 public:
  explicit Lanes(std::size_t most_waiting) : mailbox_(most_waiting) {}
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;
  // Runs what waits, then joins.
  ~Lanes() { mailbox_.close(); }

  // Starts a lane. Before the first submit().
  void add(LaneSettings settings, std::unique_ptr<Session> session) {
    lanes_.push_back(std::make_unique<Lane>(std::move(settings), std::move(session), mailbox_));
  }
  // Answers Unavailable ("store_busy") at once when too much waits already.
  void submit(Urgency urgency, Job job) {
    auto refused = mailbox_.put(urgency, std::move(job));
    if (!refused) return;
    refused->done(Error(ErrorKind::Unavailable, "the store has more to do than it can take").with_code("store_busy"));
  }
  void close() { mailbox_.close(); }

 private:
  Mailbox mailbox_;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace waypost::sql
