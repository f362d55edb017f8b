#include "store/files_at_meta.h"

#include <algorithm>

#include "store/media_row.h"

namespace waypost::store {
namespace {

std::optional<FileAtMeta> find_at_meta(sql::Connection& connection, ChannelId channel, const Upload& upload, Time now) {
  const auto rows = connection.run(
      "SELECT meta_id, uploaded_at, expires_at FROM file_at_meta WHERE tenant_id = $1 AND channel_id = $2 AND hash = "
      "$3 AND mime_type = $4 AND expires_at > $5",
      {upload.tenant, channel, bytes_of(upload.hash), upload.mime_type, now});
  if (rows.empty()) return std::nullopt;
  const auto row = rows.front();
  return FileAtMeta{.meta_id = row.text(0), .uploaded_at = row.time(1), .expires_at = row.time(2)};
}

}  // namespace

std::vector<SendFile> files_of(sql::Connection& connection, const Message& message, Time now) {
  std::vector<SendFile> files;
  for (const auto& named : uploads_in(message.type, message.content)) {
    if (std::ranges::find(files, named.id, &SendFile::named) != files.end()) continue;
    SendFile file{.named = named.id};
    if (const auto id = UploadId::parse(named.id)) file.upload = find_upload(connection, message.tenant, *id);
    if (file.upload) file.at_meta = find_at_meta(connection, message.channel, *file.upload, now);
    files.push_back(std::move(file));
  }
  return files;
}

void note_file_at_meta(sql::Connection& connection, const Channel& channel, const Upload& upload,
                       const FileAtMeta& file) {
  connection.run(
      "INSERT INTO file_at_meta (tenant_id, channel_id, hash, mime_type, meta_id, uploaded_at, expires_at) VALUES ($1, "
      "$2, $3, $4, $5, $6, $7) ON CONFLICT (tenant_id, channel_id, hash, mime_type) DO UPDATE SET meta_id = "
      "excluded.meta_id, uploaded_at = excluded.uploaded_at, expires_at = excluded.expires_at",
      {channel.tenant, channel.id, bytes_of(upload.hash), upload.mime_type, file.meta_id, file.uploaded_at,
       file.expires_at});
}

void forget_files_at_meta(sql::Connection& connection, const Message& message, const std::vector<SendFile>& files) {
  for (const auto& file : files) {
    if (!file.upload || !file.at_meta) continue;
    connection.run(
        "DELETE FROM file_at_meta WHERE tenant_id = $1 AND channel_id = $2 AND hash = $3 AND mime_type = $4 AND "
        "meta_id = $5",
        {message.tenant, message.channel, bytes_of(file.upload->hash), file.upload->mime_type, file.at_meta->meta_id});
  }
}

std::vector<HeldByMeta> give_up_files_at_meta(sql::Connection& connection, const Upload& deleted) {
  std::vector<HeldByMeta> held;
  const auto others = connection.run("SELECT 1 FROM upload WHERE tenant_id = $1 AND hash = $2 LIMIT 1",
                                     {deleted.tenant, bytes_of(deleted.hash)});
  if (!others.empty()) return held;
  const auto gone =
      connection.run("DELETE FROM file_at_meta WHERE tenant_id = $1 AND hash = $2 RETURNING channel_id, meta_id",
                     {deleted.tenant, bytes_of(deleted.hash)});
  for (const auto row : gone) {
    if (auto channel = find_channel(connection, deleted.tenant, row.id<ChannelId>(0)))
      held.push_back({.channel = *std::move(channel), .meta_id = row.text(1)});
  }
  return held;
}

std::int64_t drop_expired_at_meta(sql::Connection& connection, Time now, std::int64_t most) {
  return connection
      .run(
          "DELETE FROM file_at_meta WHERE expires_at <= $1 AND (tenant_id, channel_id, hash, mime_type) IN (SELECT "
          "tenant_id, channel_id, hash, mime_type FROM file_at_meta WHERE expires_at <= $1 ORDER BY expires_at LIMIT "
          "$2)",
          {now, most})
      .changed();
}

}  // namespace waypost::store
