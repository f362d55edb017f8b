#include "sql/mailbox.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace waypost::sql {
namespace {

void move_front(std::deque<Job>& from, std::size_t count, std::vector<Job>& to) {
  const auto end = from.begin() + static_cast<std::ptrdiff_t>(count);
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(end));
  from.erase(from.begin(), end);
}

}  // namespace

std::optional<Job> Mailbox::put(Urgency urgency, Job job) {
  const std::scoped_lock lock(mutex_);
  if (closed_ || waiting() >= most_jobs_) return job;
  (urgency == Urgency::Urgent ? urgent_ : bulk_).push_back(std::move(job));
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
  const std::size_t kept_for_bulk = std::min(bulk_.size(), most / 8);
  Batch batch;
  batch.urgent = std::min(urgent_.size(), most - kept_for_bulk);
  batch.jobs.reserve(std::min(waiting(), most));
  move_front(urgent_, batch.urgent, batch.jobs);
  move_front(bulk_, std::min(bulk_.size(), most - batch.urgent), batch.jobs);
  return batch;
}

void Mailbox::give_back(Batch batch, std::size_t ran) {
  const std::scoped_lock lock(mutex_);
  const auto rest = batch.jobs.begin() + static_cast<std::ptrdiff_t>(ran);
  bulk_.insert(bulk_.begin(), std::make_move_iterator(rest), std::make_move_iterator(batch.jobs.end()));
}

void Mailbox::close() {
  const std::scoped_lock lock(mutex_);
  closed_ = true;
  come_.notify_all();
}

}  // namespace waypost::sql
