// Uploads: the files that a workspace brought to be sent, one row each; the bytes lie in the media folder under their
// hash (store/media_files.h). Messages and broadcasts name them in their contents (conversation/upload.h). Lane only.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/crypto.h"
#include "base/json.h"
#include "conversation/upload.h"
#include "sql/connection.h"
#include "store/row_lock.h"
#include "store/tenants.h"

namespace waypost {
using UploadId = Id<struct UploadTag>;
}

namespace waypost::store {

struct Upload {
  TenantId tenant{};
  UploadId id{};
  std::string kind{};
  std::string mime_type{};
  std::int64_t size = 0;
  Digest hash{};
  std::optional<std::string> file_name{};
  Time used_at{};
  Time created_at{};
};

// {"id", "kind", "mimeType", "size", "sha256", "filename", "createdAt"}
Json to_json(const Upload& upload);

// The row of a file that lies in its place, claimed at `claimed_at`; with its id and times. Conflict when the claim
// holds no longer: nothing is written.
Result<Upload> keep_upload(sql::Connection& connection, Upload upload, Time claimed_at, Time now);
std::optional<Upload> find_upload(sql::Connection& connection, TenantId tenant, UploadId id, Lock lock = Lock::None);

// Before messages are made of them: each is the workspace's own and fits what it is to be sent as, and none of them
// goes before the transaction ends. What is wrong, by the id that was named.
struct UnfitUpload {
  std::string id{};
  std::string words{};
};
std::vector<UnfitUpload> unfit_uploads(sql::Connection& connection, TenantId tenant,
                                       const std::vector<NamedUpload>& named);
// None of them is old now.
void note_uploads_used(sql::Connection& connection, TenantId tenant, const std::vector<NamedUpload>& named, Time now);

// A message that is not out yet, or a broadcast that is under way, names it.
bool is_upload_needed(sql::Connection& connection, TenantId tenant, UploadId id);

// Its row, as it was; the file goes later when nobody names it. NotFound; Conflict with code kUploadInUse while it is
// needed.
inline constexpr std::string_view kUploadInUse = "upload_in_use";
Result<Upload> delete_upload(sql::Connection& connection, TenantId tenant, UploadId id, Time now);

// Of a workspace, those that were last used before `before` and are not needed, kUploadsAtOnce at most are looked at;
// how many were looked at.
inline constexpr std::int64_t kUploadsAtOnce = 50;
struct OldUploads {
  std::int64_t seen = 0;
  std::int64_t dropped = 0;
};
OldUploads drop_old_uploads(sql::Connection& connection, TenantId tenant, Time before, Time now);

}  // namespace waypost::store
