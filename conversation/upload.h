// Uploads: files that a workspace brings to be sent. What a file may be sent as, within Meta's limits, and where a
// content names one: {"uploadId": …} stands where Meta's own content has {"id": …} of a file that Meta has. Pure; any
// thread.
// Source: Meta, "Media" (supported types and sizes); the facts' sections 3.4 and 4.1.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace waypost {

inline constexpr std::string_view kUploadMember = "uploadId";
// Meta keeps what was uploaded for thirty days by its id.
inline constexpr int kDaysAtMeta = 30;

struct FileTraits {
  std::string type{};  // as kept_type() names it
  std::uint64_t size = 0;
};
// image, audio, video, document, sticker.
bool is_upload_kind(std::string_view kind);
// The kind that the type is of; nothing: Meta takes it as none.
std::optional<std::string> natural_kind(std::string_view type);
// Why Meta would not take it as that kind; nothing: it would.
std::optional<std::string> unfit_as(std::string_view kind, const FileTraits& file);
std::uint64_t most_bytes_of(std::string_view kind);

// A file that a content of `type` names, and what it is to be sent as there.
struct NamedUpload {
  std::string kind{};
  std::string id{};
};
std::vector<NamedUpload> uploads_in(std::string_view type, const Json& content);
// Where the request names it: "header.uploadId", "content.components[0].parameters[0].image.uploadId"; "uploadId" when
// nowhere.
std::string path_of_upload(const Json& request, std::string_view id);
// As Meta takes it. An upload that `ids` lacks stays as it is.
Json with_ids_of_meta(Json content, const std::map<std::string, std::string>& ids);

// Whether a refusal with this code may mean that Meta has the file no more: an id that it does not know is an invalid
// parameter (100, 131009), a file that it cannot read a failed medium.
bool may_mean_lost_file(std::int64_t code);

}  // namespace waypost
