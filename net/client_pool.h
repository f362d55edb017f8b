// ClientPool: idle connections by origin, the youngest first. Loop only.

#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <string>

#include "net/wire.h"

namespace waypost {

class ClientPool {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  ClientPool(std::chrono::milliseconds idle, std::size_t per_origin) : idle_(idle), per_origin_(per_origin) {}

  // A connection that looks alive: not too old, not ended, nothing unexpected to read. Null when there is none.
  std::unique_ptr<Wire> take(const std::string& origin, Instant now);
  // The oldest of a full origin is closed.
  void put(const std::string& origin, std::unique_ptr<Wire> wire, Instant now);
  // Closes what is idle for too long.
  void sweep(Instant now);
  bool empty() const { return idle_wires_.empty(); }

 private:
  struct Parked {
    std::unique_ptr<Wire> wire;
    Instant since;
  };

  std::chrono::milliseconds idle_;
  std::size_t per_origin_;
  std::map<std::string, std::deque<Parked>> idle_wires_;  // the oldest in front; never an empty queue
};

}  // namespace waypost
