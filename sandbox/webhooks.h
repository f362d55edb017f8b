// Webhooks: brings signed POSTs to the callback URL of a number's app, again and again until it answers 200. Each
// travels on its own: no order is promised. Loop only.

#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "base/error.h"
#include "net/client.h"
#include "sandbox/faults.h"
#include "sandbox/tasks.h"
#include "sandbox/world.h"

namespace waypost::sandbox {

struct WebhookCounts {
  std::uint64_t made = 0;      // POSTs to bring
  std::uint64_t attempts = 0;  // requests written or tried
  std::uint64_t acked = 0;     // POSTs answered 200, each once
  std::uint64_t waiting = 0;   // not answered 200 yet
  std::uint64_t nowhere = 0;   // no callback URL or no subscription: never sent, as with Meta
  std::string refusal{};       // what came instead of the last 200 that did not come
};

class Webhooks {
 public:
  Webhooks(World& world, Faults& faults, HttpClient& client, Tasks& tasks)
      : world_(world), faults_(faults), client_(client), tasks_(tasks) {}
  Webhooks(const Webhooks&) = delete;
  Webhooks& operator=(const Webhooks&) = delete;

  // Brings `payload` to the app of `number`; calls `acked` at its first 200. Secret and URL are read at each attempt.
  void send(const Number& number, const Json& payload, std::function<void()> acked);

  // The GET of Meta's verification: Rejected unless `url` answers 200 with the challenge and nothing else.
  awaitable<Result<void>> handshake(std::string url, Secret verify_token);

  const WebhookCounts& counts() const { return counts_; }

 private:
  struct Post;
  using Turn = std::shared_ptr<asio::steady_timer>;

  awaitable<void> bring(std::shared_ptr<Post> post, milliseconds held);
  awaitable<bool> attempt(std::shared_ptr<Post> post);
  awaitable<bool> ask(std::shared_ptr<Post> post);
  awaitable<void> take_turn();
  void give_turn_back();
  void note_ack(Post& post);

  World& world_;
  Faults& faults_;
  HttpClient& client_;
  Tasks& tasks_;
  WebhookCounts counts_;
  std::size_t in_flight_ = 0;
  std::deque<Turn> turns_;  // those who wait for one of settings.webhooks_at_once
};

}  // namespace waypost::sandbox
