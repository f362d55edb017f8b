// Own thread: a thread of one request's for what blocks, so that no loop and no lane waits for it. Loop only.

#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <type_traits>

#include "net/asio.h"

namespace waypost::api {

using OwnThread = std::shared_ptr<asio::thread_pool>;

inline OwnThread own_thread() { return std::make_shared<asio::thread_pool>(1); }

// Runs `work` on the thread, and gives what it returns. `work` outlives the wait.
template <class Work>
awaitable<std::invoke_result_t<Work&>> on_thread(OwnThread thread, Work work) {
  using Value = std::invoke_result_t<Work&>;
  const auto run = [](Work* given) -> awaitable<Value> { co_return (*given)(); };
  co_return co_await asio::co_spawn(*thread, run(&work), asio::use_awaitable);
}

}  // namespace waypost::api
