#include "sandbox/phones.h"

#include <algorithm>
#include <utility>

namespace waypost::sandbox {
namespace {

constexpr milliseconds kLook{2};
constexpr int kLooks = 2'500;

bool opens_window(std::string_view type) { return type != "edit" && type != "revoke" && type != "system"; }

// Meta tells of a reaction only that it was sent.
bool tells_beyond_sent(const Outbound& message) { return message.type != "reaction"; }

bool has_acked(const Outbound& message, Status status) {
  return std::ranges::any_of(message.statuses,
                             [status](const StatusNote& note) { return note.status == status && note.acked; });
}

Status last_told_before_reading(const Outbound& message, const Settings& settings) {
  if (message.failure) return Status::Failed;
  return settings.delivered_after && tells_beyond_sent(message) ? Status::Delivered : Status::Sent;
}

}  // namespace

const Inbound& Phones::write(const Number& number, Customer& customer, const Writing& writing) {
  const auto index = world_.inbound.size();
  auto& message = world_.inbound.emplace_back();
  message.wamid = writing.wamid.empty() ? new_wamid(customer.key) : writing.wamid;
  message.phone_number_id = number.phone_number_id;
  message.customer = customer.key;
  message.type = writing.type;
  message.text = shown_text(writing.type, writing.content);
  message.at = writing.at.value_or(world_.clock.now());
  message.load = writing.load;
  world_.inbound_by_wamid[message.wamid] = index;
  if (opens_window(message.type)) {
    auto& last = customer.last_writes[number.phone_number_id];
    last = std::max(last, message.at);
  }
  webhooks_.send(number, message_webhook(number, customer, message, writing), [world = &world_, index] {
    world->inbound[index].acked = true;
    world->inbound[index].acked_at = world->clock.now();
  });
  return message;
}

std::size_t Phones::read_all(const Customer& customer) {
  std::size_t unread = 0;
  for (std::size_t i = 0; i < world_.outbound.size(); ++i) {
    const auto& message = world_.outbound[i];
    if (message.customer != customer.key || !message.delivered_at || message.read_at) continue;
    read(i);
    ++unread;
  }
  return unread;
}

std::size_t Phones::accept(const Number& number, SendRequest send, Acceptance acceptance) {
  const auto& customer = meet_customer(world_, send.address);
  const auto index = world_.outbound.size();
  auto& message = world_.outbound.emplace_back();
  message.wamid = new_wamid(customer.key);
  message.phone_number_id = number.phone_number_id;
  message.customer = customer.key;
  message.to_user_id = send.to_user_id;
  message.type = std::move(send.type);
  message.text = std::move(send.text);
  message.content = std::move(send.content);
  message.callback_data = std::move(send.callback_data);
  message.reply_to = std::move(send.reply_to);
  message.category = std::move(acceptance.category);
  message.failure = std::move(acceptance.failure);
  message.accepted_at = world_.clock.now();
  world_.outbound_by_wamid[message.wamid] = index;
  return index;
}

void Phones::let_go(std::size_t message) { tasks_.start("message", travel(message)); }

awaitable<void> Phones::travel(std::size_t message) {
  if (!co_await tasks_.pause(world_.settings.sent_after)) co_return;
  const auto& travelling = world_.outbound[message];
  if (travelling.failure) {
    tell(message, Status::Failed);
    co_return;
  }
  tell(message, Status::Sent);
  const auto delivered_after = world_.settings.delivered_after;
  if (!delivered_after || !co_await tasks_.pause(*delivered_after)) co_return;
  receive(message);
  const auto read_after = world_.settings.read_after;
  if (!read_after || !co_await tasks_.pause(*read_after)) co_return;
  read(message);
}

awaitable<void> Phones::await_statuses(std::size_t message) {
  const auto last = last_told_before_reading(world_.outbound[message], world_.settings);
  for (int look = 0; look < kLooks && !has_acked(world_.outbound[message], last); ++look) {
    if (!co_await tasks_.pause(kLook)) co_return;
  }
}

void Phones::receive(std::size_t message) {
  auto& received = world_.outbound[message];
  world_.bubbles.push_back(message);
  received.bubble = world_.bubbles.size();
  received.delivered_at = world_.clock.now();
  if (tells_beyond_sent(received)) tell(message, Status::Delivered);
}

void Phones::read(std::size_t message) {
  auto& shown = world_.outbound[message];
  if (shown.read_at) return;
  shown.read_at = world_.clock.now();
  if (tells_beyond_sent(shown)) tell(message, Status::Read);
}

void Phones::tell(std::size_t message, Status status) {
  auto& told = world_.outbound[message];
  const auto place = told.statuses.size();
  told.statuses.push_back({.status = status, .at = world_.clock.now()});
  const auto* number = find_number(world_, told.phone_number_id);
  const auto& customer = world_.customers.at(told.customer);
  webhooks_.send(*number, status_webhook(*number, customer, told, told.statuses[place]),
                 [world = &world_, message, place] { world->outbound[message].statuses[place].acked = true; });
}

}  // namespace waypost::sandbox
