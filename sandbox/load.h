// Load: many customers who write at a steady rate, each text its own, until a time has passed or someone stops it.
// One at a time. Loop only.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "sandbox/phones.h"

namespace waypost::sandbox {

struct LoadOrder {
  double per_second = 10;
  std::size_t customers = 10;               // of each number
  std::vector<std::string> numbers{};       // phone_number_ids, in turn
  std::optional<milliseconds> lasting{};    // nothing: until stopped
  std::optional<std::uint64_t> messages{};  // ends after so many
  std::string text = "load";                // "<text> <load>-<n>"
};

// {"per_second", "customers", "phone_number_ids" (all), "seconds", "messages", "text"}; InvalidInput.
Result<LoadOrder> read_load(World& world, const Json& body);

class Load {
 public:
  Load(World& world, Phones& phones, Tasks& tasks) : world_(world), phones_(phones), tasks_(tasks) {}
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  // Gives the load's id; Conflict while one runs.
  Result<std::uint64_t> start(LoadOrder order);
  void stop() { running_ = false; }
  // Of the last load: how many were written, and the wamids whose webhook was answered 200.
  Json progress() const;

 private:
  awaitable<void> run(std::uint64_t id);
  void write_next();

  World& world_;
  Phones& phones_;
  Tasks& tasks_;
  LoadOrder order_;
  std::uint64_t id_ = 0;
  std::uint64_t written_ = 0;
  bool running_ = false;
};

}  // namespace waypost::sandbox
