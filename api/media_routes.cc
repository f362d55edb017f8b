// The files that customers sent and those that the workspace brought: bytes of strangers, shown as what they were found
// to be and as nothing else.

#include <algorithm>

#include "api/byte_range.h"
#include "api/door.h"
#include "api/routes.h"
#include "conversation/media_type.h"
#include "media/folder.h"
#include "store/media.h"
#include "store/uploads.h"

namespace waypost::api {
namespace {

constexpr std::size_t kChunk = 256 * 1024;
constexpr const char* kComeAgain = "2";  // seconds, while a file is fetched

Response not_yet() {
  auto response =
      answer(409, {{"error", "The file is not fetched yet"}, {"code", "media_pending"}, {"state", "pending"}});
  response.headers.add("Retry-After", kComeAgain);
  return response;
}

Response never(const store::Media& media) {
  const auto failure = media.failure.value_or(store::MediaFailure{});
  return answer(410, {{"error", "There is no file: " + failure.words},
                      {"code", "media_unavailable"},
                      {"state", "unavailable"},
                      {"reason", failure.reason}});
}

Response missing() {
  return answer(410, {{"error", "The file is not in the media folder"}, {"code", "media_missing"}});
}

awaitable<void> send(media::MediaFolder& folder, std::shared_ptr<media::OpenFile> file, ByteSpan span,
                     BodyWriter& out) {
  while (span.length > 0) {
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(span.length, kChunk));
    const auto bytes = co_await folder.read(file, span.first, want);
    // Short of its announced length: the connection is cut, and the client knows.
    if (!bytes || bytes->empty() || !co_await out.write(*bytes)) co_return;
    span.first += bytes->size();
    span.length -= bytes->size();
  }
}

// No script runs and no type is guessed, whatever the bytes are.
void add_guards(Headers& headers) {
  headers.add("X-Content-Type-Options", "nosniff");
  headers.add("Content-Security-Policy", "default-src 'none'; sandbox");
  headers.add("Cache-Control", "private, no-cache");
}

// A file that there is.
struct Shown {
  Digest hash{};
  std::string type{};
  std::optional<std::string> name{};
  std::string id{};
};

Response file_answer(Shared& shared, const RequestHead& head, const Shown& shown,
                     std::shared_ptr<media::OpenFile> file) {
  const std::string etag = '"' + hex(shown.hash) + '"';
  const auto verdict = answer_for(head, file->size(), etag);
  Response response;
  response.status = verdict.status;
  add_guards(response.headers);
  response.headers.add("ETag", etag);
  response.headers.add("Accept-Ranges", "bytes");
  if (!verdict.content_range.empty()) response.headers.add("Content-Range", verdict.content_range);
  if (!verdict.span) return response;
  response.headers.add("Content-Type", shown.type);
  response.headers.add("Content-Disposition", content_disposition(shown.type, shown.name, shown.id));
  response.headers.add("Content-Length", std::to_string(verdict.span->length));
  response.stream = [&folder = *shared.parts.media, file = std::move(file), span = *verdict.span](BodyWriter& out) {
    return send(folder, file, span, out);
  };
  return response;
}

awaitable<Result<Response>> show_file(Shared& shared, const RequestHead& head, Shown shown) {
  if (shared.parts.media == nullptr) co_return fail(ErrorKind::Unavailable, "this node has no media folder");
  auto file = co_await shared.parts.media->read(shown.hash);
  if (!file && file.error().kind() == ErrorKind::NotFound) co_return missing();
  if (!file) co_return fail(std::move(file).error());
  co_return file_answer(shared, head, shown, *std::move(file));
}

// Media and uploads are told apart by where their id is found.
struct Found {
  std::optional<store::Media> media{};
  std::optional<store::Upload> upload{};
};

Found find_file(sql::Connection& connection, TenantId tenant, const Uuid& id) {
  Found found{.media = store::find_media(connection, tenant, MediaId{id})};
  if (!found.media) found.upload = store::find_upload(connection, tenant, UploadId{id});
  return found;
}

awaitable<Result<Response>> show(Shared& shared, Call call) {
  const auto id = path_id<MediaId>(call.request);
  if (!id) co_return fail(id.error());
  const auto found = co_await shared.database.read(
      [tenant = call.caller.tenant, id = id->uuid](auto& connection) { return find_file(connection, tenant, id); });
  if (!found) co_return fail(found.error());
  if (const auto& upload = found->upload) {
    Shown shown{.hash = upload->hash, .type = upload->mime_type, .name = upload->file_name, .id = upload->id.text()};
    co_return co_await show_file(shared, call.request, std::move(shown));
  }
  if (!found->media) co_return not_found();
  const auto& media = *found->media;
  if (media.state == store::MediaState::Pending) co_return not_yet();
  if (media.state == store::MediaState::Unavailable || !media.hash) co_return never(media);
  Shown shown{.hash = *media.hash, .type = media.mime_type, .name = media.named.file_name, .id = media.id.text()};
  co_return co_await show_file(shared, call.request, std::move(shown));
}

}  // namespace

void add_media_routes(Router& router, Shared& shared) {
  add_entries(router, shared, std::initializer_list<Entry>{{"GET", "/api/media/{id}", show}});
}

}  // namespace waypost::api
