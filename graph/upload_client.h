// UploadClient: files on their way to Meta. One a loop; loop only. Tests put a scripted one in its place.
//
//   upload   POST /{version}/{number}/media                          a file that this number may send, by its id
//   handle   POST /{version}/{app}/uploads, POST /{version}/upload:…  the sample of a template's header, by its handle
//
// Both are safe to repeat: what Meta has twice is forgotten within thirty days. The token travels in the Authorization
// header only.

#pragma once

#include <memory>
#include <string>

#include "base/secret.h"
#include "config/settings.h"
#include "graph/client.h"
#include "graph/upload_answer.h"
#include "net/client.h"

namespace waypost {

struct FileToUpload {
  std::string type{};
  std::string name{};  // as its owner calls it; may be ""
  BodySource bytes{};
};

class UploadClient {
 public:
  // `http` outlives the client.
  static std::unique_ptr<UploadClient> make(HttpClient& http, GraphSettings graph, const MediaSettings& media);
  UploadClient(const UploadClient&) = delete;
  UploadClient& operator=(const UploadClient&) = delete;
  virtual ~UploadClient() = default;

  // Ends within MediaSettings::time_limit.
  virtual awaitable<UploadAnswer> upload(GraphAccess number, FileToUpload file) = 0;
  // `app`: Meta's id of the app that the token is of. Errors as ManagementClient::ask.
  virtual awaitable<Result<std::string>> handle(GraphAccess app, FileToUpload file) = 0;

 protected:
  UploadClient() = default;
};

}  // namespace waypost
