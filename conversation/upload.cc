#include "conversation/upload.h"

#include <algorithm>
#include <array>

namespace waypost {
namespace {

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kMiB = 1024 * kKiB;

struct Kind {
  std::string_view kind{};
  std::uint64_t most = 0;
  std::array<std::string_view, 8> types{};  // "" at the end
};
// The types are those that Meta's own refusal of an upload lists. A sticker's limit is that of one that moves; one that
// does not is Meta's to refuse beyond 100 kB.
constexpr std::array<Kind, 5> kKinds{
    {{"image", 5 * kMiB, {"image/jpeg", "image/png"}},
     {"audio", 16 * kMiB, {"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"}},
     {"video", 16 * kMiB, {"video/mp4", "video/3gpp"}},
     {"sticker", 500 * kKiB, {"image/webp"}},
     {"document",
      100 * kMiB,
      {"application/pdf", "text/plain", "application/msword", "application/vnd.ms-excel",
       "application/vnd.ms-powerpoint", "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
       "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
       "application/vnd.openxmlformats-officedocument.presentationml.presentation"}}}};

const Kind* kind_named(std::string_view name) {
  const auto* found = std::ranges::find(kKinds, name, &Kind::kind);
  return found == kKinds.end() ? nullptr : found;
}

bool takes(const Kind& kind, std::string_view type) {
  return !type.empty() && std::ranges::find(kind.types, type) != kind.types.end();
}

std::string megabytes(std::uint64_t bytes) {
  return bytes < kMiB ? std::to_string(bytes / kKiB) + " kB" : std::to_string(bytes / kMiB) + " MB";
}

void collect(std::string_view kind, const Json& json, std::vector<NamedUpload>& found) {
  if (json.is_array()) {
    for (const auto& item : json) collect(kind, item, found);
  } else if (json.is_object()) {
    for (const auto& [key, value] : json.items()) {
      if (key == kUploadMember && value.is_string()) {
        found.push_back({.kind = std::string(kind), .id = value.get<std::string>()});
      } else {
        collect(key, value, found);
      }
    }
  }
}

std::optional<std::string> path_in(const Json& json, const std::string& path, std::string_view id) {
  if (json.is_array()) {
    for (std::size_t at = 0; at < json.size(); ++at) {
      if (auto found = path_in(json[at], path + "[" + std::to_string(at) + "]", id)) return found;
    }
  } else if (json.is_object()) {
    for (const auto& [key, value] : json.items()) {
      const std::string below = path.empty() ? key : path + "." + key;
      if (key == kUploadMember && value.is_string() && value.get_ref<const std::string&>() == id) return below;
      if (auto found = path_in(value, below, id)) return found;
    }
  }
  return std::nullopt;
}

void put_ids(Json& json, const std::map<std::string, std::string>& ids) {
  if (!json.is_structured()) return;
  if (const auto named = json.is_object() ? find_text(json, kUploadMember) : std::nullopt) {
    if (const auto known = ids.find(*named); known != ids.end()) {
      json.erase(std::string(kUploadMember));
      json["id"] = known->second;
    }
  }
  for (auto& inner : json) put_ids(inner, ids);
}

}  // namespace

bool is_upload_kind(std::string_view kind) { return kind_named(kind) != nullptr; }

std::optional<std::string> natural_kind(std::string_view type) {
  const auto* found = std::ranges::find_if(kKinds, [type](const Kind& kind) { return takes(kind, type); });
  if (found == kKinds.end()) return std::nullopt;
  return std::string(found->kind);
}

std::optional<std::string> unfit_as(std::string_view name, const FileTraits& file) {
  const auto* kind = kind_named(name);
  if (kind == nullptr) return "no file belongs here";
  if (!takes(*kind, file.type)) return "Meta takes no " + file.type + " as " + std::string(name);
  if (file.size > kind->most)
    return "Meta takes at most " + megabytes(kind->most) + " as " + std::string(name) + ", this is " +
           std::to_string(file.size) + " bytes";
  return std::nullopt;
}

std::uint64_t most_bytes_of(std::string_view kind) {
  const auto* known = kind_named(kind);
  return known == nullptr ? 0 : known->most;
}

std::vector<NamedUpload> uploads_in(std::string_view type, const Json& content) {
  std::vector<NamedUpload> found;
  collect(type, content, found);
  return found;
}

std::string path_of_upload(const Json& request, std::string_view id) {
  return path_in(request, "", id).value_or(std::string(kUploadMember));
}

Json with_ids_of_meta(Json content, const std::map<std::string, std::string>& ids) {
  if (!ids.empty()) put_ids(content, ids);
  return content;
}

bool may_mean_lost_file(std::int64_t code) { return code == 100 || code == 131009 || code == 131052 || code == 131053; }

}  // namespace waypost
