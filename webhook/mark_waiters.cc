#include "webhook/mark_waiters.h"

#include <iterator>
#include <utility>
#include <vector>

namespace waypost {

awaitable<bool> MarkWaiters::passed(JournalPosition position, std::chrono::milliseconds limit) {
  auto timer = std::make_shared<asio::steady_timer>(co_await asio::this_coro::executor, limit);
  if (!add(position, timer)) co_return true;
  co_await timer->async_wait(kToken);
  remove(position, timer);
  co_return mark_.load() >= position;
}

bool MarkWaiters::add(JournalPosition position, const Timer& timer) {
  const std::scoped_lock lock(mutex_);
  if (mark_.load() >= position) return false;
  waiting_.emplace(position, timer);
  return true;
}

void MarkWaiters::remove(JournalPosition position, const Timer& timer) {
  const std::scoped_lock lock(mutex_);
  auto [first, last] = waiting_.equal_range(position);
  for (; first != last; ++first) {
    if (first->second != timer) continue;
    waiting_.erase(first);
    return;
  }
}

// A timer belongs to its loop: it is cancelled there, after its coroutine has begun to wait.
void MarkWaiters::move(JournalPosition mark) {
  std::vector<Timer> passed;
  {
    const std::scoped_lock lock(mutex_);
    mark_.store(mark);
    const auto end = waiting_.upper_bound(mark);
    for (auto at = waiting_.begin(); at != end; ++at) passed.push_back(at->second);
    waiting_.erase(waiting_.begin(), end);
  }
  for (auto& timer : passed) {
    const auto executor = timer->get_executor();
    asio::post(executor, [timer = std::move(timer)] { timer->cancel(); });
  }
}

}  // namespace waypost
