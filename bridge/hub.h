// Hub: how far each workspace's feed has come, asked of the store once for all who follow it. Any loop: one short lock,
// never held across a wait.
//
//   many streams ──newest()──▶ hub ──one read a tenant, at most every 100 ms──▶ store

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "net/asio.h"
#include "sql/database.h"

namespace waypost::bridge {

class Hub {
 public:
  static constexpr std::chrono::milliseconds kFresh{100};  // how old an answer may be
  static constexpr std::size_t kSeats = 64;                // streams of one workspace

  explicit Hub(sql::Database& database) : database_(database) {}
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  // The place of one stream, given back at its end. The hub outlives it.
  class Seat {
   public:
    Seat(Hub& hub, TenantId tenant) : hub_(&hub), tenant_(tenant) {}
    Seat(Seat&& other) noexcept : hub_(std::exchange(other.hub_, nullptr)), tenant_(other.tenant_) {}
    Seat& operator=(Seat&& other) noexcept {
      std::swap(hub_, other.hub_);
      std::swap(tenant_, other.tenant_);
      return *this;
    }
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;
    ~Seat() {
      if (hub_ != nullptr) hub_->leave(tenant_);
    }

   private:
    Hub* hub_;
    TenantId tenant_;
  };
  // Nothing when the workspace has as many streams as it may.
  std::optional<Seat> sit(TenantId tenant);

  // The newest number of the workspace's feed, at most kFresh old or the last known while another stream asks. For
  // those who have a seat.
  awaitable<Result<std::int64_t>> newest(TenantId tenant);

 private:
  using Instant = std::chrono::steady_clock::time_point;
  struct Watch {
    std::size_t seats = 0;
    std::int64_t newest = 0;
    std::optional<Instant> asked{};
    bool asking = false;
  };
  // What is known, when that will do; else the caller is to ask and to note() the answer.
  std::optional<std::int64_t> known(TenantId tenant, Instant now);
  void note(TenantId tenant, const Result<std::int64_t>& newest);
  void leave(TenantId tenant);

  sql::Database& database_;
  std::mutex lock_;
  std::unordered_map<TenantId, Watch> watches_;  // under the lock
};

}  // namespace waypost::bridge
