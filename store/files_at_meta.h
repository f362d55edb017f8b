// Files at Meta: the ids by which a number's sends may name what was uploaded to it, until shortly before Meta forgets
// them. A cache by number and content: whatever is wrong in it costs an upload. Lane only.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/channels.h"
#include "store/messages.h"
#include "store/uploads.h"

namespace waypost::store {

struct FileAtMeta {
  std::string meta_id{};
  Time uploaded_at{};
  Time expires_at{};
};

// A file that a message names.
struct SendFile {
  std::string named{};             // in its content
  std::optional<Upload> upload{};  // nothing: it is gone
  std::optional<FileAtMeta> at_meta{};
};
// Of an outbound message, each once, in the order of its content.
std::vector<SendFile> files_of(sql::Connection& connection, const Message& message, Time now);

// A later upload takes the place of an earlier one.
void note_file_at_meta(sql::Connection& connection, const Channel& channel, const Upload& upload,
                       const FileAtMeta& file);
// Meta has those that this message's send named no more.
void forget_files_at_meta(sql::Connection& connection, const Message& message, const std::vector<SendFile>& files);

// What Meta has of a file that no other upload of the workspace has the content of; it is forgotten here.
struct HeldByMeta {
  Channel channel{};
  std::string meta_id{};
};
std::vector<HeldByMeta> give_up_files_at_meta(sql::Connection& connection, const Upload& deleted);

// At most `most` of those that hold no longer; how many went.
std::int64_t drop_expired_at_meta(sql::Connection& connection, Time now, std::int64_t most);

}  // namespace waypost::store
