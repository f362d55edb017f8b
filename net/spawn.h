// spawn: starts a coroutine that nobody awaits, under a name.
//
// Asio's own `detached` drops an exception in silence, and the daemon goes on without its accept loop. A coroutine
// started here catches what it can expect; anything that still escapes is a fault, and stops the process.

#pragma once

#include <boost/asio/co_spawn.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <utility>

#include "net/asio.h"

namespace waypost {

inline void spawn(const asio::any_io_executor& executor, const char* name, awaitable<void> work) {
  asio::co_spawn(executor, std::move(work), [name](std::exception_ptr escaped) {
    if (!escaped) return;
    try {
      std::rethrow_exception(escaped);
    } catch (const std::exception& fault) {
      std::fprintf(stderr, "%s: %s\n", name, fault.what());
    }
    std::abort();
  });
}

}  // namespace waypost
