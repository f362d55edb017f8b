#include "outbound/file_upload.h"

#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "base/metrics.h"
#include "conversation/failure_reason.h"
#include "outbound/head.h"
#include "store/channel_blocks.h"
#include "store/meta_refusals.h"

namespace waypost {
namespace {

// Another message of the number has the same file in hand.
constexpr milliseconds kOthersUpload{500};
constexpr std::chrono::seconds kDiskPoll{30};

void count_end(const char* outcome) {
  counter("waypost_file_uploads_total", "Uploads of files to Meta, by what became of them", {{"outcome", outcome}})
      .Increment();
}

// Until somebody says otherwise.
constexpr Time kUnderWay = Time::max();

// The turn of one file, over with the object: the file is free again, or rests.
class FileTurn {
 public:
  FileTurn(std::map<std::string, Time>& taken, std::string key) : taken_(taken), key_(std::move(key)) {
    taken_[key_] = kUnderWay;
  }
  FileTurn(const FileTurn&) = delete;
  FileTurn& operator=(const FileTurn&) = delete;
  ~FileTurn() {
    const auto mine = taken_.find(key_);
    if (mine != taken_.end() && mine->second == kUnderWay) taken_.erase(mine);
  }

 private:
  std::map<std::string, Time>& taken_;
  const std::string key_;
};

// Gives up when the process stops.
BodySource until_stopped(BodySource bytes, const SenderState& state) {
  auto next = [inner = std::move(bytes.next), &state]() -> awaitable<Result<std::string>> {
    if (!state.stopping) return inner();
    return []() -> awaitable<Result<std::string>> { co_return fail(ErrorKind::Unavailable, "this node stops"); }();
  };
  return {.size = bytes.size, .next = std::move(next)};
}

}  // namespace

awaitable<Result<Next>> FileUpload::run() {
  const auto& parts = state_.parts;
  if (parts.uploads == nullptr || !parts.open_file) co_return Leave{.until = state_.now() + kChannelPoll};
  const Time now = state_.now();
  const auto taken = state_.uploads.find(key_);
  if (taken != state_.uploads.end() && taken->second == kUnderWay) co_return Leave{.until = now + kOthersUpload};
  if (taken != state_.uploads.end() && taken->second > now) co_return Leave{.until = taken->second};
  if (state_.stopping) co_return Leave{.until = now};
  const FileTurn turn(state_.uploads, key_);
  co_return co_await bring();
}

awaitable<Result<Next>> FileUpload::bring() {
  const auto& channel = *view_.channel;
  const auto token = state_.parts.keyring->open(channel.sealed_access_token, store::kAccessTokenPurpose);
  if (!token) {
    log::error("channel {}: its access token cannot be opened: {}", channel.id.text(), token.error().words());
    co_return Leave{.until = state_.now() + kChannelPoll};
  }
  auto bytes = co_await state_.parts.open_file(upload_.hash);
  if (!bytes && bytes.error().kind() == ErrorKind::NotFound)
    co_return co_await give_up({.reason = std::string(kUploadMissing),
                                .code = std::nullopt,
                                .words = "the file that it was to bring is not in the media folder"});
  if (!bytes) {
    log::warn("upload {}: its file cannot be read: {}", upload_.id.text(), bytes.error().words());
    co_return Leave{.until = state_.now() + kDiskPoll};
  }
  auto answer = co_await state_.parts.uploads->upload({.id = channel.phone_number_id, .token = *token},
                                                      {.type = upload_.mime_type,
                                                       .name = upload_.file_name.value_or(""),
                                                       .bytes = until_stopped(*std::move(bytes), state_)});
  if (auto* done = std::get_if<Uploaded>(&answer)) co_return co_await keep(std::move(done->id));
  co_return co_await settle(std::get<Refused>(std::move(answer)));
}

awaitable<Result<Next>> FileUpload::keep(std::string meta_id) {
  count_end("uploaded");
  const Time now = state_.now();
  store::FileAtMeta file{
      .meta_id = std::move(meta_id), .uploaded_at = now, .expires_at = now + state_.parts.file_ids_kept};
  co_return co_await written(
      [channel = *view_.channel, upload = upload_, file = std::move(file)](sql::Connection& connection) {
        store::note_file_at_meta(connection, channel, upload, file);
        return true;
      });
}

// No attempt was made: the message is where it was, and its failures count what Meta said of the upload.
awaitable<Result<Next>> FileUpload::settle(Refused refused) {
  const store::Message& head = *view_.head;
  const auto step = next_step(std::move(refused), {.failures = head.failures}, state_.retries, state_.jitter());
  count_end(name_of(step));
  tell_operator(*view_.channel, step);
  const Time now = state_.now();
  if (const auto* again = std::get_if<TryAgain>(&step)) {
    state_.uploads[key_] = now + again->pause;  // for whoever else waits for it
    co_await slow_down(state_, view_, *again);
    const store::Refusal later{.due_at = now + again->pause, .failures = head.failures + 1};
    co_return co_await written(
        [head, later, now](sql::Connection& connection) { return store::put_off_send(connection, head, later, now); });
  }
  if (const auto* token = std::get_if<AwaitToken>(&step)) {
    co_return co_await written(
        [channel = *view_.channel, words = token->why.words(), now](sql::Connection& connection) {
          return store::hold_for_token(connection, channel, words, now);
        });
  }
  if (const auto* blocked = std::get_if<AwaitChannel>(&step)) {
    co_return co_await written([head, code = blocked->code, words = blocked->why.words(), now](auto& connection) {
      store::heed_refusal(connection, {.message = head, .code = code, .words = words, .at = now}, now);
      return store::put_off_send(connection, head, {.due_at = now + kChannelPoll, .failures = head.failures}, now);
    });
  }
  const auto* given_up = std::get_if<GiveUp>(&step);
  WAYPOST_CHECK(given_up != nullptr);
  co_return co_await give_up(
      {.reason = std::string(reason_of(given_up->code)), .code = given_up->code, .words = given_up->why.words()});
}

awaitable<Result<Next>> FileUpload::give_up(store::Failure why) {
  co_return co_await written(
      [head = *view_.head, why = std::move(why), now = state_.now()](sql::Connection& connection) {
        return store::record_failed(connection, head, why, now);
      });
}

template <class Unit>
awaitable<Result<Next>> FileUpload::written(Unit unit) {
  const auto lane = sql::lane_key(view_.conversation.id, view_.conversation.tenant);
  const auto done = co_await state_.parts.database->write(lane, std::move(unit));
  if (!done) co_return fail(done.error());
  co_return Again{};
}

}  // namespace waypost
