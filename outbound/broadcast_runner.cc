#include "outbound/broadcast_runner.h"

#include <boost/asio/steady_timer.hpp>
#include <utility>
#include <vector>

#include "base/log.h"
#include "net/rounds.h"
#include "net/spawn.h"
#include "store/broadcast_audience.h"
#include "store/broadcast_feed.h"

namespace waypost {
namespace {

constexpr std::int64_t kMostActive = 1'000;
constexpr std::chrono::seconds kComplainEvery{60};

// How many of a page's units are not over yet; whoever waits for them is woken by the last one.
struct Page {
  Page(const asio::any_io_executor& loop, std::size_t units) : left(units), over(loop) {}

  awaitable<void> all() {
    while (left > 0) {
      over.expires_at(asio::steady_timer::time_point::max());
      co_await over.async_wait(kToken);
    }
  }
  void one_is_over(bool well) {
    done += well ? 1 : 0;
    if (--left == 0) over.cancel();
  }

  std::size_t left;
  std::size_t done = 0;
  asio::steady_timer over;
};

sql::LaneKey lane_of(const store::Broadcast& broadcast) { return sql::lane_key(broadcast.id, broadcast.tenant); }

// The lane of the conversation, where there is one: then the sender's writes for it stand in the same line.
sql::LaneKey lane_of(const store::Broadcast& broadcast, const store::FeedPlan::Next& next) {
  if (next.conversation) return sql::lane_key(*next.conversation, broadcast.tenant);
  return sql::lane_key(next.contact, broadcast.tenant);
}

Signal signal_for(const store::Message& message) {
  return {
      .queue = QueueName::Sends,
      .key = {
          .owner = message.tenant, .key = message.conversation, .stream = Stream::Bulk, .channel = message.channel}};
}

bool is_fault_of_ours(const Error& error) {
  return error.kind() == ErrorKind::Internal || error.kind() == ErrorKind::Conflict;
}

}  // namespace

struct BroadcastRunner::State {
  State(BroadcastRunnerParts with, BroadcastRunnerSettings set)
      : parts(std::move(with)), settings(set), rounds(parts.loop) {}

  // Constant after construction.
  const BroadcastRunnerParts parts;
  const BroadcastRunnerSettings settings;

  std::chrono::steady_clock::time_point complained{};
  Rounds rounds;

  static awaitable<void> run(std::shared_ptr<State> state);
  awaitable<bool> round();
  // Whether it moved on.
  awaitable<bool> step(const store::Broadcast& broadcast);
  awaitable<bool> freeze(const store::Broadcast& broadcast);
  awaitable<bool> feed(const store::Broadcast& broadcast);
  awaitable<bool> feed_page(const store::Broadcast& broadcast, const std::vector<store::FeedPlan::Next>& next);
  awaitable<void> feed_one(store::Broadcast broadcast, store::FeedPlan::Next next, std::shared_ptr<Page> page);
  awaitable<bool> settle_fault(const store::Broadcast& broadcast, ContactId contact, const Error& fault);

  template <class Unit>
  awaitable<bool> written(const store::Broadcast& broadcast, Unit unit) {
    const auto done = co_await parts.database.write(lane_of(broadcast), std::move(unit), sql::Urgency::Bulk);
    if (!done) complain(done.error());
    co_return done && *done;
  }
  void complain(const Error& error);
};

awaitable<void> BroadcastRunner::State::run(std::shared_ptr<State> state) {
  while (state->rounds.go_on()) {
    const bool is_busy = state->parts.mine() && co_await state->round();
    co_await state->rounds.rest(is_busy ? std::chrono::milliseconds(0) : state->settings.every);
  }
  state->rounds.over();
}

awaitable<bool> BroadcastRunner::State::round() {
  const Time now = parts.clock.now();
  const auto active = co_await parts.database.read(
      [now](sql::Connection& connection) { return store::active_broadcasts(connection, now, kMostActive); });
  if (!active) {
    complain(active.error());
    co_return false;
  }
  bool is_busy = false;
  for (const auto& broadcast : *active) {
    if (!rounds.go_on()) break;
    const bool moved = co_await step(broadcast);
    is_busy = is_busy || moved;
  }
  co_return is_busy;
}

awaitable<bool> BroadcastRunner::State::step(const store::Broadcast& broadcast) {
  switch (broadcast.status) {
    case BroadcastStatus::Scheduled:
      co_return co_await written(broadcast, [broadcast, now = parts.clock.now()](sql::Connection& connection) {
        return store::start_scheduled(connection, broadcast, now);
      });
    case BroadcastStatus::Preparing:
      co_return co_await freeze(broadcast);
    case BroadcastStatus::Sending:
      co_return co_await feed(broadcast);
    case BroadcastStatus::Draft:
    case BroadcastStatus::Paused:
    case BroadcastStatus::Completed:
    case BroadcastStatus::Cancelled:
      break;
  }
  co_return false;
}

awaitable<bool> BroadcastRunner::State::freeze(const store::Broadcast& broadcast) {
  const Time until = broadcast.frozen_at.value_or(parts.clock.now());
  auto page =
      co_await parts.database.read([broadcast, until, most = settings.contacts_a_page](sql::Connection& connection) {
        const auto query = store::audience_of(connection, broadcast, until);
        return store::audience_page(connection, query, broadcast.frozen_behind, most);
      });
  if (!page) {
    complain(page.error());
    co_return false;
  }
  co_return co_await written(
      broadcast, [broadcast, page = *std::move(page), now = parts.clock.now()](sql::Connection& connection) {
        return store::freeze_page(connection, broadcast, page, now);
      });
}

awaitable<bool> BroadcastRunner::State::feed(const store::Broadcast& broadcast) {
  const Time now = parts.clock.now();
  const auto plan =
      co_await parts.database.read([broadcast, now, most = settings.recipients_a_page](sql::Connection& connection) {
        return store::plan_feed(connection, broadcast, most, now);
      });
  if (!plan) {
    complain(plan.error());
    co_return false;
  }
  if (plan->stop) {
    co_return co_await written(broadcast, [broadcast, stop = *plan->stop, now](sql::Connection& connection) {
      return store::stop_broadcast(connection, broadcast, stop, now);
    });
  }
  if (plan->is_over) {
    co_return co_await written(broadcast, [broadcast, now](sql::Connection& connection) {
      return store::finish_broadcast(connection, broadcast, now);
    });
  }
  co_return co_await feed_page(broadcast, plan->next);
}

// All at once: the lane commits many of them together.
awaitable<bool> BroadcastRunner::State::feed_page(const store::Broadcast& broadcast,
                                                  const std::vector<store::FeedPlan::Next>& next) {
  const auto page = std::make_shared<Page>(parts.loop, next.size());
  for (const auto& one : next) spawn(parts.loop, "broadcast feed", feed_one(broadcast, one, page));
  co_await page->all();
  co_return page->done > 0;
}

awaitable<void> BroadcastRunner::State::feed_one(store::Broadcast broadcast, store::FeedPlan::Next next,
                                                 std::shared_ptr<Page> page) {
  const store::RecipientKey key{.tenant = broadcast.tenant, .broadcast = broadcast.id, .contact = next.contact};
  auto unit = [key, rules = settings.rules, now = parts.clock.now()](sql::Connection& connection) {
    return store::feed_recipient(connection, key, rules, now);
  };
  const auto fed = co_await parts.database.write(lane_of(broadcast, next), std::move(unit), sql::Urgency::Bulk);
  bool well = fed.has_value();
  if (fed && fed->message) parts.signals.offer({signal_for(*fed->message)});
  if (!fed) well = co_await settle_fault(broadcast, next.contact, fed.error());
  page->one_is_over(well);
}

// A store that is away is waited for; what cannot be written is left out, so that it harms only itself.
awaitable<bool> BroadcastRunner::State::settle_fault(const store::Broadcast& broadcast, ContactId contact,
                                                     const Error& fault) {
  complain(fault);
  if (!is_fault_of_ours(fault)) co_return false;
  const store::RecipientKey key{.tenant = broadcast.tenant, .broadcast = broadcast.id, .contact = contact};
  co_return co_await written(broadcast, [key, now = parts.clock.now()](sql::Connection& connection) {
    store::leave_out(connection, key, "fault", now);
    return true;
  });
}

void BroadcastRunner::State::complain(const Error& error) {
  const auto now = std::chrono::steady_clock::now();
  if (now - complained < kComplainEvery) return;
  complained = now;
  log::warn("a broadcast waits, the next rounds go on: {}", error.words());
}

BroadcastRunner::BroadcastRunner(BroadcastRunnerParts parts, BroadcastRunnerSettings settings)
    : state_(std::make_shared<State>(std::move(parts), settings)) {}

BroadcastRunner::~BroadcastRunner() { state_->rounds.abandon(); }

void BroadcastRunner::start() {
  state_->rounds.begin();
  spawn(state_->parts.loop, "broadcasts", State::run(state_));
}

awaitable<void> BroadcastRunner::stop() {
  const auto state = state_;
  co_await state->rounds.stop();
}

awaitable<bool> BroadcastRunner::round() {
  const auto state = state_;
  co_return co_await state->round();
}

}  // namespace waypost
