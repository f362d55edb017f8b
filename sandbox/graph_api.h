// GraphApi: the endpoints of Meta's Graph API that a gateway calls, under /{version}/. Loop only.

#pragma once

#include <memory>
#include <utility>

#include "net/router.h"
#include "sandbox/faults.h"
#include "sandbox/phones.h"
#include "sandbox/throttle.h"
#include "sandbox/world.h"

namespace waypost::sandbox {

class GraphApi {
 public:
  GraphApi(World& world, Faults& faults, Phones& phones, Webhooks& webhooks, Tasks& tasks)
      : world_(world), faults_(faults), phones_(phones), webhooks_(webhooks), tasks_(tasks) {}
  GraphApi(const GraphApi&) = delete;
  GraphApi& operator=(const GraphApi&) = delete;

  void add_routes(Router& router);

 private:
  using Answer = Response (GraphApi::*)(const Request&, Number&);
  using SlowAnswer = awaitable<Response> (GraphApi::*)(const Request&, Number&);

  // Every request goes through here: it is logged with its answer, and its version, object and token are checked.
  awaitable<Response> serve(Request request, SlowAnswer answer);
  awaitable<Response> serve_fast(Request request, Answer answer);
  Judged<Number*> admit(const Request& request);
  std::uint64_t note(const Request& request);  // gives its number
  void note_answer(std::uint64_t number, int status);

  awaitable<Response> messages(const Request& request, Number& number);
  Response mark_read(const SendRequest& mark);
  std::optional<Response> fail_before(const Number& number);
  Judged<std::size_t> accept(Number& number, SendRequest send);
  Judged<Acceptance> judge(const Number& number, SendRequest& send);
  awaitable<Response> answer_accepted(const Number& number, std::size_t message, std::string input);

  awaitable<Response> subscribe(const Request& request, Number& number);
  Response subscriptions(const Request& request, Number& number);
  Response templates(const Request& request, Number& number);
  Response create_template(const Request& request, Number& number);
  Response phone_numbers(const Request& request, Number& number);
  Response object(const Request& request, Number& number);

  World& world_;
  Faults& faults_;
  Phones& phones_;
  Webhooks& webhooks_;
  Tasks& tasks_;
  Throttle throttle_;
};

}  // namespace waypost::sandbox
