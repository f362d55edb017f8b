#include "sandbox/webhooks.h"

#include <utility>

#include "base/crypto.h"
#include "sandbox/payloads.h"

namespace waypost::sandbox {

struct Webhooks::Post {
  std::string phone_number_id;
  std::string body;
  std::function<void()> acked;
  bool done = false;
};

void Webhooks::send(const Number& number, const Json& payload, std::function<void()> acked) {
  ++counts_.made;
  if (number.webhook_url.empty() || !number.subscribed) {
    ++counts_.nowhere;
    return;
  }
  ++counts_.waiting;
  auto post = std::make_shared<Post>(Post{number.phone_number_id, meta_text(payload), std::move(acked)});
  const auto held = faults_.strike(FaultKind::ReorderWebhook, number.phone_number_id);
  tasks_.start("webhook", bring(post, held ? held->pause : milliseconds(0)));
  if (faults_.strike(FaultKind::DuplicateWebhook, number.phone_number_id)) {
    tasks_.start("webhook", bring(post, milliseconds(0)));
  }
}

awaitable<void> Webhooks::bring(std::shared_ptr<Post> post, milliseconds held) {
  if (!co_await tasks_.pause(held)) co_return;
  for (int failures = 1; !co_await attempt(post); ++failures) {
    if (!co_await tasks_.pause(pause_before_retry(world_.settings, failures))) co_return;
  }
  note_ack(*post);
}

void Webhooks::note_ack(Post& post) {
  if (std::exchange(post.done, true)) return;
  ++counts_.acked;
  --counts_.waiting;
  if (post.acked) post.acked();
}

awaitable<bool> Webhooks::attempt(std::shared_ptr<Post> post) {
  co_await take_turn();
  const bool acked = co_await ask(std::move(post));
  give_turn_back();
  co_return acked;
}

awaitable<bool> Webhooks::ask(std::shared_ptr<Post> post) {
  const auto* number = find_number(world_, post->phone_number_id);
  if (number == nullptr || number->webhook_url.empty() || tasks_.stopping()) co_return false;
  ++counts_.attempts;
  ClientRequest request;
  request.method = "POST";
  request.url = number->webhook_url;
  request.body = post->body;
  request.headers.add("Content-Type", "application/json");
  request.headers.add("User-Agent", "facebookexternalua");
  request.headers.add("X-Hub-Signature-256", signature_of(number->app_secret, post->body));
  request.deadline = world_.settings.webhook_timeout;
  const auto answer = co_await client_.ask(std::move(request));
  if (answer && answer->status == 200) co_return true;
  counts_.refusal = answer ? "status " + std::to_string(answer->status) : answer.error().error.words();
  co_return false;
}

awaitable<void> Webhooks::take_turn() {
  if (in_flight_ < world_.settings.webhooks_at_once) {
    ++in_flight_;
    co_return;
  }
  auto turn = std::make_shared<asio::steady_timer>(co_await asio::this_coro::executor);
  turn->expires_at(asio::steady_timer::time_point::max());
  turns_.push_back(turn);
  co_await turn->async_wait(kToken);
}

// A turn goes straight from its holder to who waited longest.
void Webhooks::give_turn_back() {
  if (turns_.empty()) {
    --in_flight_;
    return;
  }
  turns_.front()->cancel();
  turns_.pop_front();
}

awaitable<Result<void>> Webhooks::handshake(std::string url, Secret verify_token) {
  const std::string challenge = std::to_string(1'000'000'000 + to_millis(world_.clock.now()) % 1'000'000'000);
  ClientRequest request;
  request.url = url + (url.contains('?') ? "&" : "?") + "hub.mode=subscribe&hub.challenge=" + challenge +
                "&hub.verify_token=" + percent_encoded(verify_token.reveal());
  request.deadline = world_.settings.webhook_timeout;
  const auto answer = co_await client_.ask(std::move(request));
  if (!answer)
    co_return fail(ErrorKind::Rejected, "the callback URL could not be reached: " + answer.error().error.words());
  if (answer->status != 200) {
    co_return fail(ErrorKind::Rejected, "the callback URL answered " + std::to_string(answer->status));
  }
  if (answer->body != challenge) co_return fail(ErrorKind::Rejected, "the callback URL did not answer the challenge");
  co_return Result<void>();
}

}  // namespace waypost::sandbox
