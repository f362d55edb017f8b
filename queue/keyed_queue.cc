#include "queue/keyed_queue.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <map>
#include <utility>

#include "queue/bell.h"
#include "queue/redis_link.h"
#include "queue/scripts.h"
#include "queue/turn_script.h"

namespace waypost {

namespace {

constexpr std::size_t kMostTaken = 1'000;
// Lengths of an id and of members (queue/script_words.h); where the keys in flight stand in keys_of().
constexpr std::size_t kId = 16;
constexpr std::size_t kMember = 2 * kId + 2;
constexpr std::size_t kLaneMember = 3 * kId + 2;
constexpr std::size_t kFlightsKey = 5;
// Owners that one script tells of.
constexpr std::size_t kOwnersAtOnce = 500;

void append(std::string& text, const Uuid& id) {
  text.append(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
}
Uuid uuid_at(std::string_view text, std::size_t at) {
  Uuid id;
  std::memcpy(id.bytes.data(), text.data() + at, id.bytes.size());
  return id;
}
std::string word_of(TenantId owner) {
  std::string word;
  append(word, owner.uuid);
  return word;
}

std::uint32_t number_of(std::string_view text) {
  std::uint32_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// As queue/script_words.h describes it.
std::string member_of(const ReadyKey& key, Lanes lanes) {
  std::string member = word_of(key.owner);
  member += lanes == Lanes::ByChannel ? '\1' : '\0';
  if (lanes == Lanes::ByChannel) append(member, key.channel.uuid);
  member += key.stream == Stream::Bulk ? '\1' : '\0';
  append(member, key.key.uuid);
  return member;
}

std::optional<ReadyKey> key_of(std::string_view member) {
  if (member.size() != kMember && member.size() != kLaneMember) return std::nullopt;
  ReadyKey key{.owner = {uuid_at(member, 0)},
               .key = {uuid_at(member, member.size() - kId)},
               .stream = member[member.size() - kId - 1] == '\1' ? Stream::Bulk : Stream::Reply};
  if (member.size() == kLaneMember) key.channel = {uuid_at(member, kId + 1)};
  return key;
}

RedisWords keys_of(const std::string& name) {
  RedisWords keys;
  for (const auto* part :
       {"line", "state", "turn", "waiting", "leases", "flights", "lanes", "ranks", "paused", "numbers"}) {
    keys.push_back("{waypost}:queue:" + name + ":" + part);
  }
  keys.emplace_back(kBell);
  return keys;
}

std::string millis_of(Time due) { return std::to_string(std::max<std::int64_t>(to_millis(due), 0)); }

bool is_far(const std::optional<Time>& due) { return due && *due > SystemClock().now() + kForgotten; }

// How long until then, so that Redis need not have the caller's clock.
std::string wait_of(const std::optional<Time>& due) {
  if (!due || is_far(due)) return "-1";
  return std::to_string(std::max<std::int64_t>((*due - SystemClock().now()).count(), 0));
}

// Negative: a reminder.
std::string due_of(const Offer& offer) {
  if (!offer.due) return "0";
  return offer.reminds ? "-" + millis_of(*offer.due) : millis_of(*offer.due);
}

// The bell's words first, then those of some offers.
RedisWords offer_words(RedisWords words, const std::vector<Offer>& offers, std::size_t from, Lanes lanes) {
  const auto end = std::min(from + KeyedQueue::kOffersAtOnce, offers.size());
  words.reserve(words.size() + 2 * (end - from));
  for (auto i = from; i < end; ++i) {
    if (is_far(offers[i].due)) continue;
    words.push_back(member_of(offers[i].key, lanes));
    words.push_back(due_of(offers[i]));
  }
  return words;
}

RedisWords turn_words(const TurnWish& wish, std::chrono::milliseconds lease, Lanes lanes) {
  RedisWords words{lanes == Lanes::ByChannel ? "1" : "0",
                   std::to_string(std::min(wish.most, kMostTaken)),
                   std::to_string(wish.bulk),
                   std::to_string(lease.count()),
                   std::to_string(wish.owner.percent),
                   std::to_string(wish.owner.in_flight),
                   std::to_string(std::min(wish.kept, kMostTaken)),
                   std::to_string(wish.few)};
  for (const auto& [of, due] : wish.returns) {
    words.push_back(member_of(of.key, lanes));
    words.push_back(std::to_string(of.token));
    words.push_back(wait_of(due));
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

KeyedQueue::KeyedQueue(RedisLink& link, std::string name, std::chrono::milliseconds lease, Lanes lanes,
                       std::string origin)
    : link_(link),
      keys_(keys_of(name)),
      lease_(lease),
      lanes_(lanes),
      name_(std::move(name)),
      origin_(std::move(origin)) {}

awaitable<Result<RedisValue>> KeyedQueue::run(std::string_view script, RedisWords arguments) {
  return link_.run({.text = script, .keys = keys_, .arguments = std::move(arguments)});
}

awaitable<Result<void>> KeyedQueue::offer(std::vector<Offer> offers) {
  for (std::size_t from = 0; from < offers.size(); from += kOffersAtOnce) {
    auto words = offer_words({name_, origin_}, offers, from, lanes_);
    if (words.size() == 2) continue;
    auto done = co_await run(scripts::kOffer, std::move(words));
    if (!done) co_return fail(std::move(done).error().during("offering keys"));
  }
  co_return Result<void>();
}

awaitable<Result<Turn>> KeyedQueue::turn(TurnWish wish) {
  auto done = co_await run(scripts::kTurn, turn_words(wish, lease_, lanes_));
  if (!done) co_return fail(std::move(done).error().during("a turn in a queue"));
  co_return turn_of(wish, *done);
}

awaitable<Result<bool>> KeyedQueue::extend(const Lease& lease) {
  const auto gone = co_await extend_all({lease});
  if (!gone) co_return fail(gone.error());
  co_return gone->empty();
}

awaitable<Result<std::vector<Lease>>> KeyedQueue::extend_all(std::vector<Lease> leases) {
  RedisWords arguments{std::to_string(lease_.count())};
  for (const auto& lease : leases) {
    arguments.push_back(member_of(lease.key, lanes_));
    arguments.push_back(std::to_string(lease.token));
  }
  auto done = co_await run(scripts::kExtend, std::move(arguments));
  if (!done) co_return fail(std::move(done).error().during("extending leases"));
  std::vector<Lease> gone;
  for (std::size_t i = 0; i < leases.size(); ++i) {
    if (i >= done->items.size() || done->items[i].integer == 0) gone.push_back(leases[i]);
  }
  co_return gone;
}

awaitable<Result<void>> KeyedQueue::set_paused(std::vector<TenantId> owners) {
  RedisWords words;
  for (const auto owner : owners) words.push_back(word_of(owner));
  auto done = co_await run(scripts::kPause, std::move(words));
  if (!done) co_return fail(std::move(done).error().during("pausing owners in a queue"));
  co_return Result<void>();
}

awaitable<Result<QueueStats>> KeyedQueue::stats() {
  const auto done = co_await run(scripts::kStats, {});
  if (!done) co_return fail(done.error());
  if (done->items.size() != 3) co_return fail(ErrorKind::Internal, "a queue's stats are three numbers");
  co_return QueueStats{
      .ready = done->items[0].integer, .leased = done->items[1].integer, .waiting = done->items[2].integer};
}

awaitable<Result<std::vector<OwnerStats>>> KeyedQueue::ready_owners() {
  std::vector<OwnerStats> owners;
  std::string behind;
  std::size_t told = kOwnersAtOnce;
  while (told == kOwnersAtOnce) {
    const auto page = co_await run(scripts::kOwnerStats, {behind, std::to_string(kOwnersAtOnce)});
    if (!page) co_return fail(page.error());
    const auto& items = page->items;
    told = items.size() / 3;
    for (std::size_t i = 0; i + 2 < items.size(); i += 3) {
      behind = items[i].text;
      if (behind.size() != kId) co_return fail(ErrorKind::Internal, "an owner in a queue in Redis is no id of ours");
      owners.push_back({.owner = {uuid_at(behind, 0)},
                        .ready = static_cast<std::uint32_t>(items[i + 1].integer),
                        .leased = static_cast<std::uint32_t>(items[i + 2].integer)});
    }
  }
  co_return owners;
}

awaitable<Result<std::vector<OwnerStats>>> KeyedQueue::idle_owners() {
  std::vector<OwnerStats> owners;
  std::string cursor = "0";
  do {
    const auto page = co_await link_.ask({"HSCAN", keys_[kFlightsKey], cursor, "COUNT", "500"});
    if (!page) co_return fail(page.error());
    if (page->items.size() != 2) co_return fail(ErrorKind::Internal, "HSCAN answers a cursor and a list");
    cursor = page->items[0].text;
    const auto& fields = page->items[1].items;
    for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
      const auto flight = number_of(fields[i + 1].text);
      if (fields[i].text.size() == kId && flight > 0) {
        owners.push_back({.owner = {uuid_at(fields[i].text, 0)}, .leased = flight});
      }
    }
  } while (cursor != "0");
  co_return owners;
}

awaitable<Result<std::vector<OwnerStats>>> KeyedQueue::owner_stats() {
  const auto ready = co_await ready_owners();
  if (!ready) co_return fail(ready.error());
  const auto idle = co_await idle_owners();
  if (!idle) co_return fail(idle.error());
  std::map<TenantId, OwnerStats> found;  // a paused owner is told of twice, first with all its counts; so may HSCAN
  for (const auto* told : {&*ready, &*idle}) {
    for (const auto& owner : *told) found.try_emplace(owner.owner, owner);
  }
  std::vector<OwnerStats> owners;
  for (const auto& [id, owner] : found) owners.push_back(owner);
  co_return owners;
}

}  // namespace waypost
