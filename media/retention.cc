#include "media/retention.h"

#include "store/files_at_meta.h"
#include "store/media_files.h"
#include "store/tenants.h"

namespace waypost::media {
namespace {

constexpr std::int64_t kFilesAtOnce = 100;
// Nobody fetches for so long.
constexpr std::chrono::hours kDraftsKept{2};

Result<std::size_t> drop_rows(sql::Database& database, TenantId tenant, Time before, Time now) {
  std::size_t dropped = 0;
  while (true) {
    const auto gone = database.write_and_wait(
        sql::lane_key(tenant),
        [tenant, before, now](sql::Connection& connection) {
          return store::drop_old_media(connection, tenant, before, now);
        },
        sql::Urgency::Bulk);
    if (!gone) return fail(gone.error());
    dropped += static_cast<std::size_t>(*gone);
    if (*gone < store::kDroppedAtOnce) return dropped;
  }
}

Result<std::size_t> drop_uploads(sql::Database& database, TenantId tenant, Time before, Time now) {
  std::size_t dropped = 0;
  while (true) {
    const auto old = database.write_and_wait(
        sql::lane_key(tenant),
        [tenant, before, now](sql::Connection& connection) {
          return store::drop_old_uploads(connection, tenant, before, now);
        },
        sql::Urgency::Bulk);
    if (!old) return fail(old.error());
    dropped += static_cast<std::size_t>(old->dropped);
    if (old->seen < store::kUploadsAtOnce) return dropped;
  }
}

Result<void> forget_expired_ids(sql::Database& database, Time now) {
  while (true) {
    const auto gone = database.write_and_wait(
        0,
        [now](sql::Connection& connection) {
          return store::drop_expired_at_meta(connection, now, store::kDroppedAtOnce);
        },
        sql::Urgency::Bulk);
    if (!gone) return fail(gone.error());
    if (*gone < store::kDroppedAtOnce) return {};
  }
}

// The row says that the file goes before it goes: nobody names it meanwhile.
Result<bool> drop_file(sql::Database& database, const MediaFolder& folder, const Digest& hash, Time before) {
  const auto doomed = database.write_and_wait(
      0, [hash, before](sql::Connection& connection) { return store::doom_file(connection, hash, before); },
      sql::Urgency::Bulk);
  if (!doomed) return fail(doomed.error());
  if (!*doomed) return false;
  if (auto removed = folder.remove(hash); !removed) return fail(std::move(removed).error());
  const auto forgotten = database.write_and_wait(
      0, [hash](sql::Connection& connection) { store::forget_file(connection, hash); }, sql::Urgency::Bulk);
  if (!forgotten) return fail(forgotten.error());
  return true;
}

// Each look takes its files out of the list: they are gone, or named.
Result<std::size_t> drop_files(sql::Database& database, const MediaFolder& folder, Time before) {
  std::size_t dropped = 0;
  while (true) {
    const auto left = database.read_and_wait(
        [before](sql::Connection& connection) { return store::left_files(connection, before, kFilesAtOnce); });
    if (!left) return fail(left.error());
    for (const auto& hash : *left) {
      const auto gone = drop_file(database, folder, hash, before);
      if (!gone) return fail(gone.error());
      dropped += *gone ? 1 : 0;
    }
    if (std::ssize(*left) < kFilesAtOnce) return dropped;
  }
}

}  // namespace

Result<Dropped> drop_outlived_media(sql::Database& database, const MediaFolder& folder, std::chrono::days kept,
                                    Time now) {
  folder.drop_abandoned(kDraftsKept);
  const auto tenants =
      database.read_and_wait([](sql::Connection& connection) { return store::list_tenants(connection); });
  if (!tenants) return fail(tenants.error());
  Dropped dropped;
  for (const auto& tenant : *tenants) {
    const auto rows = drop_rows(database, tenant.id, now - kept, now);
    if (!rows) return fail(rows.error());
    const auto uploads = drop_uploads(database, tenant.id, now - kept, now);
    if (!uploads) return fail(uploads.error());
    dropped.rows += *rows + *uploads;
  }
  if (auto forgotten = forget_expired_ids(database, now); !forgotten) return fail(std::move(forgotten).error());
  const auto files = drop_files(database, folder, now - store::kClaimHolds);
  if (!files) return fail(files.error());
  dropped.files = *files;
  return dropped;
}

}  // namespace waypost::media
