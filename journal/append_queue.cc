#include "journal/append_queue.h"

#include <iterator>
#include <utility>

namespace waypost {

std::optional<Append> AppendQueue::put(Append append) {
  const std::size_t bytes = append.bytes();
  const std::scoped_lock lock(mutex_);
  if (closed_ || bytes_ + bytes > most_bytes_) return append;
  bytes_ += bytes;
  waiting_.push_back(std::move(append));
  if (std::exchange(lane_sleeps_, false)) come_.notify_one();
  return std::nullopt;
}

std::vector<Append> AppendQueue::take(std::size_t most_bytes) {
  std::unique_lock lock(mutex_);
  while (waiting_.empty() && !closed_) {
    lane_sleeps_ = true;
    come_.wait(lock);
  }
  if (bytes_ > most_bytes) return take_some(most_bytes);
  bytes_ = 0;
  return std::exchange(waiting_, {});
}

std::vector<Append> AppendQueue::take_some(std::size_t most_bytes) {
  std::size_t taken = 0;
  auto end = waiting_.begin();
  do {
    taken += (end++)->bytes();
  } while (end != waiting_.end() && taken + end->bytes() <= most_bytes);
  std::vector<Append> some(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
  waiting_.erase(waiting_.begin(), end);
  bytes_ -= taken;
  return some;
}

void AppendQueue::close() {
  const std::scoped_lock lock(mutex_);
  closed_ = true;
  come_.notify_all();
}

}  // namespace waypost
