// PasswordPool: scrypt takes 80 ms of CPU, so that passwords are hashed and checked on two threads of their own, never
// on a loop. Any loop.

#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "base/secret.h"
#include "net/asio.h"

namespace waypost::api {

class PasswordPool {
 public:
  PasswordPool();
  PasswordPool(const PasswordPool&) = delete;
  PasswordPool& operator=(const PasswordPool&) = delete;
  // Joins the threads. No coroutine may wait for them any more.
  ~PasswordPool();

  // An empty `hashed` (nobody has this email) takes the same work and is false. Unavailable when too many wait.
  awaitable<Result<bool>> verify(Secret password, std::string hashed);
  awaitable<Result<std::string>> hash(Secret password);

 private:
  struct Threads;
  std::unique_ptr<Threads> threads_;
};

}  // namespace waypost::api
