// The files that a workspace brings to be sent: taken in as they come, hashed and looked at on their way to the media
// folder, in their place before their row is written.

#include <algorithm>
#include <utility>

#include "api/door.h"
#include "api/routes.h"
#include "api/upload_body.h"
#include "base/log.h"
#include "base/metrics.h"
#include "conversation/media_type.h"
#include "media/folder.h"
#include "store/files_at_meta.h"
#include "store/media_files.h"

namespace waypost::api {
namespace {

// Bytes that are written at once: a hop to the disk's threads costs about as much as writing them.
constexpr std::size_t kWrite = 256 * 1024;
constexpr std::size_t kAroundFile = 64 * 1024;  // of a form
constexpr const char* kComeAgain = "5";         // seconds, while a file of the same content is being deleted

Response too_large(std::uint64_t most) {
  return answer(413, {{"error", "The file is too large"}, {"code", "too_large"}, {"mostBytes", most}});
}

Response busy() {
  auto response = answer(503, {{"error", "A file of the same content is being deleted"}});
  response.headers.add("Retry-After", kComeAgain);
  return response;
}

// What came, on disk but in nobody's place yet.
struct Arrived {
  std::shared_ptr<media::Draft> draft{};
  media::MediaFolder::Arrived file{};
  SaidOfFile said{};
};

class Intake {
 public:
  Intake(Shared& shared, Call call, BodyReader& body)
      : shared_(shared), call_(std::move(call)), body_(call_.request, body) {}

  awaitable<Result<Response>> run() {
    const auto kind = call_.request.query_value("kind");
    if (kind && !is_upload_kind(*kind))
      co_return invalid("kind", "Expected 'image' | 'audio' | 'video' | 'document' | 'sticker'");
    if (shared_.parts.media == nullptr) co_return fail(ErrorKind::Unavailable, "this node has no media folder");
    auto arrived = co_await take();
    if (!arrived) co_return fail(std::move(arrived).error());
    if (refusal_) co_return std::move(*refusal_);
    store::Upload upload{.tenant = call_.caller.tenant,
                         .mime_type = kept_type(arrived->file.sniffed, arrived->said.type),
                         .size = static_cast<std::int64_t>(arrived->file.size),
                         .hash = arrived->file.hash,
                         .file_name = std::move(arrived->said.name)};
    upload.kind = kind ? std::string(*kind) : natural_kind(upload.mime_type).value_or("");
    if (auto refused = judge(upload)) co_return *std::move(refused);
    co_return co_await keep(std::move(arrived->draft), std::move(upload));
  }

 private:
  // An Error, or a refusal_, or the file.
  awaitable<Result<Arrived>> take() {
    auto begun = co_await shared_.parts.media->begin();
    if (!begun) co_return fail(std::move(begun).error());
    Arrived arrived{.draft = *std::move(begun)};
    if (auto written = co_await write_all(arrived.draft); !written) co_return fail(std::move(written).error());
    if (refusal_) co_return arrived;
    auto file = co_await shared_.parts.media->finish(arrived.draft);
    if (!file) co_return fail(std::move(file).error());
    arrived.file = *std::move(file);
    arrived.said = body_.said();
    co_return arrived;
  }

  awaitable<Result<void>> write_all(std::shared_ptr<media::Draft> draft) {
    const std::uint64_t most = shared_.settings.media.max_bytes;
    std::uint64_t size = 0;
    std::string waiting;
    while (true) {
      const auto piece = co_await body_.next();
      if (!piece) co_return fail(piece.error());
      waiting += *piece;
      size += piece->size();
      if (size > most) {
        refusal_ = too_large(most);
        co_return Result<void>();
      }
      const bool is_over = piece->empty();
      if (waiting.size() >= kWrite || (is_over && !waiting.empty())) {
        auto written = co_await shared_.parts.media->append(draft, std::exchange(waiting, {}));
        if (!written) co_return written;
      }
      if (is_over) co_return Result<void>();
    }
  }

  std::optional<Result<Response>> judge(const store::Upload& upload) const {
    if (upload.size == 0) return Result<Response>(invalid("file", "The file is empty"));
    if (upload.kind.empty() || !is_allowed_type(upload.mime_type, shared_.settings.media.types)) {
      return Result<Response>(answer(
          415,
          {{"error", "Files of this type are not taken"}, {"code", "forbidden_type"}, {"mimeType", upload.mime_type}}));
    }
    const auto most = most_bytes_of(upload.kind);
    const auto size = static_cast<std::uint64_t>(upload.size);
    if (auto why = unfit_as(upload.kind, {.type = upload.mime_type, .size = std::min(size, most)}))
      return Result<Response>(invalid("kind", *std::move(why)));
    if (size > most) return Result<Response>(too_large(most));
    return std::nullopt;
  }

  // The claim goes first: from then on nobody deletes a file of this content.
  awaitable<Result<Response>> keep(std::shared_ptr<media::Draft> draft, store::Upload upload) {
    const auto lane = sql::lane_key(upload.tenant);
    const Time claimed_at = shared_.clock.now();
    const auto claimed =
        co_await shared_.database.write(lane, [hash = upload.hash, claimed_at](sql::Connection& connection) {
          return store::claim_file(connection, hash, claimed_at);
        });
    if (!claimed) co_return fail(claimed.error());
    if (!*claimed) co_return busy();
    auto in_place = co_await shared_.parts.media->keep(std::move(draft), upload.hash);
    if (!in_place) co_return fail(std::move(in_place).error());
    const auto kept = co_await shared_.database.write(
        lane, [upload = std::move(upload), claimed_at, now = shared_.clock.now()](sql::Connection& connection) {
          return store::keep_upload(connection, upload, claimed_at, now);
        });
    if (!kept && kept.error().kind() == ErrorKind::Conflict) co_return busy();
    if (!kept) co_return fail(kept.error());
    static auto& bytes = counter("waypost_uploads_bytes_total", "Bytes of files that workspaces brought to be sent");
    bytes.Increment(static_cast<double>(kept->size));
    co_return created(store::to_json(*kept));
  }

  Shared& shared_;
  Call call_;
  UploadBody body_;
  std::optional<Response> refusal_;
};

awaitable<Result<Response>> bring(Shared& shared, Call call, BodyReader& body) {
  Intake intake(shared, std::move(call), body);
  co_return co_await intake.run();
}

// Meta's copies go as well as they can: whatever stays there is forgotten within thirty days.
awaitable<void> delete_at_meta(Shared& shared, std::vector<store::HeldByMeta> held) {
  if (!shared.parts.ask_graph) co_return;
  for (const auto& file : held) {
    auto token = shared.keyring.open(file.channel.sealed_access_token, store::kAccessTokenPurpose);
    if (!token) continue;
    const auto done = co_await shared.parts.ask_graph(
        {.method = "DELETE", .path = "/" + percent_encoded(file.meta_id), .token = *std::move(token)});
    if (!done) log::debug("channel {}: a file stays at Meta: {}", file.channel.id.text(), done.error().words());
  }
}

awaitable<Result<Response>> remove(Shared& shared, Call call) {
  const auto id = path_id<UploadId>(call.request);
  if (!id) co_return fail(id.error());
  auto held =
      co_await shared.database.write(sql::lane_key(call.caller.tenant),
                                     [tenant = call.caller.tenant, id = *id, now = call.now](
                                         sql::Connection& connection) -> Result<std::vector<store::HeldByMeta>> {
                                       const auto deleted = store::delete_upload(connection, tenant, id, now);
                                       if (!deleted) return fail(deleted.error());
                                       return store::give_up_files_at_meta(connection, *deleted);
                                     });
  if (!held && held.error().kind() == ErrorKind::NotFound) co_return not_found();
  if (!held) co_return fail(std::move(held).error());
  co_await delete_at_meta(shared, *std::move(held));
  co_return ok({{"ok", true}});
}

}  // namespace

void add_upload_routes(Router& router, Shared& shared) {
  add_entry(router, shared,
            {.method = "POST",
             .pattern = "/api/media",
             .body_limit = shared.settings.media.max_bytes + kAroundFile,
             .work = bring});
  add_entries(router, shared, std::initializer_list<Entry>{{"DELETE", "/api/media/{id}", remove}});
}

}  // namespace waypost::api
