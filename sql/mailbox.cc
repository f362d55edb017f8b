#include "sql/mailbox.h"

#include <algorithm>
#include <utility>

namespace waypost::sql {
namespace {

constexpr std::size_t kKeptForBulk = 8;  // one in so many

void move_jobs(Turns<std::uint64_t, Job>& from, std::size_t count, std::vector<Job>& to) {
  for (std::size_t moved = 0; moved < count; ++moved) to.push_back(from.take());
}

}  // namespace

std::optional<Job> Mailbox::put(Urgency urgency, Job job) {
  const std::scoped_lock lock(mutex_);
  if (closed_ || waiting() >= most_jobs_) return job;
  const auto owner = job.owner;
  (urgency == Urgency::Urgent ? urgent_ : bulk_).put(owner, std::move(job));
  if (sleepers_ > 0) come_.notify_one();
  return std::nullopt;
}

Batch Mailbox::take(std::size_t most) {
  std::unique_lock lock(mutex_);
  while (waiting() == 0 && !closed_) {
    ++sleepers_;
    come_.wait(lock);
    --sleepers_;
  }
  Batch batch{.passed_over = std::exchange(passed_over_, 0)};
  const bool only_bulk = batch.passed_over + 1 >= kKeptForBulk && !bulk_.empty();
  const std::size_t kept_for_bulk = std::min(bulk_.size(), most / kKeptForBulk);
  batch.urgent = only_bulk ? 0 : std::min(urgent_.size(), most - kept_for_bulk);
  batch.jobs.reserve(std::min(waiting(), most));
  move_jobs(urgent_, batch.urgent, batch.jobs);
  move_jobs(bulk_, std::min(bulk_.size(), most - batch.urgent), batch.jobs);
  return batch;
}

void Mailbox::give_back(Batch batch, std::size_t ran) {
  const std::scoped_lock lock(mutex_);
  const bool had_bulk = batch.urgent < batch.jobs.size();
  if (had_bulk && ran <= batch.urgent) passed_over_ = batch.passed_over + 1;
  while (batch.jobs.size() > ran) {
    Job& job = batch.jobs.back();
    Waiting& waiting = batch.jobs.size() > batch.urgent ? bulk_ : urgent_;
    const auto owner = job.owner;
    waiting.give_back(owner, std::move(job));
    batch.jobs.pop_back();
  }
}

void Mailbox::close() {
  const std::scoped_lock lock(mutex_);
  closed_ = true;
  come_.notify_all();
}

}  // namespace waypost::sql
