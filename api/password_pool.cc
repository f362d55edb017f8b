#include "api/password_pool.h"

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <utility>

#include "base/crypto.h"
#include "net/on_pool.h"

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
