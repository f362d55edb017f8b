#include "media/fetcher.h"

#include <set>
#include <utility>
#include <variant>

#include "base/log.h"
#include "base/metrics.h"
#include "conversation/media_type.h"
#include "media/fetch_verdict.h"
#include "store/channels.h"
#include "store/media.h"
#include "store/media_files.h"

namespace waypost::media {
namespace {

// Then the conversation goes back to the queue, so that others have their turn.
constexpr int kFilesPerTurn = 8;
// Bytes that are written at once: a hop to the disk's threads costs about as much as writing them.
constexpr std::size_t kWrite = 256 * 1024;
// While somebody deletes a file of the same content.
constexpr milliseconds kAfterDeletion{5'000};

struct View {
  std::optional<store::Media> media{};
  std::optional<store::Channel> channel{};
};

View read_view(sql::Connection& connection, const ReadyKey& key) {
  View view{.media = store::next_media(connection, key.owner, key.key)};
  if (view.media) view.channel = store::find_channel(connection, key.owner, view.media->channel);
  return view;
}

void count_end(std::string_view outcome) {
  counter("waypost_media_fetches_total", "Fetches of media, by how they ended", {{"outcome", std::string(outcome)}})
      .Increment();
}

void count_bytes(std::uint64_t bytes) {
  static auto& all = counter("waypost_media_bytes_total", "Bytes of media that were stored");
  all.Increment(static_cast<double>(bytes));
}

FetchFailure failed(FetchStep step, Error error) { return {.step = step, .error = std::move(error)}; }

template <class T>
using Step = std::expected<T, FetchFailure>;

}  // namespace

struct MediaFetcher::Needs {
  MediaFetcherParts parts;
  std::vector<std::string> allowed_types;
  bool stopping = false;
  std::set<Uuid> unsettled{};  // tries that are counted, and nothing of them is written yet
  Time now() const { return parts.clock->now(); }
};

// One file, from its row to its end. Gone with the handler.
class MediaFetcher::Fetching {
  template <class Unit>
  auto write(Unit unit) {
    return needs_.parts.database->write(sql::lane_key(media_.conversation, media_.tenant), std::move(unit));
  }

 public:
  Fetching(Needs& needs, store::Media media, store::Channel channel)
      : needs_(needs), media_(std::move(media)), channel_(std::move(channel)) {}

  // An Error means the store is away. What else goes wrong is written into the row.
  awaitable<Result<void>> run() {
    const auto begun = co_await begin();
    if (!begun) co_return fail(begun.error());
    if (!*begun) co_return Result<void>();
    auto arrived = co_await fetch();
    auto settled = arrived ? co_await keep(*std::move(arrived)) : co_await settle(arrived.error());
    if (settled) needs_.unsettled.erase(media_.id.uuid);
    co_return settled;
  }

  awaitable<Result<void>> lose(store::MediaFailure why) {
    count_end(why.reason);
    const auto done = co_await write([media = media_, why = std::move(why), now = needs_.now()](auto& connection) {
      return store::lose_media(connection, media, why, now);
    });
    if (!done) co_return fail(done.error());
    co_return Result<void>();
  }

 private:
  struct Arrived {
    std::shared_ptr<Draft> draft{};
    MediaFolder::Arrived file{};
    std::string type{};
  };

  // A try whose end could not be written, because the store was away, is not counted twice.
  awaitable<Result<bool>> begin() {
    if (needs_.unsettled.contains(media_.id.uuid)) co_return true;
    const auto begun = co_await write([media = media_](auto& connection) { return begin_fetch(connection, media); });
    if (!begun || !*begun) co_return begun;
    ++media_.attempts;
    needs_.unsettled.insert(media_.id.uuid);
    co_return true;
  }

  awaitable<Step<Arrived>> fetch() {
    auto token = needs_.parts.keyring->open(channel_.sealed_access_token, store::kAccessTokenPurpose);
    if (!token) co_return std::unexpected(failed(FetchStep::Find, std::move(token).error()));
    if (media_.named.url) {
      auto arrived = co_await fetch_from({.url = *media_.named.url}, *token);
      const bool is_over = arrived || !media_.named.id || arrived.error().step != FetchStep::Download ||
                           !wants_new_address(arrived.error().error);
      if (is_over) co_return arrived;
    }
    auto link = co_await needs_.parts.client->find({.id = channel_.phone_number_id, .token = *token}, *media_.named.id);
    if (!link) co_return std::unexpected(failed(FetchStep::Find, std::move(link).error()));
    co_return co_await fetch_from(*std::move(link), *std::move(token));
  }

  awaitable<Step<Arrived>> fetch_from(MediaLink link, Secret token) {
    auto draft = co_await needs_.parts.folder->begin();
    if (!draft) co_return std::unexpected(failed(FetchStep::Disk, std::move(draft).error()));
    draft_ = *std::move(draft);
    waiting_.clear();
    disk_.reset();
    auto got = co_await needs_.parts.client->download(
        {.url = link.url, .token = std::move(token), .take = [this](std::string_view piece) { return take(piece); }});
    if (got && !waiting_.empty()) (void)co_await flush();
    if (disk_) co_return std::unexpected(failed(FetchStep::Disk, *disk_));
    if (!got && needs_.stopping) co_return std::unexpected(failed(FetchStep::Stop, std::move(got).error()));
    if (!got) co_return std::unexpected(failed(FetchStep::Download, std::move(got).error()));
    co_return co_await check(link);
  }

  awaitable<Result<void>> take(std::string_view piece) {
    if (needs_.stopping) co_return fail(ErrorKind::Unavailable, "this node stops");
    waiting_ += piece;
    if (waiting_.size() < kWrite) co_return Result<void>();
    co_return co_await flush();
  }

  awaitable<Result<void>> flush() {
    auto written = co_await needs_.parts.folder->append(draft_, std::exchange(waiting_, {}));
    if (!written) disk_ = written.error();
    co_return written;
  }

  awaitable<Step<Arrived>> check(const MediaLink& link) {
    auto file = co_await needs_.parts.folder->finish(draft_);
    if (!file) co_return std::unexpected(failed(FetchStep::Disk, std::move(file).error()));
    Arrived arrived{.draft = draft_, .file = *file, .type = kept_type(file->sniffed, media_.named.said_type)};
    const auto promised = media_.named.said_hash ? media_.named.said_hash : read_media_hash(link.said_hash);
    auto fine = check_arrival({.hash = file->hash, .size = file->size, .type = arrived.type, .promised = promised},
                              needs_.allowed_types);
    if (!fine) co_return std::unexpected(failed(FetchStep::Check, std::move(fine).error()));
    co_return arrived;
  }

  // The claim goes first: from then on nobody deletes a file of this content.
  awaitable<Result<void>> keep(Arrived arrived) {
    const Time claimed_at = needs_.now();
    const auto claimed = co_await write([hash = arrived.file.hash, claimed_at](auto& connection) {
      return store::claim_file(connection, hash, claimed_at);
    });
    if (!claimed) co_return fail(claimed.error());
    if (!*claimed) co_return co_await come_again();
    auto kept = co_await needs_.parts.folder->keep(arrived.draft, arrived.file.hash);
    if (!kept) co_return co_await settle(failed(FetchStep::Disk, std::move(kept).error()));
    const store::StoredFile file{.hash = arrived.file.hash,
                                 .size = static_cast<std::int64_t>(arrived.file.size),
                                 .mime_type = arrived.type,
                                 .claimed_at = claimed_at};
    const auto stored = co_await write([media = media_, file, now = needs_.now()](auto& connection) {
      return store::store_media(connection, media, file, now);
    });
    if (!stored && stored.error().kind() == ErrorKind::Conflict) co_return co_await come_again();
    if (!stored) co_return fail(stored.error());
    count_end("stored");
    count_bytes(arrived.file.size);
    co_return Result<void>();
  }

  awaitable<Result<void>> come_again() {
    const store::PutOff off{.due = needs_.now() + kAfterDeletion,
                            .why = {.reason = "busy", .words = "a file of the same content is being deleted"},
                            .counted = store::Counted::No};
    co_return co_await put_off(off);
  }

  awaitable<Result<void>> settle(FetchFailure failure) {
    log::debug("media {}: {}", media_.id.text(), failure.error.words());
    const auto after = judge_failure(media_, failure, needs_.now());
    if (const auto* off = std::get_if<store::PutOff>(&after)) {
      count_end(off->why.reason);
      co_return co_await put_off(*off);
    }
    co_return co_await lose(std::get<Lose>(after).why);
  }

  awaitable<Result<void>> put_off(store::PutOff off) {
    const auto done = co_await write([media = media_, off = std::move(off)](auto& connection) {
      return store::put_off_media(connection, media, off);
    });
    if (!done) co_return fail(done.error());
    co_return Result<void>();
  }

  Needs& needs_;
  store::Media media_;
  const store::Channel channel_;

  // Of the download in progress.
  std::shared_ptr<Draft> draft_;
  std::string waiting_;        // to be written
  std::optional<Error> disk_;  // what the disk refused
};

MediaFetcher::MediaFetcher(MediaFetcherParts parts, std::vector<std::string> allowed_types)
    : needs_(std::make_unique<Needs>(Needs{.parts = parts, .allowed_types = std::move(allowed_types)})) {}

MediaFetcher::~MediaFetcher() = default;

void MediaFetcher::stop() { needs_->stopping = true; }

awaitable<WorkOutcome> MediaFetcher::handle(ReadyKey key) {
  for (int files = 0; files < kFilesPerTurn && !needs_->stopping; ++files) {
    const auto view = co_await needs_->parts.database->read(
        [key](sql::Connection& connection) { return read_view(connection, key); });
    if (!view) co_return fail(Error(view.error()).during("reading media"));
    if (!view->media) co_return std::nullopt;
    const ChannelSight sight{.is_there = view->channel.has_value(),
                             .needs_token = view->channel && view->channel->state == "needs_token"};
    const auto verdict = judge_media(*view->media, sight, needs_->now());
    if (const auto* rest = std::get_if<Rest>(&verdict)) co_return rest->until;
    Fetching fetching(*needs_, *view->media, view->channel.value_or(store::Channel{}));
    const auto* lost = std::get_if<Lose>(&verdict);
    const auto done = lost != nullptr ? co_await fetching.lose(lost->why) : co_await fetching.run();
    if (!done) co_return fail(Error(done.error()).during("fetching media"));
  }
  co_return needs_->now();
}

}  // namespace waypost::media
