// Bell: wakes this node's idle pools when another node has offered a key, so that nobody need ask for work again and
// again. The bell is a short stream in Redis, rung by the script that offers; whoever listens waits in XREAD on a
// connection of its own. What is missed is found by the pool's own, slower look. Loop only.

#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "net/asio.h"

namespace waypost {

class RedisLink;
class WorkerPool;

inline constexpr std::string_view kBell = "{waypost}:bell";

class Bell {
 public:
  // `link` is used by nobody else, its answers may take half a second; `origin` is this node's, whose own rings are not
  // for us. The link and the pools outlive it or its stop().
  Bell(asio::any_io_executor loop, RedisLink& link, std::string origin);
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;
  ~Bell();

  // Before start(): `pool` is woken when the bell rings for the queue of this name.
  void wakes(std::string queue, WorkerPool& pool);
  // Once.
  void start();
  awaitable<void> stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace waypost
