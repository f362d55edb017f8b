// What one upload of a file showed, and the form that it goes in. Any thread.
//
// An upload whose outcome is not known is simply made again, unlike a send (graph/send_answer.h).

#pragma once

#include <expected>
#include <string>
#include <variant>

#include "graph/send_answer.h"
#include "net/client.h"

namespace waypost {

struct Uploaded {
  std::string id{};  // Meta's, for sends by the number that it was uploaded to
};
using UploadAnswer = std::variant<Uploaded, Refused>;

UploadAnswer read_upload_answer(const std::expected<Response, ExchangeFailure>& exchange);

// multipart/form-data as POST …/media takes it: messaging_product, type, and the file behind them. `name` need not be a
// name that a form can hold.
struct UploadForm {
  std::string content_type{};
  BodySource body{};
};
UploadForm upload_form(const std::string& type, const std::string& name, BodySource file);

}  // namespace waypost
