// Mailbox: the jobs that wait for a lane, urgent ones and bulk; of both, owners take turns (LaneKey). An owner who had
// little of the lane lately is light: its urgent jobs come before all others, and the lane ends its batch for them, so
// that they wait for hardly more than a commit. Bounded. Any thread puts; one lane takes from a mailbox of writes,
// several from one of reads.

#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/turns.h"
#include "sql/database.h"

namespace waypost::sql {

// What a lane takes at a time: those of light owners, other urgent jobs, bulk ones.
struct Batch {
  std::vector<Job> jobs{};
  std::size_t light = 0;
  std::size_t urgent = 0;  // with the light ones
  // Batches in a row, before this one, that had no time for who is not light, and for bulk.
  struct PassedOver {
    std::size_t others = 0;
    std::size_t bulk = 0;
  } passed_over{};
};

class Mailbox {
 public:
  explicit Mailbox(std::size_t most_jobs) : most_jobs_(most_jobs) {}

  // Gives the job back when the mailbox is full or closed.
  std::optional<Job> put(Urgency urgency, Job job);
  // Waits for jobs. Up to `most` of them; behind light ones come one urgent job of each other owner and no bulk. One in
  // eight places is kept for bulk. After seven batches in a row that had no time for bulk comes one of bulk alone, and
  // after seven that had none for who is not light one without the light ones: nobody is starved. Empty only when the
  // mailbox is closed and nothing is left.
  Batch take(std::size_t most);
  // Any thread: whether a light owner's job waits.
  bool is_light_waiting() const { return light_waits_.load(std::memory_order_relaxed); }
  // Puts the jobs of a batch behind the first `ran` back to where they were.
  void give_back(Batch batch, std::size_t ran);
  // How many jobs wait.
  std::size_t waiting() {
    const std::scoped_lock lock(mutex_);
    return size();
  }
  // Lets nothing more in; what waits is still handed out.
  void close();

 private:
  using Waiting = Turns<std::uint64_t, Job>;

  std::size_t size() const { return light_.size() + urgent_.size() + bulk_.size(); }
  Waiting& place_of(Urgency urgency, std::uint64_t owner);
  Waiting* where_waits(std::uint64_t owner);
  void move_jobs(Waiting& from, std::size_t count, std::vector<Job>& to);
  void count(std::uint64_t owner, std::size_t at_least);

  const std::size_t most_jobs_;
  std::mutex mutex_;
  // Under the mutex. An owner's urgent jobs wait in one place, so that they keep their order.
  std::condition_variable come_;
  Waiting light_;
  Waiting urgent_;
  Waiting bulk_;
  std::unordered_map<std::uint64_t, std::size_t> had_;  // jobs of an owner lately
  std::size_t counted_ = 0;                             // until what they had counts half
  Batch::PassedOver passed_over_{};
  bool closed_ = false;
  std::size_t sleepers_ = 0;
  std::atomic<bool> light_waits_ = false;
};

}  // namespace waypost::sql
