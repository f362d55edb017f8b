#include "api/ask_meta.h"

#include "api/meta_errors.h"
#include "base/text.h"
#include "media/file_source.h"
#include "store/uploads.h"

namespace waypost::api {
namespace {

Result<Secret> token_of(const Shared& shared, const store::Channel& channel) {
  auto token = shared.keyring.open(channel.sealed_access_token, store::kAccessTokenPurpose);
  if (!token) return fail(ErrorKind::Internal, "the channel's access token cannot be opened");
  return *std::move(token);
}

// A header's sample that is an upload of ours.
struct Sample {
  std::size_t component = 0;
  std::string upload{};
  std::string kind{};  // of upload.h

  std::string path() const { return "components." + std::to_string(component) + ".example.uploadId"; }
};

std::vector<Sample> samples_in(const Json& components) {
  std::vector<Sample> samples;
  for (std::size_t at = 0; at < components.size(); ++at) {
    const Json* example = find_object(components[at], "example");
    auto upload = example ? find_text(*example, kUploadMember) : std::nullopt;
    if (!upload) continue;
    const auto format = lower_ascii(text_or_empty(components[at], "format"));
    // What Meta calls a GIF is a film without sound.
    samples.push_back({.component = at, .upload = *std::move(upload), .kind = format == "gif" ? "video" : format});
  }
  return samples;
}

Result<store::Upload> find_sample(sql::Connection& connection, TenantId tenant, const Sample& sample) {
  const auto id = UploadId::parse(sample.upload);
  auto upload = id ? store::find_upload(connection, tenant, *id) : std::nullopt;
  if (!upload) return invalid(sample.path(), "No such upload");
  const FileTraits file{.type = upload->mime_type, .size = static_cast<std::uint64_t>(upload->size)};
  if (auto why = unfit_as(sample.kind, file)) return invalid(sample.path(), *std::move(why));
  return *std::move(upload);
}

// Meta's id of the app whose token it is: samples are the app's.
awaitable<Result<std::string>> app_of(Shared& shared, const store::Channel& channel, const Secret& token) {
  const auto told =
      co_await ask_meta(shared, channel, {.path = "/debug_token?input_token=" + percent_encoded(token.reveal())});
  if (!told) co_return fail(told.error());
  const Json* data = find_object(told->body, "data");
  auto id = data ? text_or_empty(*data, "app_id") : std::string();
  if (id.empty()) co_return fail(ErrorKind::Unavailable, "Meta does not say which app the channel's token is of");
  co_return id;
}

awaitable<Result<std::string>> handle_of(Shared& shared, const GraphAccess& app, const store::Upload& upload) {
  if (shared.parts.media == nullptr || !shared.parts.upload_sample)
    co_return fail(ErrorKind::Unavailable, "this node uploads nothing");
  auto bytes = co_await media::source_of(*shared.parts.media, upload.hash);
  if (!bytes) co_return fail(ErrorKind::Unavailable, "the upload's file cannot be read: " + bytes.error().words());
  auto handle = co_await shared.parts.upload_sample(
      app, {.type = upload.mime_type, .name = upload.file_name.value_or("sample"), .bytes = *std::move(bytes)});
  if (!handle) co_return fail(told_by_meta(std::move(handle).error()));
  co_return handle;
}

}  // namespace

awaitable<Result<GraphReply>> ask_meta(Shared& shared, const store::Channel& channel, GraphCall call) {
  if (!shared.parts.ask_graph) co_return fail(ErrorKind::Unavailable, "this node does not ask Meta");
  auto token = token_of(shared, channel);
  if (!token) co_return fail(std::move(token).error());
  call.token = *std::move(token);
  auto reply = co_await shared.parts.ask_graph(std::move(call));
  if (!reply) co_return fail(told_by_meta(std::move(reply).error()));
  co_return reply;
}

awaitable<Result<Json>> with_handles(Shared& shared, const store::Channel& channel, Json components) {
  const auto samples = samples_in(components);
  if (samples.empty()) co_return components;
  const auto token = token_of(shared, channel);
  if (!token) co_return fail(token.error());
  std::string app;
  for (const auto& sample : samples) {
    const auto upload = co_await shared.database.read([tenant = channel.tenant, sample](sql::Connection& connection) {
      return find_sample(connection, tenant, sample);
    });
    if (!upload) co_return fail(upload.error());
    if (app.empty()) {
      auto found = co_await app_of(shared, channel, *token);
      if (!found) co_return fail(std::move(found).error());
      app = *std::move(found);
    }
    const auto handle = co_await handle_of(shared, {.id = app, .token = *token}, *upload);
    if (!handle) co_return fail(handle.error());
    auto& example = components[sample.component]["example"];
    example.erase(std::string(kUploadMember));
    example["header_handle"] = Json::array({*handle});
  }
  co_return components;
}

}  // namespace waypost::api
