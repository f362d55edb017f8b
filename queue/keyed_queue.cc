#include "queue/keyed_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "queue/redis_link.h"
#include "queue/scripts.h"

namespace waypost {

namespace {

// Offers in one script: Redis serves nobody else meanwhile (about 2 ms).
constexpr std::size_t kOffersAtOnce = 500;
constexpr std::size_t kMostTaken = 1'000;

std::string member_of(const ReadyKey& key) {
  return key.owner.text() + (key.stream == Stream::Reply ? ":r:" : ":b:") + key.key.text();
}

std::optional<ReadyKey> key_of(std::string_view member) {
  if (member.size() != 75) return std::nullopt;
  const auto owner = TenantId::parse(member.substr(0, 36));
  const auto key = ConversationId::parse(member.substr(39));
  if (!owner || !key) return std::nullopt;
  return ReadyKey{.owner = *owner, .key = *key, .stream = member[37] == 'b' ? Stream::Bulk : Stream::Reply};
}

RedisWords offer_words(const std::vector<Offer>& offers, std::size_t from) {
  RedisWords words;
  const auto end = std::min(from + kOffersAtOnce, offers.size());
  for (auto i = from; i < end; ++i) {
    words.push_back(member_of(offers[i].key));
    words.push_back(offers[i].due ? std::to_string(std::max<std::int64_t>(to_millis(*offers[i].due), 0)) : "0");
  }
  return words;
}

RedisWords turn_words(const TurnWish& wish, std::chrono::milliseconds lease) {
  RedisWords words{std::to_string(std::min(wish.most, kMostTaken)), std::to_string(wish.bulk),
                   std::to_string(lease.count())};
  for (const auto& [of, due] : wish.returns) {
    words.push_back(member_of(of.key));
    words.push_back(std::to_string(of.token));
    words.push_back(std::to_string(due ? std::max<std::int64_t>(to_millis(*due), 0) : -1));
  }
  return words;
}

Result<Turn> turn_of(const TurnWish& wish, const RedisValue& reply) {
  Turn turn;
  if (reply.items.size() != 3) return fail(ErrorKind::Internal, "a turn in a queue answers three things");
  const auto& returned = reply.items[0].items;
  for (std::size_t i = 0; i < wish.returns.size(); ++i) {
    if (i >= returned.size() || returned[i].integer == 0) turn.lost.push_back(wish.returns[i].lease);
  }
  const auto& taken = reply.items[1].items;
  for (std::size_t i = 0; i + 1 < taken.size(); i += 2) {
    const auto key = key_of(taken[i].text);
    if (!key) return fail(ErrorKind::Internal, "a member of a queue in Redis is no key of ours");
    turn.taken.push_back({.key = *key, .token = static_cast<std::uint64_t>(taken[i + 1].integer)});
  }
  if (reply.items[2].integer >= 0) turn.next = std::chrono::milliseconds(reply.items[2].integer);
  return turn;
}

}  // namespace

KeyedQueue::KeyedQueue(RedisLink& link, std::string name, std::chrono::milliseconds lease)
    : link_(link), name_("{waypost}:queue:" + name), lease_(lease) {}

awaitable<Result<void>> KeyedQueue::offer(std::vector<Offer> offers) {
  for (std::size_t from = 0; from < offers.size(); from += kOffersAtOnce) {
    auto done = co_await link_.run({.text = scripts::kOffer, .keys = {name_}, .arguments = offer_words(offers, from)});
    if (!done) co_return fail(std::move(done).error().during("offering keys"));
  }
  co_return Result<void>();
}

awaitable<Result<Turn>> KeyedQueue::turn(TurnWish wish) {
  auto done = co_await link_.run({.text = scripts::kTurn, .keys = {name_}, .arguments = turn_words(wish, lease_)});
  if (!done) co_return fail(std::move(done).error().during("taking keys"));
  co_return turn_of(wish, *done);
}

awaitable<Result<bool>> KeyedQueue::extend(const Lease& lease) {
  auto lost = co_await extend_all({lease});
  if (!lost) co_return fail(std::move(lost).error());
  co_return lost->empty();
}

awaitable<Result<std::vector<Lease>>> KeyedQueue::extend_all(std::vector<Lease> leases) {
  std::vector<Lease> lost;
  if (leases.empty()) co_return lost;
  RedisWords arguments{std::to_string(lease_.count())};
  for (const auto& lease : leases) {
    arguments.push_back(member_of(lease.key));
    arguments.push_back(std::to_string(lease.token));
  }
  auto stands = co_await link_.run({.text = scripts::kExtend, .keys = {name_}, .arguments = std::move(arguments)});
  if (!stands) co_return fail(std::move(stands).error().during("extending leases"));
  for (std::size_t i = 0; i < leases.size(); ++i) {
    if (i >= stands->items.size() || stands->items[i].integer == 0) lost.push_back(leases[i]);
  }
  co_return lost;
}

awaitable<Result<QueueStats>> KeyedQueue::stats() {
  auto reply = co_await link_.run({.text = scripts::kStats, .keys = {name_}, .arguments = {}});
  if (!reply) co_return fail(std::move(reply).error().during("counting keys"));
  if (reply->items.size() != 3) co_return fail(ErrorKind::Internal, "a queue's counts are three");
  co_return QueueStats{
      .ready = reply->items[0].integer, .leased = reply->items[1].integer, .waiting = reply->items[2].integer};
}

}  // namespace waypost
