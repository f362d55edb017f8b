#include "sandbox/media.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "base/crypto.h"

namespace waypost::sandbox {
namespace {

constexpr std::chrono::days kIdLives{7};
constexpr std::chrono::days kUploadLives{30};
constexpr std::chrono::minutes kAddressLives{5};
constexpr std::size_t kMostBytes = 256 << 20;
constexpr std::size_t kKeyBytes = 18;
constexpr std::int64_t kFirstId = 1'003'383'421'387'000;

struct Sample {
  std::string_view type;
  std::string_view mime_type;
  std::string_view base64;
};
// The smallest files that are what they say: a PNG of one pixel, a PDF of one empty page, an Ogg with an Opus head, the
// first box of an MP4, a WebP of one pixel.
constexpr std::array<Sample, 5> kSamples{
    {{"image", "image/png",
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="},
     {"document", "application/pdf",
      "JVBERi0xLjQKMSAwIG9iago8PC9UeXBlL0NhdGFsb2cvUGFnZXMgMiAwIFI+PgplbmRvYmoKMiAwIG9iago8PC9UeXBlL1BhZ2VzL0tpZHNbMyAw"
      "IFJdL0NvdW50IDE+PgplbmRvYmoKMyAwIG9iago8PC9UeXBlL1BhZ2UvUGFyZW50IDIgMCBSL01lZGlhQm94WzAgMCA1OTUgODQyXT4+CmVuZG9i"
      "agp0cmFpbGVyCjw8L1Jvb3QgMSAwIFI+PgolJUVPRgo="},
     {"audio", "audio/ogg; codecs=opus", "T2dnUwACAAAAAAAAAAABAAAAAAAAAAAAAAABE09wdXNIZWFkAQE4AYC7AAAAAAA="},
     {"video", "video/mp4", "AAAAGGZ0eXBtcDQyAAAAAG1wNDJpc29tAAAACG1kYXQ="},
     {"sticker", "image/webp", "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA=="}}};

const Sample* sample_of(std::string_view type) {
  const auto* found = std::ranges::find(kSamples, type, &Sample::type);
  return found == kSamples.end() ? nullptr : found;
}

Result<std::string> bytes_of(const Sample& sample, const Json& body) {
  auto bytes = from_base64(find_text(body, "base64").value_or(std::string(sample.base64)));
  if (!bytes) return fail(ErrorKind::InvalidInput, "media.base64 is not base64");
  const auto wanted = find_integer(body, "bytes").value_or(0);
  if (wanted < 0 || wanted > static_cast<std::int64_t>(kMostBytes))
    return fail(ErrorKind::InvalidInput, "media.bytes is 0 to 268435456");
  if (static_cast<std::size_t>(wanted) > bytes->size()) bytes->resize(static_cast<std::size_t>(wanted), '\0');
  return *std::move(bytes);
}

std::string hash_of(const MediaFile& file) {
  const auto digest = sha256(file.bytes);
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string new_address(World& world, const MediaFile& file, const std::string& base) {
  const std::string key = random_token(kKeyBytes);
  world.media_addresses[key] = {.id = file.id, .until = world.clock.now() + kAddressLives};
  return base + kMediaPath + key;
}

MediaFile& new_file(World& world, const Number& number) {
  auto& file = world.media.emplace_back();
  file.id = std::to_string(kFirstId + static_cast<std::int64_t>(world.media.size()));
  file.phone_number_id = number.phone_number_id;
  file.at = world.clock.now();
  return file;
}

}  // namespace

bool is_media_type(std::string_view type) { return sample_of(type) != nullptr; }

Result<Json> take_media(World& world, const Number& number, const std::string& type, const Json& body) {
  const auto* sample = sample_of(type);
  if (sample == nullptr) return fail(ErrorKind::InvalidInput, "type is image, document, audio, video or sticker");
  auto bytes = bytes_of(*sample, body);
  if (!bytes) return fail(std::move(bytes).error());
  auto& file = new_file(world, number);
  file.mime_type = find_text(body, "mime_type").value_or(std::string(sample->mime_type));
  file.bytes = *std::move(bytes);
  Json content = {{"id", file.id}, {"mime_type", file.mime_type}, {"sha256", base64(hash_of(file))}};
  for (const auto* key : {"caption", "filename", "voice", "animated"}) {
    if (const auto* value = find(body, key)) content[key] = *value;
  }
  if (find_bool(body, "url").value_or(true)) content["url"] = new_address(world, file, world.url);
  return content;
}

const MediaFile& keep_upload(World& world, const Number& number, UploadRequest upload) {
  auto& file = new_file(world, number);
  file.mime_type = std::move(upload.type);
  file.bytes = std::move(upload.bytes);
  file.uploaded = true;
  return file;
}

const MediaFile* find_media(const World& world, std::string_view id) {
  const auto found = std::ranges::find(world.media, id, &MediaFile::id);
  if (found == world.media.end() || found->deleted) return nullptr;
  return world.clock.now() < found->at + (found->uploaded ? kUploadLives : kIdLives) ? &*found : nullptr;
}

bool forget_media(World& world, std::string_view id) {
  if (find_media(world, id) == nullptr) return false;
  std::ranges::find(world.media, id, &MediaFile::id)->deleted = true;
  return true;
}

UploadSession* find_sample(World& world, std::string_view id) {
  const auto found = std::ranges::find_if(
      world.samples, [id](const UploadSession& one) { return one.id.substr(0, one.id.find('?')) == id; });
  return found == world.samples.end() ? nullptr : &*found;
}

const MediaFile* media_at(const World& world, std::string_view key) {
  const auto found = world.media_addresses.find(std::string(key));
  if (found == world.media_addresses.end() || world.clock.now() >= found->second.until) return nullptr;
  return find_media(world, found->second.id);
}

Json media_object(World& world, const MediaFile& file, const std::string& base) {
  const auto digest = sha256(file.bytes);
  return {{"messaging_product", "whatsapp"}, {"url", new_address(world, file, base)}, {"mime_type", file.mime_type},
          {"sha256", hex(digest)},           {"file_size", file.bytes.size()},        {"id", file.id}};
}

}  // namespace waypost::sandbox
