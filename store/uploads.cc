#include "store/uploads.h"

#include "store/media_files.h"
#include "store/media_row.h"

namespace waypost::store {
namespace {

constexpr std::string_view kColumns = "tenant_id, id, kind, mime_type, size, hash, file_name, used_at, created_at";

Upload read_upload(const sql::Row& row) {
  return {.tenant = row.id<TenantId>(0),
          .id = row.id<UploadId>(1),
          .kind = row.text(2),
          .mime_type = row.text(3),
          .size = row.number(4),
          .hash = read_digest(row, 5).value(),
          .file_name = row.maybe_text(6),
          .used_at = row.time(7),
          .created_at = row.time(8)};
}

void note_use(sql::Connection& connection, TenantId tenant, UploadId id, Time now) {
  connection.run("UPDATE upload SET used_at = $3 WHERE tenant_id = $1 AND id = $2 AND used_at < $3", {tenant, id, now});
}

void remove(sql::Connection& connection, const Upload& upload, Time now) {
  connection.run("DELETE FROM upload WHERE tenant_id = $1 AND id = $2", {upload.tenant, upload.id});
  leave_file(connection, bytes_of(upload.hash).bytes, now);
}

}  // namespace

Json to_json(const Upload& upload) {
  return {{"id", upload.id.text()},
          {"kind", upload.kind},
          {"mimeType", upload.mime_type},
          {"size", upload.size},
          {"sha256", hex(upload.hash)},
          {"filename", upload.file_name ? Json(*upload.file_name) : Json()},
          {"createdAt", iso8601(upload.created_at)}};
}

Result<Upload> keep_upload(sql::Connection& connection, Upload upload, Time claimed_at, Time now) {
  if (!name_file(connection, upload.hash, claimed_at))
    return fail(ErrorKind::Conflict, "the claim on a file holds no longer");
  upload.id = UploadId::make(now);
  upload.used_at = upload.created_at = now;
  connection.run(
      "INSERT INTO upload (tenant_id, id, kind, mime_type, size, hash, file_name, used_at, created_at) VALUES ($1, $2, "
      "$3, $4, $5, $6, $7, $8, $8)",
      {upload.tenant, upload.id, upload.kind, upload.mime_type, upload.size, bytes_of(upload.hash), upload.file_name,
       now});
  return upload;
}

std::optional<Upload> find_upload(sql::Connection& connection, TenantId tenant, UploadId id, Lock lock) {
  static const LockableText kText("SELECT " + std::string(kColumns) + " FROM upload WHERE tenant_id = $1 AND id = $2");
  const auto rows = connection.run(kText.of(connection.engine(), lock), {tenant, id});
  if (rows.empty()) return std::nullopt;
  return read_upload(rows.front());
}

std::vector<UnfitUpload> unfit_uploads(sql::Connection& connection, TenantId tenant,
                                       const std::vector<NamedUpload>& named) {
  std::vector<UnfitUpload> unfit;
  for (const auto& [kind, text] : named) {
    const auto id = UploadId::parse(text);
    const auto upload = id ? find_upload(connection, tenant, *id, Lock::UntilCommit) : std::nullopt;
    if (!upload) {
      unfit.push_back({.id = text, .words = "No such upload"});
      continue;
    }
    const FileTraits file{.type = upload->mime_type, .size = static_cast<std::uint64_t>(upload->size)};
    if (auto why = unfit_as(kind, file)) unfit.push_back({.id = text, .words = *std::move(why)});
  }
  return unfit;
}

void note_uploads_used(sql::Connection& connection, TenantId tenant, const std::vector<NamedUpload>& named, Time now) {
  for (const auto& upload : named) {
    if (const auto id = UploadId::parse(upload.id)) note_use(connection, tenant, *id, now);
  }
}

// Contents are JSON as text, and an id is like nothing else in them. The states are those of the index
// message_pending, written out so that it is used.
bool is_upload_needed(sql::Connection& connection, TenantId tenant, UploadId id) {
  const std::string pattern = "%" + id.text() + "%";
  const auto messages = connection.run(
      "SELECT 1 FROM message WHERE tenant_id = $1 AND (state = 'queued' OR state = 'sending' OR state = 'unknown' OR "
      "state = 'held') AND content "
      "LIKE $2 LIMIT 1",
      {tenant, pattern});
  if (!messages.empty()) return true;
  return !connection
              .run(
                  "SELECT 1 FROM broadcast WHERE tenant_id = $1 AND status IN ('scheduled', 'preparing', 'sending', "
                  "'paused') AND CAST(parameters AS text) LIKE $2 LIMIT 1",
                  {tenant, pattern})
              .empty();
}

Result<Upload> delete_upload(sql::Connection& connection, TenantId tenant, UploadId id, Time now) {
  auto upload = find_upload(connection, tenant, id, Lock::UntilCommit);
  if (!upload) return fail(ErrorKind::NotFound, "Not found");
  if (is_upload_needed(connection, tenant, id)) {
    return fail(Error(ErrorKind::Conflict, "a message that is not sent yet, or a broadcast under way, needs this file")
                    .with_code(std::string(kUploadInUse)));
  }
  remove(connection, *upload, now);
  return *std::move(upload);
}

// What is needed is used: it is looked at again when it is as old as that once more.
OldUploads drop_old_uploads(sql::Connection& connection, TenantId tenant, Time before, Time now) {
  static const LockableText kText("SELECT " + std::string(kColumns) +
                                  " FROM upload WHERE tenant_id = $1 AND used_at < $2 ORDER BY used_at, id LIMIT $3");
  OldUploads old;
  for (const auto row :
       connection.run(kText.of(connection.engine(), Lock::UntilCommit), {tenant, before, kUploadsAtOnce})) {
    const auto upload = read_upload(row);
    ++old.seen;
    if (is_upload_needed(connection, tenant, upload.id)) {
      note_use(connection, tenant, upload.id, now);
    } else {
      remove(connection, upload, now);
      ++old.dropped;
    }
  }
  return old;
}

}  // namespace waypost::store
