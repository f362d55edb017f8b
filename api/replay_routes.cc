// What came by webhooks, once more through today's parser: many dead letters, or a span of this node's journal. Both
// answer with lines of progress, of which the last says how it ended; whoever hangs up stops them at the next page.

#include "api/door.h"
#include "api/input.h"
#include "api/letter_filter.h"
#include "api/own_thread.h"
#include "api/routes.h"
#include "base/log.h"
#include "webhook/applier.h"
#include "webhook/reingest.h"

namespace waypost::api {
namespace {

constexpr std::chrono::milliseconds kBetweenWords{500};

ReplayParts parts_of(Shared& shared) {
  return {.database = shared.database, .signals = *shared.parts.signals, .clock = shared.clock};
}

// How far it is, whichever of the two it is.
Json told(const LetterRetry& retry) { return to_json(retry.counts()); }
Json told(const Reingest& reingest) {
  const auto& progress = reingest.progress();
  const auto& updates = progress.updates;
  Json json = to_json(updates);
  json["updates"] = updates.fresh + updates.applied + updates.dead;
  json["records"] = progress.records;
  json["position"] = progress.read;
  json["first"] = progress.first;
  json["last"] = progress.last;
  return json;
}

std::string line_of(Json json, const char* state) {
  json["state"] = state;
  return dump(json) + "\n";
}

// Pages for half a second. False: that was the last.
template <class Work>
Result<bool> go_on(Work& work) {
  const auto until = std::chrono::steady_clock::now() + kBetweenWords;
  while (std::chrono::steady_clock::now() < until) {
    const auto more = work.next_page();
    if (!more || !*more) return more;
  }
  return true;
}

template <class Work>
awaitable<void> stream_pages(OwnThread thread, std::shared_ptr<Work> work, BodyWriter& out) {
  while (true) {
    const auto more = co_await on_thread(thread, [work] { return go_on(*work); });
    auto line = told(*work);
    if (!more) line["error"] = more.error().words();
    const char* state = !more ? "failed" : *more ? "working" : "done";
    if (!co_await out.write(line_of(std::move(line), state)) || !more || !*more) co_return;
  }
}

template <class Work>
Response streamed(OwnThread thread, std::shared_ptr<Work> work) {
  Response response;
  response.headers.add("Content-Type", "application/x-ndjson");
  response.stream = [thread = std::move(thread), work = std::move(work)](BodyWriter& out) {
    return stream_pages(thread, work, out);
  };
  return response;
}

// Dead letters ------------------------------------------------------------------------------------------------------

awaitable<Result<Response>> retry_letters(Shared& shared, AdminCall call) {
  auto input = Input::of(call.request);
  if (!input) co_return fail(input.error());
  auto filter = read_filter(*input);
  const auto runs = read_late_runs(*input);
  if (auto fine = input->end(); !fine) co_return fail(fine.error());
  log::info("dead letters are tried again, for {}", call.by);
  co_return streamed(own_thread(), std::make_shared<LetterRetry>(parts_of(shared), std::move(filter), runs));
}

// The journal -------------------------------------------------------------------------------------------------------

// One at a time: taken while it lives.
class Turn {
 public:
  static std::shared_ptr<Turn> take(std::atomic<bool>& taken) {
    if (taken.exchange(true)) return nullptr;
    return std::shared_ptr<Turn>(new Turn(taken));
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() { taken_ = false; }

 private:
  explicit Turn(std::atomic<bool>& taken) : taken_(taken) {}
  std::atomic<bool>& taken_;
};

Time read_time(Input& input, std::string_view key, std::optional<Time> otherwise) {
  const auto text = otherwise ? input.maybe_text(key) : input.text(key);
  const auto at = text ? parse_iso8601(*text) : otherwise;
  if (!at && text && !text->empty()) input.complain(key, "Expected a time such as 2026-11-23T15:52:46Z");
  return at.value_or(Time{});
}

ReingestSpan read_span(Input& input, Time now) {
  return {.from = read_time(input, "from", std::nullopt),
          .to = read_time(input, "to", now),
          .app = input.maybe_text("app"),
          .runs = read_late_runs(input),
          .rehearsal = input.maybe_bool("dryRun").value_or(false) ? Rehearsal::Yes : Rehearsal::No};
}

awaitable<Result<Response>> reingest(Shared& shared, AdminCall call) {
  if (shared.parts.journal == nullptr || shared.parts.applier == nullptr)
    co_return fail(ErrorKind::Conflict, "this node has no journal: ask one with the role webhook");
  auto input = Input::of(call.request);
  if (!input) co_return fail(input.error());
  const auto span = read_span(*input, shared.clock.now());
  if (auto fine = input->end(); !fine) co_return fail(fine.error());
  auto turn = Turn::take(shared.reingesting);
  if (!turn) co_return fail(ErrorKind::Conflict, "this node re-ingests already: wait for its end, or end it first");
  const auto thread = own_thread();
  auto begun = co_await on_thread(thread, [&] {
    return Reingest::begin(*shared.parts.journal, parts_of(shared), span, shared.parts.applier->mark());
  });
  if (!begun) co_return fail(begun.error());
  log::info("the journal from {} to {} is re-ingested, for {}", iso8601(span.from), iso8601(span.to), call.by);
  // The turn ends with the work.
  struct Held {
    std::shared_ptr<Turn> turn;
    std::unique_ptr<Reingest> work;
  };
  const auto held = std::make_shared<Held>(std::move(turn), *std::move(begun));
  co_return streamed(thread, std::shared_ptr<Reingest>(held, held->work.get()));
}

}  // namespace

void add_replay_routes(Router& router, Shared& shared, Side side) {
  add_entries(router, shared, side,
              std::initializer_list<AdminEntry>{
                  {"POST", "/dead-letters/retry", retry_letters},
                  {"POST", "/reingest", reingest},
              });
}

}  // namespace waypost::api
