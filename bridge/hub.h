// Hub: how far each workspace's feed has come, asked of the store once for all who follow it. Any loop: one short lock,
// never held across a wait.
//
//   many streams ──newest()──▶ hub ──one read of all that are followed, at most every 40 ms──▶ store

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/error.h"
#include "net/asio.h"
#include "sql/database.h"

namespace waypost::bridge {

class Hub {
 public:
  // How old an answer may be. With the stamper's rest and a stream's own it makes what an event takes to a follower on
  // another node: 150 ms at most, 200 ms behind five quiet seconds.
  static constexpr std::chrono::milliseconds kFresh{40};
  static constexpr std::size_t kSeats = 64;  // streams of one workspace

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

  // The newest number of the workspace's feed, at most kFresh old or the last known while another stream asks; 0 before
  // the first answer. For those who have a seat.
  awaitable<Result<std::int64_t>> newest(TenantId tenant);

 private:
  using Instant = std::chrono::steady_clock::time_point;
  using Numbers = std::unordered_map<TenantId, std::int64_t>;
  struct Watch {
    std::size_t seats = 0;
    std::int64_t newest = 0;
  };
  // Whom the caller is to ask about, and to note() the answer; none when what is known will do.
  std::vector<TenantId> to_ask(Instant now);
  void note(const Result<Numbers>& newest);
  std::int64_t known(TenantId tenant);
  void leave(TenantId tenant);

  sql::Database& database_;
  std::mutex lock_;
  // Under the lock.
  std::unordered_map<TenantId, Watch> watches_;
  std::optional<Instant> asked_;
  bool asking_ = false;
};

}  // namespace waypost::bridge
