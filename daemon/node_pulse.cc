#include "daemon/node_pulse.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "base/log.h"
#include "base/metrics.h"
#include "daemon/silent_nodes.h"
#include "net/rounds.h"
#include "net/spawn.h"
#include "sql/postgres_statistics.h"

namespace waypost {

Rival judge_rival(const store::Node& first, const store::Node& now, std::chrono::milliseconds waited,
                  std::chrono::milliseconds limit) {
  const bool moves = now.incarnation != first.incarnation || now.seen_at != first.seen_at;
  return moves || waited >= limit ? Rival::Refuse : Rival::Wait;
}

Result<void> claim_node_name(sql::Database& database, const store::Node& node, const Clock& clock,
                             const NodePatience& patience) {
  const auto begun = std::chrono::steady_clock::now();
  std::optional<store::Node> first;
  while (true) {
    const auto rival = database.write_and_wait(
        0, [&](sql::Connection& connection) { return store::claim_node(connection, node, clock.now()); });
    if (!rival) return fail(rival.error());
    if (!*rival) return {};
    if (!first) {
      first = **rival;
      log::info("a node named {} was seen at {}: waiting whether it still lives", node.name, iso8601(first->seen_at));
    }
    const auto waited = std::chrono::steady_clock::now() - begun;
    const auto verdict = judge_rival(*first, **rival, std::chrono::duration_cast<milliseconds>(waited), patience.limit);
    if (verdict == Rival::Refuse) {
      return fail(ErrorKind::Conflict, "another waypostd named \"" + node.name +
                                           "\" works on this store: give each its own `node` in the settings");
    }
    std::this_thread::sleep_for(patience.look);
  }
}

struct NodePulse::State {
  State(asio::any_io_executor on, sql::Database& by, store::Node us, const Clock& with)
      : loop(std::move(on)), database(by), node(std::move(us)), clock(with), rounds(loop) {}

  // Constant after construction.
  const asio::any_io_executor loop;
  sql::Database& database;
  const store::Node node;
  const Clock& clock;

  Hooks hooks;
  SilentNodes silences{kSilence};
  Rounds rounds;

  static awaitable<void> run(std::shared_ptr<State> state);
  awaitable<void> beat();
  awaitable<void> show();
  awaitable<void> refresh();
  awaitable<void> leave();
};

awaitable<void> NodePulse::State::run(std::shared_ptr<State> state) {
  while (state->rounds.go_on()) {
    co_await state->beat();
    co_await state->show();
    if (state->hooks.keeps_house()) co_await state->refresh();
    co_await state->rounds.rest(kEvery);
  }
  co_await state->leave();
  state->rounds.over();
}

awaitable<void> NodePulse::State::beat() {
  const auto alone = co_await database.write(
      0, [of = node, now = clock.now()](sql::Connection& connection) { return store::beat_node(connection, of, now); });
  if (!alone)
    log::warn("this node's heartbeat fails: {}", alone.error().words());
  else if (!*alone)
    log::error("another waypostd has taken this node's name, \"{}\": stop one of them", node.name);
}

awaitable<void> NodePulse::State::show() {
  const auto nodes = co_await database.read([](sql::Connection& connection) { return store::list_nodes(connection); });
  if (!nodes) co_return;
  if (silences.look(*nodes, std::chrono::steady_clock::now()) > 0) {
    log::warn("a node of this store fell silent: its work is taken over (waypost node list)");
    hooks.another_died();
  }
  for (const auto& each : *nodes) {
    const auto silent = each.stopped_at ? milliseconds(0) : clock.now() - each.seen_at;
    gauge("waypost_node_seen_seconds", "Seconds since a node of this store was heard of; 0 when it stopped of itself",
          {{"node", each.name}})
        .Set(std::max(std::chrono::duration<double>(silent).count(), 0.0));
  }
}

awaitable<void> NodePulse::State::refresh() {
  const auto made = co_await database.write(
      0, [](sql::Connection& connection) { return sql::refresh_statistics(connection); }, sql::Urgency::Bulk);
  if (!made) log::debug("the store's statistics are not made: {}", made.error().words());
}

awaitable<void> NodePulse::State::leave() {
  const auto left = co_await database.write(
      0, [of = node, now = clock.now()](sql::Connection& connection) { store::leave_node(connection, of, now); });
  if (!left) log::warn("the store does not know that this node stops: {}", left.error().words());
}

NodePulse::NodePulse(asio::any_io_executor loop, sql::Database& database, store::Node node, const Clock& clock)
    : state_(std::make_shared<State>(std::move(loop), database, std::move(node), clock)) {}

NodePulse::~NodePulse() { state_->rounds.abandon(); }

void NodePulse::start(Hooks hooks) {
  state_->hooks = std::move(hooks);
  state_->rounds.begin();
  spawn(state_->loop, "node", State::run(state_));
}

awaitable<void> NodePulse::stop() {
  const auto state = state_;
  co_await state->rounds.stop();
}

}  // namespace waypost
