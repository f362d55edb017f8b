#include "store/media_files.h"

#include <cstring>

#include "store/media_row.h"

namespace waypost::store {

void leave_file(sql::Connection& connection, std::string_view hash, Time now) {
  connection.run("UPDATE media_file SET left_at = $2 WHERE hash = $1 AND NOT deleting", {sql::Bytes{hash}, now});
}

bool name_file(sql::Connection& connection, const Digest& hash, Time claimed_at) {
  return connection
             .run(
                 "UPDATE media_file SET left_at = NULL WHERE hash = $1 AND NOT deleting AND (left_at IS NULL OR "
                 "left_at = $2)",
                 {bytes_of(hash), claimed_at})
             .changed() > 0;
}

bool claim_file(sql::Connection& connection, const Digest& hash, Time now) {
  return connection
             .run(
                 "INSERT INTO media_file (hash, left_at, deleting) VALUES ($1, $2, $3) ON CONFLICT (hash) DO UPDATE "
                 "SET "
                 "left_at = excluded.left_at WHERE NOT media_file.deleting",
                 {bytes_of(hash), now, false})
             .changed() > 0;
}

Result<bool> store_media(sql::Connection& connection, const Media& media, const StoredFile& file, Time now) {
  const auto rows = connection.run(
      "UPDATE media SET state = 'stored', reason = NULL, words = NULL, due_at = NULL, url = NULL, size = $3, mime_type "
      "= $4, hash = $5, settled_at = $6 WHERE tenant_id = $1 AND id = $2 AND state = 'pending' RETURNING "
      "conversation_id",
      {media.tenant, media.id, file.size, file.mime_type, bytes_of(file.hash), now});
  if (rows.empty()) return false;
  if (!name_file(connection, file.hash, file.claimed_at))
    return fail(ErrorKind::Conflict, "the claim on a file holds no longer");
  Media stored = media;
  stored.conversation = rows.front().id<ConversationId>(0);
  stored.state = MediaState::Stored;
  stored.failure.reset();
  stored.size = file.size;
  stored.mime_type = file.mime_type;
  tell_media(connection, stored, now);
  return true;
}

void erase_media(sql::Connection& connection, TenantId tenant, ContactId contact, Time now) {
  for (const std::string_view text :
       {"DELETE FROM media WHERE tenant_id = $1 AND conversation_id IN (SELECT id FROM conversation WHERE tenant_id = "
        "$1 "
        "AND contact_id = $2) RETURNING hash",
        "DELETE FROM media WHERE tenant_id = $1 AND message_id IN (SELECT id FROM message WHERE tenant_id = $1 AND "
        "participant_id = $2 AND participant_id IS NOT NULL) RETURNING hash"}) {
    for (const auto row : connection.run(text, {tenant, contact})) {
      if (!row.is_null(0)) leave_file(connection, row.bytes(0), now);
    }
  }
}

std::int64_t drop_old_media(sql::Connection& connection, TenantId tenant, Time before, Time now) {
  const auto gone = connection.run(
      "DELETE FROM media WHERE tenant_id = $1 AND id IN (SELECT id FROM media WHERE tenant_id = $1 AND created_at < $2 "
      "ORDER BY created_at, id LIMIT $3) RETURNING hash",
      {tenant, before, kDroppedAtOnce});
  for (const auto row : gone) {
    if (!row.is_null(0)) leave_file(connection, row.bytes(0), now);
  }
  return static_cast<std::int64_t>(gone.size());
}

std::vector<Digest> left_files(sql::Connection& connection, Time before, std::int64_t most) {
  std::vector<Digest> files;
  const auto rows = connection.run(
      "SELECT hash FROM media_file WHERE left_at IS NOT NULL AND left_at <= $1 ORDER BY left_at, hash LIMIT $2",
      {before, most});
  for (const auto row : rows) {
    const auto& bytes = row.bytes(0);
    std::memcpy(files.emplace_back().data(), bytes.data(), sizeof(Digest));
  }
  return files;
}

bool doom_file(sql::Connection& connection, const Digest& hash, Time before) {
  const auto doomed = connection.run(
      "UPDATE media_file SET deleting = true WHERE hash = $1 AND left_at <= $2 AND NOT EXISTS (SELECT 1 FROM media "
      "WHERE media.hash = $1 AND media.state = 'stored') AND NOT EXISTS (SELECT 1 FROM upload WHERE upload.hash = $1)",
      {bytes_of(hash), before});
  if (doomed.changed() > 0) return true;
  connection.run("UPDATE media_file SET left_at = NULL WHERE hash = $1 AND left_at <= $2 AND NOT deleting",
                 {bytes_of(hash), before});
  return false;
}

void forget_file(sql::Connection& connection, const Digest& hash) {
  connection.run("DELETE FROM media_file WHERE hash = $1 AND deleting", {bytes_of(hash)});
}

}  // namespace waypost::store
