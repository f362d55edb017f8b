#include "api/password_pool.h"

#include <atomic>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <type_traits>
#include <utility>

#include "base/crypto.h"

namespace waypost::api {
namespace {

constexpr int kThreads = 2;
constexpr int kMostWaiting = 64;  // 2.5 s of work: beyond, better to be told

// The hash of a random password that nobody knows.
constexpr const char* kNobody = "scrypt$15$8$1$ZmBvblFNepsNSvoLsu3JAw==$sVim7s07smKXRJExowW/M/v1o9UrHUCee5QDl5mCkEQ=";

bool verified(const Secret& password, const std::string& hashed) {
  if (!hashed.empty()) return verify_password(password, hashed);
  (void)verify_password(password, kNobody);
  return false;
}

// Runs `work` on the pool and resumes the coroutine on its own executor, which does not run out of work meanwhile. The
// guard leaves with the post: when the coroutine has resumed, its loop may end before the pool's thread looks up.
template <class Work>
auto on_pool(asio::thread_pool& pool, Work work) {
  using Value = std::invoke_result_t<Work&>;
  return asio::async_initiate<decltype(asio::use_awaitable), void(Value)>(
      [&pool](auto handler, Work todo) {
        auto executor = asio::get_associated_executor(handler);
        asio::post(pool, [executor, alive = asio::make_work_guard(executor), handler = std::move(handler),
                          todo = std::move(todo)]() mutable {
          asio::post(executor, [alive = std::move(alive), handler = std::move(handler), value = todo()]() mutable {
            std::move(handler)(std::move(value));
          });
        });
      },
      asio::use_awaitable, std::move(work));
}

class Place {
 public:
  explicit Place(std::atomic<int>& waiting) : waiting_(waiting), taken_(++waiting) {}
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() { --waiting_; }
  bool given() const { return taken_ <= kMostWaiting; }

 private:
  std::atomic<int>& waiting_;
  int taken_;
};

std::unexpected<Error> full() { return fail(ErrorKind::Unavailable, "too many sign-ins at a time"); }

}  // namespace

struct PasswordPool::Threads {
  asio::thread_pool pool{kThreads};
  std::atomic<int> waiting = 0;
};

PasswordPool::PasswordPool() : threads_(std::make_unique<Threads>()) {}
PasswordPool::~PasswordPool() { threads_->pool.join(); }

awaitable<Result<bool>> PasswordPool::verify(Secret password, std::string hashed) {
  const Place place(threads_->waiting);
  if (!place.given()) co_return full();
  co_return co_await on_pool(threads_->pool, [password = std::move(password), hashed = std::move(hashed)] {
    return verified(password, hashed);
  });
}

awaitable<Result<std::string>> PasswordPool::hash(Secret password) {
  const Place place(threads_->waiting);
  if (!place.given()) co_return full();
  co_return co_await on_pool(threads_->pool, [password = std::move(password)] { return hash_password(password); });
}

}  // namespace waypost::api
