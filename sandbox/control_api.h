// ControlApi: the endpoints under /control/ by which people and tests play the customers, set the stage, break things
// and look at what happened. Without authentication: listen on loopback. Loop only.

#pragma once

#include "net/router.h"
#include "sandbox/load.h"
#include "sandbox/phones.h"
#include "sandbox/setup.h"
#include "sandbox/webhooks.h"
#include "sandbox/world.h"

namespace waypost::sandbox {

class ControlApi {
 public:
  struct Parts {
    World& world;
    Faults& faults;
    Phones& phones;
    Webhooks& webhooks;
    Load& load;
  };
  explicit ControlApi(Parts parts) : parts_(parts), world_(parts.world) {}
  ControlApi(const ControlApi&) = delete;
  ControlApi& operator=(const ControlApi&) = delete;

  void add_routes(Router& router);

 private:
  using Answer = Result<Json> (ControlApi::*)(const Request&, const Json& body);

  void add(Router& router, std::string method, std::string pattern, Answer answer);

  // The stage.
  awaitable<Response> set_webhook(Request request);
  Result<Json> put_number(const Request& request, const Json& body);
  Result<Json> numbers(const Request& request, const Json& body);
  Result<Json> put_template(const Request& request, const Json& body);
  Result<Json> templates(const Request& request, const Json& body);
  Result<Json> settings(const Request& request, const Json& body);
  Result<Json> change_settings(const Request& request, const Json& body);
  Result<Json> move_clock(const Request& request, const Json& body);
  Result<Json> add_fault(const Request& request, const Json& body);
  Result<Json> faults(const Request& request, const Json& body);
  Result<Json> clear_faults(const Request& request, const Json& body);

  // Customers.
  Result<Json> write(const Request& request, const Json& body);
  Result<Json> inbox(const Request& request, const Json& body);
  Result<Json> read(const Request& request, const Json& body);
  Result<Json> customers(const Request& request, const Json& body);
  Result<Json> start_load(const Request& request, const Json& body);
  Result<Json> load(const Request& request, const Json& body);
  Result<Json> stop_load(const Request& request, const Json& body);

  // What happened.
  Result<Json> bubbles(const Request& request, const Json& body);
  Result<Json> sends(const Request& request, const Json& body);
  Result<Json> inbound(const Request& request, const Json& body);
  Result<Json> uploads(const Request& request, const Json& body);
  Result<Json> seen(const Request& request, const Json& body);
  Result<Json> stats(const Request& request, const Json& body);

  Parts parts_;
  World& world_;
};

}  // namespace waypost::sandbox
