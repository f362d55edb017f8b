#include "outbound/attempt.h"

#include <utility>

#include "base/log.h"
#include "base/metrics.h"
#include "conversation/messaging_limit.h"
#include "net/loop.h"
#include "outbound/head.h"
#include "outbound/request.h"
#include "store/channel_blocks.h"

namespace waypost {
namespace {

constexpr milliseconds kPostWithin{5'000};
// A result in our hands is worth patience with the store: without it the row would be unknown though we know.
constexpr int kResultTries = 15;
constexpr milliseconds kResultPause{1'000};

void count_outcome(const char* outcome) {
  counter("waypost_send_attempts_total", "Attempts to send, by what became of them", {{"outcome", outcome}})
      .Increment();
}

void tell_operator(const store::Channel& channel, const DeliveryStep& step) {
  if (const auto* token = std::get_if<AwaitToken>(&step)) {
    log::error("channel {}: Meta refuses its access token, sends wait for a new one: {}", channel.id.text(),
               token->why.words());
  }
  if (const auto* blocked = std::get_if<AwaitChannel>(&step)) {
    log::error("channel {}: Meta blocks its sends with code {}, they wait: {}", channel.id.text(), blocked->code,
               blocked->why.words());
  }
  const auto* given_up = std::get_if<GiveUp>(&step);
  if (given_up != nullptr && given_up->needs_operator) {
    log::error("channel {}: Meta refuses sends with code {}: {}", channel.id.text(), given_up->code.value_or(0),
               given_up->why.words());
  }
}

// By what the POST was judged (law 9).
Json window_seen(const store::Conversation& conversation, const SenderState& state) {
  const auto& end = conversation.window_expires_at;
  return {{"open", is_open(end, state.now(), state.settings.window_margin)},
          {"expiresAt", end ? Json(iso8601(*end)) : Json()}};
}

}  // namespace

awaitable<Result<Next>> Attempt::run() {
  const auto& channel = *view_.channel;
  const auto token = state_.parts.keyring->open(channel.sealed_access_token, store::kAccessTokenPurpose);
  if (!token) {
    log::error("channel {}: its access token cannot be opened: {}", channel.id.text(), token.error().words());
    co_return Leave{.until = state_.now() + kChannelPoll};
  }
  const auto pace = pace_key();
  if (const auto until = state_.pacing.take(pace, state_.now())) co_return Leave{.until = until};
  if (const auto wait = co_await state_.shared.wait(pace, state_.pacing.rate_of(pace, state_.now())))
    co_return Leave{.until = state_.now() + *wait};
  auto begun = co_await begin();
  if (!begun) co_return fail(std::move(begun.error()));
  if (begun->room_at) {
    count_outcome("messaging_limit");
    co_return Leave{.until = begun->room_at};
  }
  if (!begun->row) co_return Again{};
  if (!may_post(*begun->row)) co_return co_await take_back(*begun->row);
  GraphAccess number{.id = channel.phone_number_id, .token = *token};
  Json request = message_request(*begun->row, *view_.contact);
  auto exchange = co_await state_.parts.graph->post_message(std::move(number), std::move(request));
  co_return co_await settle(*begun->row, std::move(exchange));
}

PaceKey Attempt::pace_key() const {
  const auto& channel = *view_.channel;
  return {.number = channel.id,
          .pair = view_.conversation.id,
          .account = channel.waba_id,
          .app = channel.app,
          .rank = rank_of(view_.head->stream == "bulk", view_.conversation.window_expires_at, state_.now()),
          .per_second = full_rate(channel.standing, state_.settings)};
}

// Outside the window a template reaches a person, of whom Meta allows a business so many a day.
std::optional<store::Reach> Attempt::reach_outside() const {
  const bool is_inside = is_open(view_.conversation.window_expires_at, state_.now(), state_.settings.window_margin);
  if (view_.head->type != "template" || is_inside || view_.contact->group_id) return std::nullopt;
  return store::Reach{.tenant = view_.conversation.tenant,
                      .contact = view_.contact->id,
                      .message = view_.head->id,
                      .waba_id = view_.channel->waba_id,
                      .limit = messaging_limit(view_.channel->standing)};
}

// What can hold the send up comes first and changes nothing: a blocked channel has one try in a quarter of an hour, and
// nobody counts as reached by a send that does not go.
awaitable<Result<Attempt::Begun>> Attempt::begin() {
  auto unit = [head = *view_.head, channel = *view_.channel, reach = reach_outside(), now = state_.now(),
               lease = state_.lease, validity = state_.settings.validity](sql::Connection& connection) -> Begun {
    const auto room_at = reach ? store::room_at(connection, *reach, now) : std::nullopt;
    // Room may come behind its validity; who was not made a message yet waits as long.
    if (room_at && head.stream == "bulk") store::keep_valid(connection, head, *room_at + validity);
    if (room_at) return {.room_at = room_at};
    const bool probes = waits_for_channel(channel, head);
    if (probes && !store::begin_probe(connection, channel, now)) return {};
    auto row = store::begin_send(connection, head, now + lease, now);
    if (row && reach) store::note_reached(connection, *reach, now);
    if (!row && probes) store::look_now(connection, channel, now);
    return {.row = std::move(row)};
  };
  auto begun = co_await state_.parts.database->write(sql::lane_key(view_.conversation.id, view_.conversation.tenant),
                                                     std::move(unit));
  // Of two nodes that begin two heads of one stream the store lets one: the other looks again.
  if (!begun && begun.error().kind() == ErrorKind::Conflict) co_return Begun{};
  co_return begun;
}

// A lane may take its time; the window is judged once more, now that nothing stands before the POST (law 9).
bool Attempt::may_post(const store::Message& begun) const {
  const Time now = state_.now();
  if (!begun.attempt_at || now - *begun.attempt_at > kPostWithin) return false;
  return begun.type == "template" || is_open(view_.conversation.window_expires_at, now, state_.settings.window_margin);
}

awaitable<Result<Next>> Attempt::take_back(store::Message begun) {
  count_outcome("taken_back");
  const auto kept = co_await keep(
      [begun = std::move(begun), channel = *view_.channel, now = state_.now()](sql::Connection& connection) {
        if (waits_for_channel(channel, begun)) store::look_now(connection, channel, now);
        return store::take_back(connection, begun, now);
      });
  if (!kept) co_return fail(kept.error());
  co_return Again{};
}

awaitable<Result<Next>> Attempt::settle(store::Message begun, SendExchange exchange) {
  const Tried tried{.failures = begun.failures, .by_link = brings_link(begun.content)};
  auto step = next_step(std::move(exchange.answer), tried, state_.retries, state_.jitter());
  count_outcome(name_of(step));
  tell_operator(*view_.channel, step);
  if (const auto* again = std::get_if<TryAgain>(&step)) co_await slow_down(*again);
  const std::string id = begun.id.text();
  begun.exchange = std::move(exchange.trace);
  begun.exchange["window"] = window_seen(view_.conversation, state_);
  const auto kept = co_await keep(Settlement{.begun = std::move(begun),
                                             .channel = *view_.channel,
                                             .step = std::move(step),
                                             .to_user_id = !view_.contact->group_id && !view_.contact->phone,
                                             .rules = state_.rules(),
                                             .grace = state_.settings.unknown_grace,
                                             .now = state_.now()});
  if (!kept) co_return fail(kept.error());
  if (!*kept) log::debug("message {}: its attempt had been settled meanwhile", id);
  co_return Again{};
}

awaitable<void> Attempt::slow_down(const TryAgain& step) {
  const Time now = state_.now();
  const auto& channel = *view_.channel;
  switch (step.scope) {
    case PauseScope::Message:
      break;
    case PauseScope::Pair:
      state_.pacing.pause_pair(view_.conversation.id, now + step.pause);
      break;
    case PauseScope::Number:
      state_.pacing.pause_number(channel.id, now + step.pause, now);
      co_await state_.shared.pause_number(channel.id, state_.pacing.rate_of(pace_key(), now), step.pause);
      break;
    case PauseScope::Account:
      state_.pacing.pause_account(channel.waba_id, now + step.pause);
      break;
    case PauseScope::App:
      state_.pacing.pause_app(channel.app, now + step.pause);
      break;
  }
}

template <class Unit>
awaitable<Result<bool>> Attempt::keep(Unit unit) {
  for (int tries = 1;; ++tries) {
    Result<bool> written =
        co_await state_.parts.database->write(sql::lane_key(view_.conversation.id, view_.conversation.tenant), unit);
    if (written || written.error().kind() != ErrorKind::Unavailable || tries == kResultTries) co_return written;
    co_await sleep_for(kResultPause);
  }
}

}  // namespace waypost
