// The endpoints of GraphApi by which files come: those of sends, and the samples of templates' headers.

#include <charconv>

#include "base/crypto.h"
#include "sandbox/answers.h"
#include "sandbox/graph_api.h"
#include "sandbox/media.h"
#include "sandbox/upload_request.h"

namespace waypost::sandbox {
namespace {

constexpr std::size_t kSessionBytes = 18;
constexpr std::size_t kLargestSample = 100 << 20;

std::optional<std::size_t> number_of(std::string_view text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Response offset_of(const UploadSession& session) {
  return graph_answer({{"id", session.id}, {"file_offset", session.bytes.size()}});
}

}  // namespace

awaitable<Response> GraphApi::upload(const Request& request, Number& number) {
  const auto& id = number.phone_number_id;
  if (request.param("id") != id)
    co_return graph_refusal({.code = 100, .details = "files are uploaded to a phone number", .subcode = 33});
  if (faults_.strike(FaultKind::UploadDropBefore, id)) co_return hang_up();
  if (faults_.strike(FaultKind::UploadEmpty, id)) co_return text_response(500, "");
  if (const auto strike = faults_.strike(FaultKind::UploadRefuse, id)) co_return graph_refusal(strike->error);
  auto upload = read_upload(request.headers.find("Content-Type").value_or(""), request.body);
  if (!upload) co_return graph_refusal(upload.error());
  const auto& file = keep_upload(world_, number, *std::move(upload));
  auto answer = graph_answer({{"id", file.id}});
  if (const auto slow = faults_.strike(FaultKind::UploadSlow, id)) (void)co_await tasks_.pause(slow->pause);
  if (faults_.strike(FaultKind::UploadDropAfter, id)) co_return hang_up();
  co_return answer;
}

Response GraphApi::delete_media(const Request& request, Number&) {
  if (!forget_media(world_, request.param("id")))
    return graph_refusal({.code = 100, .details = "only a file is deleted", .subcode = 33});
  return graph_answer({{"success", true}});
}

Response GraphApi::begin_sample(const Request& request, Number& number) {
  if (request.param("id") != number.app_id)
    return graph_refusal({.code = 100, .details = "samples are uploaded to an app", .subcode = 33});
  const auto length = number_of(request.query_value("file_length").value_or(""));
  const auto type = request.query_value("file_type").value_or("");
  if (!length || *length == 0 || *length > kLargestSample)
    return graph_refusal({.code = 100, .details = "Param file_length is a number of bytes"});
  if (type.empty()) return graph_refusal({.code = 100, .details = "The parameter file_type is required."});
  auto& session = world_.samples.emplace_back();
  session.id = "upload:" + random_token(kSessionBytes) + "?sig=" + random_token(kSessionBytes);
  session.app_id = number.app_id;
  session.type = type;
  session.length = *length;
  return graph_answer({{"id", session.id}});
}

// POST upload:…: the bytes from file_offset on. Whole, it is answered its handle.
Response GraphApi::take_sample(const Request& request, UploadSession& session) {
  const auto offset = number_of(request.headers.find("file_offset").value_or(""));
  if (!offset || *offset != session.bytes.size()) return offset_of(session);
  if (session.bytes.size() + request.body.size() > session.length)
    return graph_refusal({.code = 100, .details = "there are more bytes than file_length"});
  session.bytes += request.body;
  if (session.bytes.size() < session.length) return offset_of(session);
  if (session.handle.empty()) session.handle = "4::" + base64(random_token(kSessionBytes));
  return graph_answer({{"h", session.handle}});
}

}  // namespace waypost::sandbox
