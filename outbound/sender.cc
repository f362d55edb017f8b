#include "outbound/sender.h"

#include <utility>
#include <variant>

#include "outbound/attempt.h"
#include "outbound/file_upload.h"
#include "outbound/head.h"
#include "store/channel_blocks.h"
#include "store/sending.h"

namespace waypost {
namespace {

// Beyond the POST's own deadline, before a row in `sending` counts as nobody's: 5 s to the POST, and its settlement.
constexpr milliseconds kLeaseMargin{10'000};
// Then the conversation goes back to the queue, so that others have their turn.
constexpr int kMovesPerTurn = 32;

}  // namespace

// One handler's work on one stream. Gone with the handler.
class Sender::Turn {
 public:
  Turn(SenderState& state, ReadyKey key) : state_(state), key_(key) {}

  awaitable<WorkOutcome> run() {
    for (int moves = 0; moves < kMovesPerTurn; ++moves) {
      auto view = co_await look();
      if (!view) co_return fail(std::move(view.error()).during("reading sends"));
      if (!*view) co_return std::nullopt;
      auto next = co_await move(**view);
      if (!next) co_return fail(std::move(next.error()).during("sending"));
      if (const auto* leave = std::get_if<Leave>(&*next)) co_return leave->until;
    }
    co_return state_.now();
  }

 private:
  awaitable<Result<std::optional<store::SendView>>> look() {
    auto unit = [key = key_, now = state_.now()](sql::Connection& connection) {
      const auto* stream = key.stream == Stream::Bulk ? "bulk" : "reply";
      return store::read_sends(connection, {.tenant = key.owner, .conversation = key.key, .stream = stream}, now);
    };
    co_return co_await state_.parts.database->read(std::move(unit));
  }

  HeadContext context() const {
    const Time now = state_.now();
    return {.now = now,
            .started_at = state_.started_at,
            .webhooks_applied = state_.parts.webhooks_applied ? state_.parts.webhooks_applied() : now,
            .is_only_node = state_.parts.is_only_node,
            .grace = state_.settings.unknown_grace,
            .window_margin = state_.settings.window_margin};
  }

  awaitable<Result<Next>> move(const store::SendView& view) {
    const HeadMove move = judge_head(view, context());
    if (const auto* rest = std::get_if<Rest>(&move)) co_return Leave{.until = rest->until};
    if (const auto* follow = std::get_if<Follow>(&move)) co_return hand_over(follow->survivor);
    if (const auto* expire = std::get_if<Expire>(&move)) co_return co_await expired(*expire);
    if (const auto* failure = std::get_if<Fail>(&move)) co_return co_await failed(*failure);
    if (std::holds_alternative<EndBlock>(move)) co_return co_await unblocked(*view.channel);
    if (std::holds_alternative<GiveUpWaiting>(move)) co_return co_await abandoned(*view.head);
    if (std::holds_alternative<AskWindow>(move)) co_return co_await outside(*view.head);
    if (const auto* bring = std::get_if<BringFile>(&move)) {
      FileUpload upload(state_, view, bring->file);
      co_return co_await upload.run();
    }
    Attempt attempt(state_, view);
    co_return co_await attempt.run();
  }

  Next hand_over(ConversationId survivor) {
    ReadyKey key = key_;
    key.key = survivor;
    state_.parts.signals->offer({{.queue = QueueName::Sends, .key = key}});
    return Leave{};
  }

  awaitable<Result<Next>> expired(Expire expire) {
    co_return co_await written([expire = std::move(expire), now = state_.now()](sql::Connection& connection) {
      return store::record_expired(connection, expire.message, expire.why, now);
    });
  }

  awaitable<Result<Next>> failed(Fail failure) {
    co_return co_await written([failure = std::move(failure), now = state_.now()](sql::Connection& connection) {
      return store::record_failed(connection, failure.message, failure.why, now);
    });
  }

  awaitable<Result<Next>> unblocked(store::Channel channel) {
    co_return co_await written([channel = std::move(channel), now = state_.now()](sql::Connection& connection) {
      return store::end_block(connection, channel, now);
    });
  }

  awaitable<Result<Next>> abandoned(store::Message head) {
    const Time now = state_.now();
    const Time due = now + state_.settings.unknown_grace;
    co_return co_await written([head = std::move(head), due, now](sql::Connection& connection) {
      return store::record_unknown(connection, head, due, now);
    });
  }

  awaitable<Result<Next>> outside(store::Message head) {
    co_return co_await written(
        [head = std::move(head), rules = state_.rules(), now = state_.now()](sql::Connection& connection) {
          return store::apply_window_policy(connection, head, rules, now).applied;
        });
  }

  // Whether the unit moved the row or somebody else had: the rows say what is next.
  template <class Unit>
  awaitable<Result<Next>> written(Unit unit) {
    const auto done = co_await state_.parts.database->write(sql::lane_key(key_.key, key_.owner), std::move(unit));
    if (!done) co_return fail(done.error());
    co_return Again{};
  }

  SenderState& state_;
  const ReadyKey key_;
};

Sender::Sender(SenderParts parts, SendingSettings sending, GraphSettings graph)
    : state_(std::make_unique<SenderState>(SenderState{.parts = parts,
                                                       .settings = sending,
                                                       .lease = graph.timeout + kLeaseMargin,
                                                       .started_at = parts.clock->now(),
                                                       .pacing = Pacing(sending),
                                                       .shared = SharedPacing(parts.buckets, sending)})) {}

Sender::~Sender() = default;

void Sender::stop() { state_->stopping = true; }

awaitable<WorkOutcome> Sender::handle(ReadyKey key) {
  Turn turn(*state_, key);
  co_return co_await turn.run();
}

}  // namespace waypost
