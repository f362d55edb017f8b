// UploadRequest: the body of POST …/media, read and checked as Meta checks it; and the ids of files in a send. Pure;
// any thread.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "sandbox/graph_error.h"

namespace waypost::sandbox {

struct UploadRequest {
  std::string type{};  // "video/mp4"
  std::string name{};
  std::string bytes{};
};

// 100 what is missing, malformed or of a type that Meta does not take; 131053 what is too large for its type.
Judged<UploadRequest> read_upload(std::string_view content_type, std::string_view body);

struct NamedFile {
  std::string kind{};  // image | audio | video | document | sticker: the member that names it
  std::string id{};
};
// Every file that a content names by id, also in headers and parameters.
std::vector<NamedFile> files_named(std::string_view type, const Json& content);

}  // namespace waypost::sandbox
