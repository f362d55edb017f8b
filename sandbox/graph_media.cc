// The endpoints of GraphApi about files: what an id stands for, and the bytes at an address.

#include <algorithm>

#include "sandbox/answers.h"
#include "sandbox/graph_api.h"
#include "sandbox/media.h"

namespace waypost::sandbox {
namespace {

constexpr std::size_t kPiece = 64 * 1024;

// How the caller reaches us.
std::string base_of(const Request& request, const World& world) {
  const auto host = request.headers.find("Host");
  return host ? "http://" + std::string(*host) : world.url;
}

}  // namespace

Response GraphApi::media(const Request& request, Number& number) {
  const auto* file = find_media(world_, request.param("id"));
  const auto named = request.query_value("phone_number_id");
  if (named && *named != number.phone_number_id)
    return graph_refusal({.code = 100, .details = "the media is not of this phone number"});
  return graph_answer(media_object(world_, *file, base_of(request, world_)));
}

awaitable<Response> GraphApi::download(Request request) {
  const auto seen = note(request);
  auto response = file_at(request);
  note_answer(seen, response.status);
  co_return response;
}

Response GraphApi::file_at(const Request& request) {
  const auto* file = media_at(world_, request.param("key"));
  if (file == nullptr || faults_.strike(FaultKind::MediaDead, file->phone_number_id)) return text_response(404, "gone");
  const auto* number = find_number(world_, file->phone_number_id);
  const auto token = bearer_of(request);
  if (number == nullptr || token.empty() || token != number->token.reveal()) return text_response(401, "no access");
  MediaFlow flow{.bytes = file->bytes};
  if (faults_.strike(FaultKind::MediaCorrupt, number->phone_number_id)) flow.bytes.back() ^= 1;
  if (faults_.strike(FaultKind::MediaCut, number->phone_number_id)) flow.ends_at = flow.bytes.size() / 2;
  if (const auto slow = faults_.strike(FaultKind::MediaSlow, number->phone_number_id)) flow.pause = slow->pause;
  Response response;
  response.headers.add("Content-Type", file->mime_type);
  response.headers.add("Content-Length", std::to_string(flow.bytes.size()));
  response.stream = [this, flow = std::move(flow)](BodyWriter& out) mutable { return flow_out(std::move(flow), out); };
  return response;
}

// Short of its length: the server cuts the connection.
awaitable<void> GraphApi::flow_out(MediaFlow flow, BodyWriter& out) {
  const auto end = flow.ends_at.value_or(flow.bytes.size());
  for (std::size_t at = 0; at < end; at += kPiece) {
    if (flow.pause.count() > 0 && !co_await tasks_.pause(flow.pause)) co_return;
    if (!co_await out.write(std::string_view(flow.bytes).substr(at, std::min(kPiece, end - at)))) co_return;
  }
}

}  // namespace waypost::sandbox
