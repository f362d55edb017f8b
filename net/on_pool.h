// on_pool: runs work that may block on threads of a pool, and resumes the coroutine on its own executor. Any loop.

#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/thread_pool.hpp>
#include <type_traits>
#include <utility>

#include "net/asio.h"

namespace waypost {

// `work` gives a value and throws nothing. What it holds is gone when the coroutine resumes. The executor does not run
// out of work meanwhile. The guard leaves with the post: when the coroutine has resumed, its loop may end before the
// pool's thread looks up.
template <class Work>
auto on_pool(asio::thread_pool& pool, Work work) {
  using Value = std::invoke_result_t<Work&>;
  return asio::async_initiate<decltype(asio::use_awaitable), void(Value)>(
      [&pool](auto handler, Work todo) {
        auto executor = asio::get_associated_executor(handler);
        asio::post(pool, [executor, alive = asio::make_work_guard(executor), handler = std::move(handler),
                          todo = std::move(todo)]() mutable {
          Value value = todo();
          {
            const Work ended = std::move(todo);
          }
          asio::post(executor, [alive = std::move(alive), handler = std::move(handler),
                                value = std::move(value)]() mutable { std::move(handler)(std::move(value)); });
        });
      },
      asio::use_awaitable, std::move(work));
}

}  // namespace waypost
