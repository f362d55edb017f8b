// Media: the file that an inbound message names, as Meta's webhook tells of it. What the webhook says of type and name
// is the sender's word. Pure; any thread.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/crypto.h"
#include "base/json.h"

namespace waypost {

// Why there is no file and never will be; the API's words.
inline constexpr std::string_view kMediaRefusedByMeta = "refused_by_meta";  // Meta itself could not take it (131052)
inline constexpr std::string_view kMediaNotNamed = "not_named";             // neither id nor address
inline constexpr std::string_view kMediaGone = "gone";                      // Meta has it no more, or never had
inline constexpr std::string_view kMediaExpired = "expired";  // not fetched in the days that Meta keeps it
inline constexpr std::string_view kMediaTooLarge = "too_large";
inline constexpr std::string_view kMediaEmpty = "empty";
inline constexpr std::string_view kMediaForbiddenType = "forbidden_type";
inline constexpr std::string_view kMediaHashMismatch = "hash_mismatch";
inline constexpr std::string_view kMediaForbiddenHost = "forbidden_host";
inline constexpr std::string_view kMediaNoChannel = "no_channel";
inline constexpr std::string_view kMediaCrashed = "crashed";  // this process ended too often while it had it in hand

struct NamedMedia {
  std::string kind{};                 // image | video | audio | document | sticker
  std::optional<std::string> id{};    // Meta's, good for seven days
  std::optional<std::string> url{};   // Meta's, good for five minutes
  std::string said_type{};            // "audio/ogg; codecs=opus"
  std::optional<Digest> said_hash{};  // nothing: none, or none that can be read
  std::optional<std::string> file_name{};
  bool is_voice = false;     // a voice note
  bool is_animated = false;  // a sticker that moves
  std::string refusal{};     // one of the reasons above: nothing can be fetched
};

// Of a message as Meta sent it; nothing where its kind brings no file. An old `voice` is an audio.
std::optional<NamedMedia> named_media(const Json& message);

// A SHA-256 as Meta writes it: base64 in webhooks, with or without padding, 64 hex digits in old answers of the media
// endpoint.
std::optional<Digest> read_media_hash(std::string_view text);

}  // namespace waypost
