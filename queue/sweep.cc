#include "queue/sweep.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/metrics.h"
#include "net/rounds.h"
#include "net/spawn.h"
#include "queue/scripts.h"

namespace waypost {

namespace {

constexpr auto kEpoch = "{waypost}:epoch";
// Set by a node that does not sweep and whose link was away: signals of its own may be lost, though Redis forgot none.
constexpr auto kWanted = "{waypost}:epoch:wanted";
// A full sweep's mark outlives any sweep; when its node dies it goes by itself.
constexpr auto kMarkSeconds = "3600";
constexpr std::chrono::seconds kComplainEvery{10};
// How soon a node sees that it is to sweep: with the lease's end it must stay below law 4's five seconds.
constexpr std::chrono::milliseconds kLookForTurn{250};
// What is overdue is read anew so much later than it took.
constexpr int kOverdueShare = 20;

// With a time: reminders of what is due. What is due later by its failures is offered for then.
std::vector<Offer> offers_for(QueueName queue, const std::vector<Signal>& signals, std::optional<Time> remind_by) {
  std::vector<Offer> offers;
  for (const auto& signal : signals) {
    if (signal.queue != queue) continue;
    const bool reminds = remind_by && !signal.due;
    offers.push_back({.key = signal.key, .due = reminds ? remind_by : signal.due, .reminds = reminds});
  }
  return offers;
}

}  // namespace

struct Sweep::State : std::enable_shared_from_this<State> {
  State(asio::any_io_executor on, RedisLink& by, const WorkQueues& to)
      : loop(std::move(on)), link(by), queues(to), rounds(loop) {}

  // Constant after start.
  asio::any_io_executor loop;
  RedisLink& link;
  const WorkQueues queues;
  SweepSource source;
  SweepSettings settings;

  bool was_mine = false;
  std::uint64_t swept_connection = 0;  // the link's connection for which everything was offered, or asked for
  std::uint64_t wants = 0;             // how often everything was wanted, whatever the connection
  std::uint64_t full = 0;
  Time mirrored;                                     // what is due until then was offered
  std::chrono::steady_clock::time_point overdue_at;  // when it is looked for next
  std::chrono::steady_clock::time_point complained;
  Rounds rounds;

  static awaitable<void> run(std::shared_ptr<State> state);
  std::chrono::milliseconds pause() const {
    return was_mine ? settings.interval : std::min(settings.interval, kLookForTurn);
  }
  awaitable<Result<void>> pass();
  awaitable<Result<void>> ask_for_everything();
  awaitable<Result<bool>> forgotten();
  awaitable<Result<void>> offer_everything();
  awaitable<Result<void>> mirror();
  awaitable<Result<void>> remind();
  awaitable<Result<void>> offer_all(DueSpan span, std::optional<Time> remind_by = std::nullopt);
  void complain(const Error& error) {
    const auto now = std::chrono::steady_clock::now();
    if (now - complained < kComplainEvery) return;
    complained = now;
    log::warn("sweep: {}", error.words());
  }
};

awaitable<void> Sweep::State::run(std::shared_ptr<State> state) {
  while (state->rounds.go_on()) {
    if (state->link.is_up()) {
      const auto done = co_await state->pass();
      if (!done && state->rounds.go_on()) state->complain(done.error());
    }
    co_await state->rounds.rest(state->pause());
  }
  state->rounds.over();
}

awaitable<Result<void>> Sweep::State::pass() {
  const bool mine = settings.mine();
  if (mine && !was_mine) swept_connection = 0;  // whoever swept before may have died over it
  was_mine = mine;
  if (!mine) co_return co_await ask_for_everything();
  const auto lost = co_await forgotten();
  if (!lost) co_return fail(lost.error());
  if (*lost) co_return co_await offer_everything();
  if (auto done = co_await mirror(); !done) co_return done;
  co_return co_await remind();
}

awaitable<Result<void>> Sweep::State::remind() {
  const auto began = std::chrono::steady_clock::now();
  if (began < overdue_at) co_return Result<void>();
  const Time now = SystemClock().now();
  auto reminded = co_await offer_all({.until = now - settings.untouched},
                                     now + std::min<std::chrono::milliseconds>(settings.untouched, kMirrored));
  const auto end = std::chrono::steady_clock::now();
  overdue_at =
      end + std::max<std::chrono::steady_clock::duration>(settings.overdue_every, kOverdueShare * (end - began));
  co_return reminded;
}

awaitable<Result<void>> Sweep::State::mirror() {
  const Time until = SystemClock().now() + kMirrored;
  if (until < mirrored + settings.mirror_every) co_return Result<void>();
  auto offered = co_await offer_all({.from = mirrored, .until = until});
  if (offered) mirrored = until;
  co_return offered;
}

awaitable<Result<void>> Sweep::State::ask_for_everything() {
  const auto connection = link.connections();
  const auto wanted = wants;
  if (connection == swept_connection) co_return Result<void>();
  auto asked = co_await link.ask({"SET", kWanted, "1"});
  if (!asked) co_return fail(std::move(asked).error());
  if (wanted == wants) swept_connection = connection;
  co_return Result<void>();
}

awaitable<Result<bool>> Sweep::State::forgotten() {
  if (link.connections() != swept_connection) co_return true;
  const auto known = co_await link.ask({"EXISTS", kEpoch});
  if (!known) co_return fail(known.error());
  const auto wanted = co_await link.ask({"EXISTS", kWanted});
  if (!wanted) co_return fail(wanted.error());
  co_return known->integer == 0 || wanted->integer == 1;
}

// A FLUSHALL between two pages takes the mark away, too: then the epoch stays missing and the next pass begins anew. So
// it does when this node dies in between. What is wanted from now on is wanted again.
awaitable<Result<void>> Sweep::State::offer_everything() {
  const auto connection = link.connections();
  const auto wanted = wants;
  const std::string mark = std::string(kEpoch) + ":sweep:" + random_token(12);
  auto marked = co_await link.ask({"SET", mark, "1", "EX", kMarkSeconds});
  if (!marked) co_return fail(std::move(marked).error());
  auto begins = co_await link.ask({"DEL", kEpoch, kWanted});
  if (!begins) co_return fail(std::move(begins).error());
  const Time until = SystemClock().now() + kMirrored;
  auto offered = co_await offer_all({.until = until});
  if (!offered) co_return offered;
  auto begun =
      co_await link.run({.text = scripts::kBeginEpoch, .keys = {kEpoch, mark}, .arguments = {random_token(12)}});
  if (!begun) co_return fail(std::move(begun).error());
  if (begun->integer == 0) co_return fail(ErrorKind::Unavailable, "Redis forgot the keys during a full sweep");
  if (wanted == wants) swept_connection = connection;
  mirrored = until;
  ++full;
  co_return Result<void>();
}

awaitable<Result<void>> Sweep::State::offer_all(DueSpan span, std::optional<Time> remind_by) {
  static auto& swept = counter("waypost_sweep_offers_total", "Conversations that the sweep offered");
  std::string cursor;
  do {
    auto page = co_await source(span, cursor);
    if (!page) co_return fail(std::move(page).error().during("reading due work"));
    if (!rounds.go_on()) co_return fail(ErrorKind::Unavailable, "stopping");
    for (const auto name : kQueueNames) {
      auto offers = offers_for(name, page->signals, remind_by);
      if (offers.empty()) continue;
      if (auto offered = co_await queues.of(name).offer(std::move(offers)); !offered) co_return offered;
    }
    swept.Increment(static_cast<double>(page->signals.size()));
    cursor = std::move(page->next);
  } while (!cursor.empty());
  co_return Result<void>();
}

Sweep::Sweep(asio::any_io_executor loop, RedisLink& link, const WorkQueues& queues)
    : state_(std::make_shared<State>(std::move(loop), link, queues)) {}

Sweep::~Sweep() { state_->rounds.abandon(); }

void Sweep::start(SweepSource source, SweepSettings settings) {
  WAYPOST_CHECK(settings.overdue_every.count() > 0);
  state_->source = std::move(source);
  state_->settings = std::move(settings);
  state_->rounds.begin();
  state_->link.on_connected([weak = std::weak_ptr(state_)] {
    if (const auto state = weak.lock()) state->rounds.wake();
  });
  spawn(state_->loop, "sweep", State::run(state_));
}

void Sweep::want_everything() {
  state_->swept_connection = 0;
  ++state_->wants;
  state_->rounds.wake();
}

awaitable<void> Sweep::stop() {
  const auto state = state_;
  co_await state->rounds.stop();
}

std::uint64_t Sweep::full_sweeps() const { return state_->full; }

}  // namespace waypost
