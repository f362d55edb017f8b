// What a folder's disk can do: how much is free, and how long it takes until something is on it. Any thread that may
// block.

#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/error.h"

namespace waypost {

struct DiskFacts {
  std::uint64_t free_bytes = 0;
  std::uint64_t all_bytes = 0;
  std::chrono::microseconds sync{0};  // of one small write, on disk
};

// Writes a file of its own there and removes it. Unavailable where the disk takes nothing.
Result<DiskFacts> probe_disk(const std::string& folder);

}  // namespace waypost
