// Mailbox: the jobs that wait for a lane, urgent ones and bulk. Bounded. Any thread puts; one lane takes from a mailbox
// of writes, several from one of reads.

#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "sql/database.h"

namespace waypost::sql {

// What a lane takes at a time: urgent jobs first, in their order, then bulk ones, in theirs.
struct Batch {
  std::vector<Job> jobs;
  std::size_t urgent = 0;
};

class Mailbox {
 public:
  explicit Mailbox(std::size_t most_jobs) : most_jobs_(most_jobs) {}

  // Gives the job back when the mailbox is full or closed.
  std::optional<Job> put(Urgency urgency, Job job);
  // Waits for jobs. Up to `most` of them; one in eight places is kept for bulk, so that it is never starved. Empty only
  // when the mailbox is closed and nothing is left.
  Batch take(std::size_t most);
  // Puts the jobs of a batch behind the first `ran`, which are bulk, back to where they were.
  void give_back(Batch batch, std::size_t ran);
  // Lets nothing more in; what waits is still handed out.
  void close();

 private:
  std::size_t waiting() const { return urgent_.size() + bulk_.size(); }

  const std::size_t most_jobs_;
  std::mutex mutex_;
  // Under the mutex.
  std::condition_variable come_;
  std::deque<Job> urgent_;
  std::deque<Job> bulk_;
  bool closed_ = false;
  std::size_t sleepers_ = 0;
};

}  // namespace waypost::sql
