// UploadBody: the file in the body of POST /api/media, piece by piece: the body itself, or the first file of a
// multipart/form-data body. One request's; its own loop.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "net/form_reader.h"
#include "net/http.h"

namespace waypost::api {

// What the caller says of the file.
struct SaidOfFile {
  std::string type{};  // Content-Type; "" where none is said
  std::optional<std::string> name{};
};

class UploadBody {
 public:
  // Both outlive it.
  UploadBody(const RequestHead& head, BodyReader& body);

  // The next bytes of the file, good until the next call; empty: it is whole, and so is the body. InvalidInput: the
  // form is malformed or has no file.
  awaitable<Result<std::string_view>> next();
  // Once the file is whole.
  const SaidOfFile& said() const { return said_; }

 private:
  awaitable<Result<std::string_view>> next_of_form();
  Result<void> begin_part();

  BodyReader& body_;
  SaidOfFile said_;
  std::optional<FormReader> form_;
  bool had_file_ = false;
  bool in_file_ = false;
};

// The name in the query (?filename=), in X-File-Name or in Content-Disposition, the first there is; without folders.
std::optional<std::string> said_name(const RequestHead& head);

}  // namespace waypost::api
