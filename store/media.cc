#include "store/media.h"

#include <array>

#include "store/events.h"
#include "store/media_row.h"

namespace waypost::store {
namespace {

constexpr std::array<std::pair<MediaState, std::string_view>, 3> kStates{
    {{MediaState::Pending, "pending"}, {MediaState::Stored, "stored"}, {MediaState::Unavailable, "unavailable"}}};

const std::string& select_media() {
  static const std::string kText =
      "SELECT tenant_id, id, message_id, conversation_id, channel_id, kind, meta_id, url, said_type, said_hash, "
      "file_name, voice, animated, state, reason, words, attempts, failures, due_at, size, mime_type, hash, "
      "created_at, settled_at FROM media ";
  return kText;
}

MediaState state_named(std::string_view name) {
  for (const auto& [state, word] : kStates) {
    if (word == name) return state;
  }
  std::unreachable();
}

NamedMedia read_named(const sql::Row& row) {
  return {.kind = row.text(5),
          .id = row.maybe_text(6),
          .url = row.maybe_text(7),
          .said_type = row.text(8),
          .said_hash = read_digest(row, 9),
          .file_name = row.maybe_text(10),
          .is_voice = row.boolean(11),
          .is_animated = row.boolean(12)};
}

std::optional<MediaFailure> read_failure(const sql::Row& row) {
  if (row.is_null(14)) return std::nullopt;
  return MediaFailure{.reason = row.text(14), .words = row.maybe_text(15).value_or("")};
}

Media read_media(const sql::Row& row) {
  return {.tenant = row.id<TenantId>(0),
          .id = row.id<MediaId>(1),
          .message = row.id<MessageId>(2),
          .conversation = row.id<ConversationId>(3),
          .channel = row.id<ChannelId>(4),
          .named = read_named(row),
          .state = state_named(row.text(13)),
          .failure = read_failure(row),
          .attempts = row.number(16),
          .failures = row.number(17),
          .due_at = row.maybe_time(18),
          .size = row.maybe_number(19).value_or(0),
          .mime_type = row.maybe_text(20).value_or(""),
          .hash = read_digest(row, 21),
          .created_at = row.time(22),
          .settled_at = row.maybe_time(23)};
}

std::optional<Media> read_one(const sql::Rows& rows) {
  if (rows.empty()) return std::nullopt;
  return read_media(rows.front());
}

void insert_media(sql::Connection& connection, const Media& media) {
  static const sql::Insertion kInto("media",
                                    "tenant_id, id, message_id, conversation_id, channel_id, kind, meta_id, url, "
                                    "said_type, said_hash, file_name, voice, animated, state, reason, words, attempts, "
                                    "failures, due_at, created_at, settled_at");
  const auto& named = media.named;
  const auto reason = media.failure ? std::optional(media.failure->reason) : std::nullopt;
  const auto words = media.failure ? std::optional(media.failure->words) : std::nullopt;
  connection.insert(kInto, {media.tenant,
                            media.id,
                            media.message,
                            media.conversation,
                            media.channel,
                            named.kind,
                            named.id,
                            named.url,
                            named.said_type,
                            maybe_bytes(named.said_hash),
                            named.file_name,
                            named.is_voice,
                            named.is_animated,
                            name_of(media.state),
                            reason,
                            words,
                            0,
                            0,
                            media.due_at,
                            media.created_at,
                            media.settled_at});
}

}  // namespace

std::string_view name_of(MediaState state) { return kStates.at(static_cast<std::size_t>(state)).second; }

Json to_json(const Media& media) {
  const bool stored = media.state == MediaState::Stored;
  const bool lost = media.state == MediaState::Unavailable && media.failure;
  return {{"id", media.id.text()},
          {"kind", media.named.kind},
          {"state", name_of(media.state)},
          {"mimeType", stored ? Json(media.mime_type) : Json()},
          {"size", stored ? Json(media.size) : Json()},
          {"filename", media.named.file_name ? Json(*media.named.file_name) : Json()},
          {"voice", media.named.is_voice},
          {"animated", media.named.is_animated},
          {"reason", lost ? Json(media.failure->reason) : Json()}};
}

Media note_media(sql::Connection& connection, const Message& message, const NamedMedia& named, Time now) {
  Media media{.tenant = message.tenant,
              .id = MediaId::make(now),
              .message = message.id,
              .conversation = message.conversation,
              .channel = message.channel,
              .named = named,
              .due_at = now,
              .created_at = now};
  if (!named.refusal.empty()) {
    media.state = MediaState::Unavailable;
    media.failure = MediaFailure{.reason = named.refusal, .words = "Meta's webhook named no file that can be fetched"};
    media.due_at.reset();
    media.settled_at = now;
  }
  insert_media(connection, media);
  return media;
}

std::optional<Media> find_media(sql::Connection& connection, TenantId tenant, MediaId id) {
  static const std::string kText = select_media() + "WHERE tenant_id = $1 AND id = $2";
  return read_one(connection.run(kText, {tenant, id}));
}

std::map<MessageId, Media> media_of_page(sql::Connection& connection, TenantId tenant, ConversationId conversation,
                                         const Page& page) {
  static const std::string kText =
      select_media() +
      "WHERE tenant_id = $1 AND message_id IN (SELECT id FROM (SELECT id FROM message WHERE tenant_id = $1 AND "
      "conversation_id = $2 ORDER BY happened_at DESC, seq DESC LIMIT $3 OFFSET $4) AS shown)";
  std::map<MessageId, Media> all;
  for (const auto row : connection.run(kText, {tenant, conversation, page.limit, page.offset})) {
    auto media = read_media(row);
    all.emplace(media.message, std::move(media));
  }
  return all;
}

std::optional<Media> media_of_message(sql::Connection& connection, TenantId tenant, MessageId message) {
  static const std::string kText = select_media() + "WHERE tenant_id = $1 AND message_id = $2";
  const auto rows = connection.run(kText, {tenant, message});
  if (rows.empty()) return std::nullopt;
  return read_media(rows.front());
}

std::optional<Media> next_media(sql::Connection& connection, TenantId tenant, ConversationId conversation) {
  static const std::string kText =
      select_media() +
      "WHERE tenant_id = $1 AND conversation_id = $2 AND state = 'pending' ORDER BY due_at, id LIMIT 1";
  return read_one(connection.run(kText, {tenant, conversation}));
}

bool begin_fetch(sql::Connection& connection, const Media& media) {
  return connection
             .run(
                 "UPDATE media SET attempts = attempts + 1 WHERE tenant_id = $1 AND id = $2 AND state = 'pending' AND "
                 "attempts = $3",
                 {media.tenant, media.id, media.attempts})
             .changed() > 0;
}

bool put_off_media(sql::Connection& connection, const Media& media, const PutOff& off) {
  const std::int64_t counted = off.counted == Counted::Yes ? 1 : 0;
  // A try that does not count is taken back: the fetch has not begun.
  return connection
             .run(
                 "UPDATE media SET due_at = $4, reason = $5, words = $6, failures = failures + $7, attempts = attempts "
                 "- 1 + $7, url = CASE WHEN $8 THEN NULL ELSE url END WHERE tenant_id = $1 AND id = $2 AND state = "
                 "'pending' AND attempts = $3 AND failures = $9",
                 {media.tenant, media.id, media.attempts, off.due, off.why.reason, off.why.words, counted,
                  off.url_is_dead, media.failures})
             .changed() > 0;
}

bool lose_media(sql::Connection& connection, const Media& media, const MediaFailure& why, Time now) {
  const auto rows = connection.run(
      "UPDATE media SET state = 'unavailable', reason = $3, words = $4, due_at = NULL, url = NULL, settled_at = $5 "
      "WHERE tenant_id = $1 AND id = $2 AND state = 'pending' RETURNING conversation_id",
      {media.tenant, media.id, why.reason, why.words, now});
  if (rows.empty()) return false;
  Media lost = media;
  lost.conversation = rows.front().id<ConversationId>(0);
  lost.state = MediaState::Unavailable;
  lost.failure = why;
  tell_media(connection, lost, now);
  return true;
}

void tell_media(sql::Connection& connection, const Media& media, Time now) {
  Json json = to_json(media);
  json["messageId"] = media.message.text();
  json["conversationId"] = media.conversation.text();
  const std::string type = "media." + std::string(name_of(media.state));
  const std::string payload = dump({{"media", std::move(json)}});
  append_event(connection, media.tenant, {.type = type, .conversation = media.conversation, .payload = payload}, now);
}

}  // namespace waypost::store
