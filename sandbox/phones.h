// Phones: what passes between customers and business numbers: customers write and read, accepted messages ring, and
// Meta tells of both by webhook. Loop only.

#pragma once

#include <optional>

#include "sandbox/faults.h"
#include "sandbox/payloads.h"
#include "sandbox/send_request.h"
#include "sandbox/tasks.h"
#include "sandbox/webhooks.h"
#include "sandbox/world.h"

namespace waypost::sandbox {

// What Meta knows of a message that it accepts, besides the request.
struct Acceptance {
  std::string category = "service";
  std::optional<GraphError> failure{};  // told later by a failed status
};

class Phones {
 public:
  Phones(World& world, Webhooks& webhooks, Tasks& tasks) : world_(world), webhooks_(webhooks), tasks_(tasks) {}
  Phones(const Phones&) = delete;
  Phones& operator=(const Phones&) = delete;

  // The customer writes: the window opens (but not by an edit, a revoke or a system message) and the webhook leaves.
  const Inbound& write(const Number& number, Customer& customer, const Writing& writing);
  // The customer reads all that was received; gives how many were unread.
  std::size_t read_all(const Customer& customer);

  // Takes a message into the record; nothing happens to it yet. Gives its place in world.outbound.
  std::size_t accept(const Number& number, SendRequest send, Acceptance acceptance);
  // Lets it go its way: sent, delivered and read by the settings' delays, or failed.
  void let_go(std::size_t message);
  // Waits until the statuses due before the customer reads are answered 200, or 5 s.
  awaitable<void> await_statuses(std::size_t message);

 private:
  awaitable<void> travel(std::size_t message);
  void receive(std::size_t message);
  void read(std::size_t message);
  void tell(std::size_t message, Status status);

  World& world_;
  Webhooks& webhooks_;
  Tasks& tasks_;
};

}  // namespace waypost::sandbox
