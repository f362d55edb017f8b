// Media files: which files of the media folder are named by rows, of whatever workspace, and which may go. Files lie
// under their hash, so that two rows may name one, and a file must not go while somebody is about to name it:
//
//   claim ─▶ (file is put in place) ─▶ name: the row is stored      a claim holds for kClaimHolds; then the file may go
//   erased, outlived ─▶ left ─kClaimHolds later, nobody names it─▶ doomed ─▶ (file is deleted) ─▶ forgotten
//
// A doomed file cannot be claimed; whoever fetches it comes again when it is forgotten. Lane only.

#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "store/media.h"

namespace waypost::store {

// Longer than any node takes between its claim and its commit, and than clocks differ.
inline constexpr std::chrono::hours kClaimHolds{1};

// Before the file is put in place. False: it is being deleted.
bool claim_file(sql::Connection& connection, const Digest& hash, Time now);

// In the unit that writes the row which names it. False: the claim holds no longer, and nothing is to be written.
bool name_file(sql::Connection& connection, const Digest& hash, Time claimed_at);
// In the unit that deletes the row which named it. `hash` as bytes.
void leave_file(sql::Connection& connection, std::string_view hash, Time now);

struct StoredFile {
  Digest hash{};
  std::int64_t size = 0;
  std::string mime_type{};
  Time claimed_at{};
};
// The row is stored, with its event; false when somebody else has moved it. Conflict when the claim holds no longer:
// nothing is written.
Result<bool> store_media(sql::Connection& connection, const Media& media, const StoredFile& file, Time now);

// Of a contact that is being erased, with its conversations still there.
void erase_media(sql::Connection& connection, TenantId tenant, ContactId contact, Time now);
// The oldest of a workspace from before `before`, kDroppedAtOnce at most; how many went.
inline constexpr std::int64_t kDroppedAtOnce = 500;
std::int64_t drop_old_media(sql::Connection& connection, TenantId tenant, Time before, Time now);

// Files that were left before `before`, the longest first.
std::vector<Digest> left_files(sql::Connection& connection, Time before, std::int64_t most);
// True: delete it, then forget it. False: somebody names it, or has claimed it since.
bool doom_file(sql::Connection& connection, const Digest& hash, Time before);
void forget_file(sql::Connection& connection, const Digest& hash);

}  // namespace waypost::store
