#include "journal/end_mark.h"

#include <utility>

namespace waypost {

void EndMark::advance(JournalPosition end) {
  const std::scoped_lock lock(mutex_);
  end_.store(end, std::memory_order_release);
  if (waiting_ > 0) moved_.notify_all();
}

void EndMark::wait_behind(JournalPosition position, std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  if (std::exchange(woken_early_, false)) return;
  const auto wakes = wakes_;
  ++waiting_;
  moved_.wait_for(lock, limit, [&] { return get() > position || wakes_ != wakes; });
  --waiting_;
}

void EndMark::wake() {
  const std::scoped_lock lock(mutex_);
  ++wakes_;
  if (waiting_ == 0) woken_early_ = true;
  moved_.notify_all();
}

}  // namespace waypost
