#include "outbound/pacing.h"

#include <algorithm>
#include <cmath>

#include "conversation/throughput.h"

namespace waypost {
namespace {

constexpr std::chrono::minutes kClimb{5};
// Many sends are in flight when a number is throttled; their answers are one word.
constexpr std::chrono::seconds kOneThrottle{2};
// Of a number that is throttled again and again.
constexpr double kSlowest = 1.0 / 64;

// Up to a tenth of a second's messages at once: Meta counts by the second. At least two, of which bulk leaves one.
Bucket::Rate number_rate(double per_second) {
  return {.interval = std::chrono::microseconds(std::llround(1e6 / per_second)),
          .burst = std::max(2, static_cast<int>(per_second / 10))};
}

// What bulk may take of the burst.
Bucket::Rate less_for_bulk(Bucket::Rate rate) {
  rate.burst /= 2;
  return rate;
}

Time rounded_up(Bucket::Fine at) { return std::chrono::ceil<milliseconds>(at); }

}  // namespace

SendRank rank_of(bool is_bulk, std::optional<Time> window_expires_at, Time now) {
  if (is_bulk) return SendRank::Bulk;
  const bool ends_soon = window_expires_at && *window_expires_at > now && *window_expires_at - now < kHurry;
  return ends_soon ? SendRank::Hurried : SendRank::Reply;
}

double full_rate(const Json& standing, const SendingSettings& settings) {
  const int allowed = throughput(standing);
  const int most = settings.number_per_second > 0 ? std::min(settings.number_per_second, allowed) : allowed;
  return most * (100 - settings.inbound_reserve_percent) / 100.0;
}

double Pacing::part_of(const Number& number, Time now) {
  const double climbed = std::chrono::duration<double>(now - number.slowed_at) / std::chrono::duration<double>(kClimb);
  return number.slowed_to + (1 - number.slowed_to) * std::clamp(climbed, 0.0, 1.0);
}

double Pacing::rate_of(const PaceKey& key, Time now) const {
  const auto known = numbers_.find(key.number);
  return std::max(1.0, key.per_second * (known == numbers_.end() ? 1 : part_of(known->second, now)));
}

std::optional<Time> Pacing::wait_for_pauses(const PaceKey& key, Time now) const {
  Time until{};
  if (const auto known = accounts_.find(key.account); known != accounts_.end()) until = std::max(until, known->second);
  if (const auto known = apps_.find(key.app); known != apps_.end()) until = std::max(until, known->second);
  if (const auto known = numbers_.find(key.number); known != numbers_.end()) {
    until = std::max(until, known->second.paused_until);
  }
  if (const auto known = pairs_.find(key.pair); known != pairs_.end()) {
    until = std::max(until, known->second.paused_until);
  }
  if (until <= now) return std::nullopt;
  return until;
}

std::optional<Time> Pacing::take(const PaceKey& key, Time now) {
  if (const auto until = wait_for_pauses(key, now)) return until;
  if (!settings_.pacing) return std::nullopt;
  forget_idle_pairs(now);
  Number& number = numbers_[key.number];
  Pair& pair = pairs_[key.pair];
  const Bucket::Rate per_pair{.interval = settings_.pair_interval, .burst = settings_.pair_burst};
  if (const auto ready = pair.bucket.ready_at(per_pair); ready > now) return rounded_up(ready);
  auto& told = key.rank == SendRank::Bulk ? pair.told_bulk : pair.told_reply;
  if (told > now && key.rank != SendRank::Hurried) return told;
  const auto rate = number_rate(rate_of(key, now));
  if (const auto turn = wait_for_turn(number, key.rank, rate, now)) {
    if (key.rank != SendRank::Hurried) told = *turn;
    return turn;
  }
  pair.bucket.take(per_pair, now);
  number.bucket.take(rate, now);
  return std::nullopt;
}

// A hurried reply takes the next free moment, which those in front of it then find taken.
std::optional<Time> Pacing::wait_for_turn(Number& number, SendRank rank, const Bucket::Rate& rate, Time now) {
  const bool is_bulk = rank == SendRank::Bulk;
  auto ready = number.bucket.ready_at(is_bulk ? less_for_bulk(rate) : rate);
  if (is_bulk) ready = std::max(ready, number.next_reply);
  if (ready <= now) return std::nullopt;
  if (rank == SendRank::Hurried) return rounded_up(ready);
  auto& next = is_bulk ? number.next_bulk : number.next_reply;
  const auto turn = std::max(ready, next);
  next = turn + rate.interval;
  return rounded_up(turn);
}

void Pacing::pause_pair(ConversationId pair, Time until) {
  auto& paused = pairs_[pair].paused_until;
  paused = std::max(paused, until);
}

void Pacing::pause_number(ChannelId id, Time until, Time now) {
  Number& number = numbers_[id];
  number.paused_until = std::max(number.paused_until, until);
  if (now - number.slowed_at < kOneThrottle) return;
  number.slowed_to = std::max(kSlowest, part_of(number, now) / 2);
  number.slowed_at = now;
}

void Pacing::pause_account(const std::string& account, Time until) {
  auto& paused = accounts_[account];
  paused = std::max(paused, until);
}

void Pacing::pause_app(const std::string& app, Time until) {
  auto& paused = apps_[app];
  paused = std::max(paused, until);
}

// A pair whose bucket is empty, that is not paused and waits for no turn is like one never seen. Looked for when the
// table has doubled.
void Pacing::forget_idle_pairs(Time now) {
  if (pairs_.size() < pairs_kept_) return;
  std::erase_if(pairs_, [now](const auto& entry) {
    const Pair& pair = entry.second;
    return pair.bucket.empty_at <= now && std::max({pair.paused_until, pair.told_reply, pair.told_bulk}) <= now;
  });
  pairs_kept_ = std::max<std::size_t>(1'024, pairs_.size() * 2);
}

}  // namespace waypost
