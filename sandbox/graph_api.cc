#include "sandbox/graph_api.h"

#include <algorithm>

#include "base/text.h"
#include "sandbox/answers.h"
#include "sandbox/media.h"
#include "sandbox/setup.h"

namespace waypost::sandbox {
namespace {

constexpr std::size_t kLargestUpload = 101 << 20;

// "v25.0".
bool is_version(std::string_view text) {
  const auto dot = text.find('.');
  if (!text.starts_with('v') || dot == std::string_view::npos || dot == 1 || dot + 1 == text.size()) return false;
  return std::ranges::all_of(text.substr(1), [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

Judged<void> check_token(const World& world, const Number& number, std::string_view token) {
  if (token == number.token.reveal() && !token.empty()) return {};
  const bool of_another = std::ranges::any_of(
      world.numbers, [token](const Number& one) { return !token.empty() && one.token.reveal() == token; });
  if (of_another) return refuse(200, "the token has no permission for this object");
  return refuse(190, "Invalid OAuth access token - Cannot parse access token");
}

// A WABA's numbers may have tokens of their own, and each is one of the WABA: the number whose token it is, else the
// first.
Number* number_of_waba(World& world, std::string_view waba_id, std::string_view token) {
  const auto found = std::ranges::find_if(
      world.numbers, [&](const Number& one) { return one.waba_id == waba_id && one.token.reveal() == token; });
  return found == world.numbers.end() ? find_waba(world, waba_id) : &*found;
}

// The same of an app.
Number* number_of_app(World& world, std::string_view app_id, std::string_view token) {
  const auto found = std::ranges::find_if(
      world.numbers, [&](const Number& one) { return one.app_id == app_id && one.token.reveal() == token; });
  const auto first = std::ranges::find(world.numbers, app_id, &Number::app_id);
  const auto chosen = found == world.numbers.end() ? first : found;
  return chosen == world.numbers.end() ? nullptr : &*chosen;
}

GraphError no_such_object(std::string_view id) {
  return {
      .code = 100,
      .details = "Unsupported request. Object with ID '" + std::string(id) +
                 "' does not exist, cannot be loaded due to missing permissions, or does not support this operation",
      .subcode = 33};
}

// A file is named by the id of what came to this number, or was uploaded to it, and is still kept.
Judged<void> check_files(const World& world, const Number& number, const SendRequest& send) {
  for (const auto& named : files_named(send.type, send.content)) {
    const auto* file = find_media(world, named.id);
    if (file != nullptr && file->phone_number_id == number.phone_number_id) continue;
    return refuse(100, "Param " + named.kind + "['id'] is not a valid whatsapp business account media attachment ID");
  }
  return {};
}

Judged<Acceptance> judge_template(World& world, const Number& number, SendRequest& send) {
  const auto name = text_or_empty(send.content, "name");
  const auto* language = find_object(send.content, "language");
  const auto code = language ? text_or_empty(*language, "code") : std::string();
  const auto* form = find_template(world, number.waba_id, name, code);
  if (form == nullptr) return refuse(132001, "template name (" + name + ") does not exist in " + code);
  if (form->category == "AUTHENTICATION" && send.to_user_id) {
    return refuse(131062, "Authentication templates cannot be sent to a user id");
  }
  const auto* sent = find_array(send.content, "components");
  auto text = fill(*form, sent ? *sent : Json::array());
  if (!text) return std::unexpected(text.error());
  send.text = *std::move(text);
  return Acceptance{.category = lower_ascii(form->category)};
}

}  // namespace

std::string_view bearer_of(const RequestHead& head) {
  const auto header = head.headers.find("Authorization").value_or("");
  for (const std::string_view scheme : {"Bearer ", "OAuth "}) {
    if (header.starts_with(scheme)) return trimmed(header.substr(scheme.size()));
  }
  return {};
}

void GraphApi::add_routes(Router& router) {
  const auto add = [this, &router](std::string method, std::string pattern, auto answer,
                                   std::size_t body_limit = 4 << 20) {
    router.add({std::move(method), std::move(pattern), body_limit, nullptr, [this, answer](Request request) {
                  if constexpr (std::is_same_v<decltype(answer), Answer>) {
                    return serve_fast(std::move(request), answer);
                  } else {
                    return serve(std::move(request), answer);
                  }
                }});
  };
  add("POST", "/{version}/{id}/messages", &GraphApi::messages);
  add("GET", "/{version}/{id}/message_templates", &GraphApi::templates);
  add("POST", "/{version}/{id}/message_templates", &GraphApi::create_template);
  add("DELETE", "/{version}/{id}/message_templates", &GraphApi::delete_templates);
  add("POST", "/{version}/{id}/media", &GraphApi::upload, kLargestUpload);
  add("POST", "/{version}/{id}/uploads", &GraphApi::begin_sample);
  add("POST", "/{version}/{id}", &GraphApi::edit_template, kLargestUpload);
  add("DELETE", "/{version}/{id}", &GraphApi::delete_media);
  add("GET", "/{version}/{id}/subscribed_apps", &GraphApi::subscriptions);
  add("POST", "/{version}/{id}/subscribed_apps", &GraphApi::subscribe);
  add("GET", "/{version}/{id}/phone_numbers", &GraphApi::phone_numbers);
  add("GET", "/{version}/{id}", &GraphApi::object);
  router.add({"GET", "/{version}/debug_token", 0, nullptr,
              [this](Request request) { return debug_token(std::move(request)); }});
  router.add({"GET", std::string(kMediaPath) + "{key}", 0, nullptr,
              [this](Request request) { return download(std::move(request)); }});
}

awaitable<Response> GraphApi::serve(Request request, SlowAnswer answer) {
  const auto seen = note(request);
  const auto number = admit(request);
  if (!number) {
    auto refused = graph_refusal(number.error());
    note_answer(seen, refused.status);
    co_return refused;
  }
  auto response = co_await (this->*answer)(request, **number);
  note_answer(seen, response.status);
  co_return response;
}

awaitable<Response> GraphApi::serve_fast(Request request, Answer answer) {
  const auto seen = note(request);
  const auto number = admit(request);
  auto response = number ? (this->*answer)(request, **number) : graph_refusal(number.error());
  note_answer(seen, response.status);
  co_return response;
}

Judged<Number*> GraphApi::admit(const Request& request) {
  const auto id = request.param("id");
  if (!is_version(request.param("version"))) return refuse(100, "Unknown path components: " + request.path);
  auto* number = number_of_object(id, bearer_of(request));
  if (auto strike = faults_.strike(FaultKind::TokenInvalid, number ? number->phone_number_id : std::string_view())) {
    return std::unexpected(std::move(strike->error));
  }
  if (number == nullptr) return std::unexpected(no_such_object(id));
  if (auto allowed = check_token(world_, *number, bearer_of(request)); !allowed) {
    return std::unexpected(allowed.error());
  }
  return number;
}

// Whose number, WABA, file, template, app or sample it is.
Number* GraphApi::number_of_object(std::string_view id, std::string_view token) {
  if (auto* number = find_number(world_, id)) return number;
  if (auto* number = number_of_waba(world_, id, token)) return number;
  if (const auto* file = find_media(world_, id)) return find_number(world_, file->phone_number_id);
  if (const auto* form = find_template(world_, id)) return number_of_waba(world_, form->waba_id, token);
  const auto* sample = find_sample(world_, id);
  return number_of_app(world_, sample ? std::string_view(sample->app_id) : id, token);
}

std::uint64_t GraphApi::note(const Request& request) {
  SeenRequest seen;
  seen.number = ++world_.requests;
  seen.at = world_.clock.now();
  seen.method = request.method;
  seen.target = request.target;
  if (auto body = parse_json(request.body)) seen.body = *std::move(body);
  world_.seen.push_back(std::move(seen));
  if (world_.seen.size() > kSeenKept) world_.seen.pop_front();
  return world_.requests;
}

void GraphApi::note_answer(std::uint64_t number, int status) {
  if (world_.seen.empty() || number < world_.seen.front().number) return;
  world_.seen[number - world_.seen.front().number].status = status;
}

awaitable<Response> GraphApi::messages(const Request& request, Number& number) {
  const auto body = parse_json(request.body);
  if (!body) co_return graph_refusal({.code = 100, .details = "The body is not JSON"});
  auto send = read_send(*body, number.display_phone_number);
  if (number.phone_number_id != request.param("id")) send = std::unexpected(no_such_object(request.param("id")));
  if (!send) co_return graph_refusal(send.error());
  const bool is_mark = !send->marked_wamid.empty();
  if (auto failed = fail_before(number, is_mark ? FaultTarget::Marks : FaultTarget::Usual))
    co_return std::move(*failed);
  if (is_mark) co_return co_await answer_marked(number, *std::move(send));
  const std::string input = send->input;
  const auto message = accept(number, *std::move(send));
  if (!message) co_return graph_refusal(message.error());
  co_return co_await answer_accepted(number, *message, input);
}

awaitable<Response> GraphApi::answer_marked(const Number& number, SendRequest mark) {
  const auto found = world_.inbound_by_wamid.find(mark.marked_wamid);
  if (found == world_.inbound_by_wamid.end()) {
    co_return graph_refusal({.code = 131009, .details = "message_id is not a message of a customer"});
  }
  world_.inbound[found->second].read_by_business = true;
  if (auto failed = co_await fail_after(number, FaultTarget::Marks)) co_return std::move(*failed);
  auto answer = graph_answer({{"success", true}});
  if (faults_.strike(FaultKind::CutAnswer, number.phone_number_id, FaultTarget::Marks))
    co_return cut_in_half(std::move(answer));
  co_return answer;
}

std::optional<Response> GraphApi::fail_before(const Number& number, FaultTarget target) {
  const auto& id = number.phone_number_id;
  if (faults_.strike(FaultKind::DropBefore, id, target)) return hang_up();
  if (faults_.strike(FaultKind::EmptyBefore, id, target)) return text_response(500, "");
  if (faults_.strike(FaultKind::HtmlBefore, id, target)) return too_many_in_html();
  if (const auto strike = faults_.strike(FaultKind::Refuse, id, target)) return graph_refusal(strike->error);
  return std::nullopt;
}

awaitable<std::optional<Response>> GraphApi::fail_after(const Number& number, FaultTarget target) {
  const auto& id = number.phone_number_id;
  if (const auto delay = faults_.strike(FaultKind::Delay, id, target)) (void)co_await tasks_.pause(delay->pause);
  if (faults_.strike(FaultKind::DropAfter, id, target)) co_return hang_up();
  if (faults_.strike(FaultKind::EmptyAfter, id, target)) co_return text_response(500, "");
  co_return std::nullopt;
}

Judged<std::size_t> GraphApi::accept(Number& number, SendRequest send) {
  if (auto known = check_files(world_, number, send); !known) return std::unexpected(known.error());
  const auto key = meet_customer(world_, send.address).key;
  auto acceptance = judge(number, send);
  if (!acceptance) return std::unexpected(acceptance.error());
  const auto& settings = world_.settings;
  if (auto fits = throttle_.admit(settings, number.phone_number_id, key, world_.clock.now()); !fits) {
    ++(fits.error().code == 131056 ? world_.throttled.pairs : world_.throttled.numbers);
    return std::unexpected(fits.error());
  }
  if (const auto strike = faults_.strike(FaultKind::FailLate, number.phone_number_id))
    acceptance->failure = strike->error;
  return phones_.accept(number, std::move(send), *std::move(acceptance));
}

Judged<Acceptance> GraphApi::judge(const Number& number, SendRequest& send) {
  if (send.type == "template") return judge_template(world_, number, send);
  const auto& customer = meet_customer(world_, send.address);
  if (window_open(world_, customer, number.phone_number_id)) return Acceptance{};
  GraphError closed{.code = 131047,
                    .details =
                        "Message failed to send because more than 24 hours have passed since the customer last "
                        "replied to this number."};
  if (world_.settings.refuse_window_at_once) return std::unexpected(std::move(closed));
  return Acceptance{.failure = std::move(closed)};
}

awaitable<Response> GraphApi::answer_accepted(const Number& number, std::size_t message, std::string input) {
  const auto& id = number.phone_number_id;
  phones_.let_go(message);
  const auto& accepted = world_.outbound[message];
  if (faults_.strike(FaultKind::StatusesFirst, id)) co_await phones_.await_statuses(message);
  if (auto failed = co_await fail_after(number, FaultTarget::Usual)) co_return std::move(*failed);
  const auto& customer = world_.customers.at(accepted.customer);
  Json contact = {{"input", input}};
  if (accepted.to_user_id) {
    contact["user_id"] = customer.user_id;
  } else {
    contact["wa_id"] = customer.phone;
  }
  Json sent = {{"id", accepted.wamid}};
  if (accepted.type == "template") sent["message_status"] = "accepted";
  auto answer = graph_answer({{"messaging_product", "whatsapp"},
                              {"contacts", Json::array({std::move(contact)})},
                              {"messages", Json::array({std::move(sent)})}});
  if (faults_.strike(FaultKind::CutAnswer, id)) co_return cut_in_half(std::move(answer));
  co_return answer;
}

}  // namespace waypost::sandbox
