// GraphApi: the endpoints of Meta's Graph API that a gateway calls, under /{version}/. Loop only.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "net/router.h"
#include "sandbox/faults.h"
#include "sandbox/phones.h"
#include "sandbox/throttle.h"
#include "sandbox/world.h"

namespace waypost::sandbox {

// The token of "Authorization: Bearer …", or "OAuth …"; empty without one.
std::string_view bearer_of(const RequestHead& head);

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
  awaitable<Response> answer_marked(const Number& number, SendRequest mark);
  std::optional<Response> fail_before(const Number& number, FaultTarget target);
  awaitable<std::optional<Response>> fail_after(const Number& number, FaultTarget target);
  Judged<std::size_t> accept(Number& number, SendRequest send);
  Judged<Acceptance> judge(const Number& number, SendRequest& send);
  awaitable<Response> answer_accepted(const Number& number, std::size_t message, std::string input);

  awaitable<Response> subscribe(const Request& request, Number& number);
  Response subscriptions(const Request& request, Number& number);
  Response templates(const Request& request, Number& number);
  Response create_template(const Request& request, Number& number);
  Response edit_template(const Request& request, Number& number);
  Response delete_templates(const Request& request, Number& number);
  awaitable<Response> debug_token(Request request);
  Response token_told(const Request& request);
  Response dated(Response response) const;
  Response phone_numbers(const Request& request, Number& number);
  Response object(const Request& request, Number& number);
  Response media(const Request& request, Number& number);
  awaitable<Response> upload(const Request& request, Number& number);
  Response delete_media(const Request& request, Number& number);
  Response begin_sample(const Request& request, Number& number);
  static Response take_sample(const Request& request, UploadSession& session);
  Number* number_of_object(std::string_view id, std::string_view token);

  // Of no version: the address that an answer or a webhook named.
  awaitable<Response> download(Request request);
  Response file_at(const Request& request);
  struct MediaFlow {
    std::string bytes{};
    std::optional<std::size_t> ends_at{};  // then the connection is cut
    milliseconds pause{0};                 // before each piece
  };
  awaitable<void> flow_out(MediaFlow flow, BodyWriter& out);

  World& world_;
  Faults& faults_;
  Phones& phones_;
  Webhooks& webhooks_;
  Tasks& tasks_;
  Throttle throttle_;
};

}  // namespace waypost::sandbox
