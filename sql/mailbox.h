// Mailbox: the jobs that wait for a lane, urgent ones and bulk; of both, owners take turns (LaneKey). Bounded. Any
// thread puts; one lane takes from a mailbox of writes, several from one of reads.

#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "base/turns.h"
#include "sql/database.h"

namespace waypost::sql {

// What a lane takes at a time: urgent jobs first, then bulk ones.
struct Batch {
  std::vector<Job> jobs{};
  std::size_t urgent = 0;
  std::size_t passed_over = 0;  // batches in a row, before this one, that had no time for their bulk jobs
};

class Mailbox {
 public:
  explicit Mailbox(std::size_t most_jobs) : most_jobs_(most_jobs) {}

  // Gives the job back when the mailbox is full or closed.
  std::optional<Job> put(Urgency urgency, Job job);
  // Waits for jobs. Up to `most` of them; one in eight places is kept for bulk, and after seven batches in a row that
  // had no time for theirs comes one of bulk alone, so that it is never starved. Empty only when the mailbox is closed
  // and nothing is left.
  Batch take(std::size_t most);
  // Puts the jobs of a batch behind the first `ran` back to where they were.
  void give_back(Batch batch, std::size_t ran);
  // Lets nothing more in; what waits is still handed out.
  void close();

 private:
  using Waiting = Turns<std::uint64_t, Job>;

  std::size_t waiting() const { return urgent_.size() + bulk_.size(); }

  const std::size_t most_jobs_;
  std::mutex mutex_;
  // Under the mutex.
  std::condition_variable come_;
  Waiting urgent_;
  Waiting bulk_;
  std::size_t passed_over_ = 0;  // see Batch
  bool closed_ = false;
  std::size_t sleepers_ = 0;
};

}  // namespace waypost::sql
