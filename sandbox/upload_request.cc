#include "sandbox/upload_request.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/text.h"
#include "net/form_reader.h"

namespace waypost::sandbox {
namespace {

struct Taken {
  std::string_view type{};
  std::size_t most = 0;
};
constexpr std::size_t kMiB = 1 << 20;
// What Meta's own refusal lists.
constexpr auto kTypes =
    std::to_array<Taken>({{"audio/aac", 16 * kMiB},
                          {"audio/mp4", 16 * kMiB},
                          {"audio/mpeg", 16 * kMiB},
                          {"audio/amr", 16 * kMiB},
                          {"audio/ogg", 16 * kMiB},
                          {"audio/opus", 16 * kMiB},
                          {"application/vnd.ms-powerpoint", 100 * kMiB},
                          {"application/msword", 100 * kMiB},
                          {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", 100 * kMiB},
                          {"application/vnd.openxmlformats-officedocument.presentationml.presentation", 100 * kMiB},
                          {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", 100 * kMiB},
                          {"application/pdf", 100 * kMiB},
                          {"text/plain", 100 * kMiB},
                          {"application/vnd.ms-excel", 100 * kMiB},
                          {"image/jpeg", 5 * kMiB},
                          {"image/png", 5 * kMiB},
                          {"image/webp", 500 * 1024},
                          {"video/mp4", 16 * kMiB},
                          {"video/3gpp", 16 * kMiB}});

struct FormField {
  std::string value{};
  std::string type{};
  std::string file_name{};
};
using Form = std::map<std::string, FormField, std::less<>>;

Judged<Form> read_form(std::string_view content_type, std::string_view body) {
  auto reader = FormReader::of(content_type);
  if (!reader) return refuse(100, "The body is not multipart/form-data");
  reader->add(body);
  Form form;
  FormField* field = nullptr;
  while (true) {
    switch (reader->next()) {
      case FormReader::Event::Begin:
        field = &form[reader->part().name];
        field->type = reader->part().type;
        field->file_name = reader->part().file_name.value_or("");
        break;
      case FormReader::Event::Bytes:
        field->value += reader->bytes();
        break;
      case FormReader::Event::End:
        break;
      case FormReader::Event::Over:
        return form;
      case FormReader::Event::NeedMore:
      case FormReader::Event::Malformed:
        return refuse(100, "The form is malformed");
    }
  }
}

Judged<void> check_file(const UploadRequest& upload) {
  const auto bare = lower_ascii(trimmed(std::string_view(upload.type).substr(0, upload.type.find(';'))));
  const auto* taken = std::ranges::find(kTypes, std::string_view(bare), &Taken::type);
  if (taken == kTypes.end())
    return refuse(100,
                  "Param file must be a file with one of the supported types. Received file of type '" + bare + "'.");
  if (upload.bytes.empty()) return refuse(100, "Param file must not be empty.");
  if (upload.bytes.size() > taken->most)
    return refuse(131053, "The file is larger than " + std::to_string(taken->most) + " bytes");
  return {};
}

constexpr auto kKinds = std::to_array<std::string_view>({"image", "audio", "video", "document", "sticker"});

void collect(std::string_view key, const Json& json, std::vector<NamedFile>& found) {
  if (json.is_array()) {
    for (const auto& item : json) collect("", item, found);
  } else if (json.is_object()) {
    const bool is_file = std::ranges::find(kKinds, key) != kKinds.end();
    const auto id = is_file ? text_or_empty(json, "id") : std::string();
    if (!id.empty()) found.push_back({.kind = std::string(key), .id = id});
    for (const auto& [inner, value] : json.items()) collect(inner, value, found);
  }
}

}  // namespace

Judged<UploadRequest> read_upload(std::string_view content_type, std::string_view body) {
  auto form = read_form(content_type, body);
  if (!form) return std::unexpected(form.error());
  const auto value = [&form](std::string_view name) {
    const auto found = form->find(name);
    return found == form->end() ? std::string() : found->second.value;
  };
  if (value("messaging_product") != "whatsapp") return refuse(100, "The parameter messaging_product is required.");
  if (value("type").empty()) return refuse(100, "The parameter type is required.");
  const auto file = form->find("file");
  if (file == form->end()) return refuse(100, "The parameter file is required.");
  UploadRequest upload{
      .type = value("type"), .name = std::move(file->second.file_name), .bytes = std::move(file->second.value)};
  if (auto fine = check_file(upload); !fine) return std::unexpected(fine.error());
  return upload;
}

std::vector<NamedFile> files_named(std::string_view type, const Json& content) {
  std::vector<NamedFile> found;
  collect(type, content, found);
  return found;
}

}  // namespace waypost::sandbox
