#include "conversation/media.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/text.h"

namespace waypost {
namespace {

constexpr std::array<std::string_view, 6> kKinds{"image", "video", "audio", "voice", "document", "sticker"};
constexpr std::int64_t kUndownloadable = 131052;
// What a row keeps of texts that strangers write.
constexpr std::size_t kLongestName = 255;
constexpr std::size_t kLongestType = 255;
constexpr std::size_t kLongestId = 255;
constexpr std::size_t kLongestUrl = 4'096;

bool refused_by_meta(const Json& message) {
  const Json* errors = find_array(message, "errors");
  return errors != nullptr &&
         std::ranges::any_of(*errors, [](const Json& error) { return find_integer(error, "code") == kUndownloadable; });
}

// Nothing when it is missing, empty or longer than any that Meta gives.
std::optional<std::string> bounded(const Json& payload, std::string_view key, std::size_t most) {
  auto text = find_text(payload, key);
  if (!text || text->empty() || text->size() > most) return std::nullopt;
  return text;
}

std::optional<std::string> name_of_file(const Json& payload) {
  const auto text = find_text(payload, "filename");
  if (!text || text->empty()) return std::nullopt;
  return std::string(first_characters(*text, kLongestName));
}

std::optional<Digest> digest_of(const std::string& bytes) {
  Digest digest;
  if (bytes.size() != digest.size()) return std::nullopt;
  std::memcpy(digest.data(), bytes.data(), digest.size());
  return digest;
}

}  // namespace

std::optional<Digest> read_media_hash(std::string_view text) {
  constexpr std::size_t kHexDigits = 64;
  constexpr std::size_t kBase64Digits = 43;
  text = trimmed(text);
  if (text.size() == kHexDigits) return digest_of(from_hex(text));
  std::string padded(text);
  if (padded.size() == kBase64Digits) padded += '=';
  std::ranges::replace(padded, '-', '+');
  std::ranges::replace(padded, '_', '/');
  const auto bytes = from_base64(padded);
  return bytes ? digest_of(*bytes) : std::nullopt;
}

std::optional<NamedMedia> named_media(const Json& message) {
  const auto type = text_or_empty(message, "type");
  if (std::ranges::find(kKinds, type) == kKinds.end()) return std::nullopt;
  const Json* found = find_object(message, type);
  const Json payload = found ? *found : Json::object();
  const auto said_hash = find_text(payload, "sha256");
  NamedMedia media{.kind = type == "voice" ? "audio" : type,
                   .id = bounded(payload, "id", kLongestId),
                   .url = bounded(payload, "url", kLongestUrl),
                   .said_type = bounded(payload, "mime_type", kLongestType).value_or(""),
                   .said_hash = said_hash ? read_media_hash(*said_hash) : std::nullopt,
                   .file_name = name_of_file(payload),
                   .is_voice = type == "voice" || find_bool(payload, "voice").value_or(false),
                   .is_animated = find_bool(payload, "animated").value_or(false)};
  if (refused_by_meta(message)) {
    media.refusal = kMediaRefusedByMeta;
  } else if (!media.id && !media.url) {
    media.refusal = kMediaNotNamed;
  }
  return media;
}

}  // namespace waypost
