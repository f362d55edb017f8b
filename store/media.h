// Media rows: the files that inbound messages bring. Written with the message, fetched by media/fetcher.h. Lane only.
//
//   pending ─fetched─▶ stored                  a fetch that fails for now moves due_at
//      └─for good────▶ unavailable             or, for what was refused from the start, at once

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "conversation/media.h"
#include "sql/connection.h"
#include "store/messages.h"

namespace waypost {
using MediaId = Id<struct MediaTag>;
}

namespace waypost::store {

enum class MediaState { Pending, Stored, Unavailable };
std::string_view name_of(MediaState state);  // "pending" …

struct MediaFailure {
  std::string reason{};  // conversation/media.h
  std::string words{};   // for people
};

struct Media {
  TenantId tenant{};
  MediaId id{};
  MessageId message{};
  ConversationId conversation{};
  ChannelId channel{};
  NamedMedia named{};
  MediaState state = MediaState::Pending;
  std::optional<MediaFailure> failure{};
  std::int64_t attempts = 0;
  std::int64_t failures = 0;
  std::optional<Time> due_at{};
  std::int64_t size = 0;
  std::string mime_type{};
  std::optional<Digest> hash{};
  Time created_at{};
  std::optional<Time> settled_at{};
};

// As a message shows it: {"id", "kind", "state", "mimeType", "size", "filename", "voice", "animated", "reason"}. Type
// and size are those of the stored file, else null.
Json to_json(const Media& media);

// The row of a message that is being received: pending and due, or unavailable when there is nothing to fetch.
Media note_media(sql::Connection& connection, const Message& message, const NamedMedia& named, Time now);

std::optional<Media> find_media(sql::Connection& connection, TenantId tenant, MediaId id);
// Of the messages that list_messages() gives for this page.
std::map<MessageId, Media> media_of_page(sql::Connection& connection, TenantId tenant, ConversationId conversation,
                                         const Page& page);
std::optional<Media> media_of_message(sql::Connection& connection, TenantId tenant, MessageId message);
// The pending one that is due first.
std::optional<Media> next_media(sql::Connection& connection, TenantId tenant, ConversationId conversation);

// What follows is a CAS on the row that the caller has read: false when somebody else has moved it.

// Before a fetch, which is counted: of a file over which the process dies nobody hears otherwise.
bool begin_fetch(sql::Connection& connection, const Media& media);
enum class Counted { Yes, No };
struct PutOff {
  Time due{};
  MediaFailure why{};
  Counted counted = Counted::Yes;  // No: nothing is wrong with the file
  bool url_is_dead = false;
};
// `media` shows the try that begin_fetch() has counted.
bool put_off_media(sql::Connection& connection, const Media& media, const PutOff& off);
// Unavailable, with its event.
bool lose_media(sql::Connection& connection, const Media& media, const MediaFailure& why, Time now);

}  // namespace waypost::store
