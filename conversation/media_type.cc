#include "conversation/media_type.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace waypost {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

// What libmagic (5.44) and senders say, and the name it has here.
constexpr std::array<Pair, 22> kSameAs{{{"image/jpg", "image/jpeg"},
                                        {"image/pjpeg", "image/jpeg"},
                                        {"audio/x-m4a", "audio/mp4"},
                                        {"audio/m4a", "audio/mp4"},
                                        {"audio/x-hx-aac-adts", "audio/aac"},
                                        {"audio/x-hx-aac-adif", "audio/aac"},
                                        {"audio/x-aac", "audio/aac"},
                                        {"audio/mp3", "audio/mpeg"},
                                        {"audio/mpegapplication/octet-stream", "audio/mpeg"},
                                        {"audio/x-wav", "audio/wav"},
                                        {"audio/opus", "audio/ogg"},
                                        {"audio/amr-nb", "audio/amr"},
                                        {"application/ogg", "audio/ogg"},
                                        {"video/x-m4v", "video/mp4"},
                                        {"video/3gpp2", "video/3gpp"},
                                        {"text/rtf", "application/rtf"},
                                        {"application/csv", "text/csv"},
                                        {"text/x-vcard", "text/vcard"},
                                        {"text/directory", "text/vcard"},
                                        {"application/x-ole-storage", "application/cdfv2"},
                                        {"application/x-cdf", "application/cdfv2"},
                                        {"application/x-zip-compressed", "application/zip"}}};

// What the bytes leave open (first), and what the sender may call it then.
constexpr std::array<Pair, 15> kLeftOpen{
    {{"application/zip", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
     {"application/zip", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
     {"application/zip", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
     {"application/zip", "application/vnd.oasis.opendocument.text"},
     {"application/zip", "application/vnd.oasis.opendocument.spreadsheet"},
     {"application/zip", "application/vnd.oasis.opendocument.presentation"},
     {"application/cdfv2", "application/msword"},
     {"application/cdfv2", "application/vnd.ms-excel"},
     {"application/cdfv2", "application/vnd.ms-powerpoint"},
     {"video/mp4", "audio/mp4"},
     {"video/mp4", "audio/aac"},
     {"video/3gpp", "audio/amr"},
     {"video/ogg", "audio/ogg"},
     {"text/plain", "text/csv"},
     {"text/plain", "text/vcard"}}};

constexpr std::array<Pair, 27> kEndings{
    {{"image/jpeg", ".jpg"},
     {"image/png", ".png"},
     {"image/webp", ".webp"},
     {"image/gif", ".gif"},
     {"video/mp4", ".mp4"},
     {"video/3gpp", ".3gp"},
     {"video/quicktime", ".mov"},
     {"audio/aac", ".aac"},
     {"audio/amr", ".amr"},
     {"audio/mpeg", ".mp3"},
     {"audio/mp4", ".m4a"},
     {"audio/ogg", ".ogg"},
     {"audio/wav", ".wav"},
     {"application/pdf", ".pdf"},
     {"application/rtf", ".rtf"},
     {"application/zip", ".zip"},
     {"application/msword", ".doc"},
     {"application/vnd.ms-excel", ".xls"},
     {"application/vnd.ms-powerpoint", ".ppt"},
     {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"},
     {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"},
     {"application/vnd.openxmlformats-officedocument.presentationml.presentation", ".pptx"},
     {"application/vnd.oasis.opendocument.text", ".odt"},
     {"application/vnd.oasis.opendocument.spreadsheet", ".ods"},
     {"application/vnd.oasis.opendocument.presentation", ".odp"},
     {"text/csv", ".csv"},
     {"text/vcard", ".vcf"}}};

// Source code and the like is text to a reader; markup is not, because a browser may run it.
bool reads_as_plain_text(std::string_view type) {
  if (!type.starts_with("text/")) return false;
  constexpr std::array<std::string_view, 7> kNot{"text/html", "text/xml",   "text/csv",       "text/vcard",
                                                 "text/rtf",  "text/x-php", "text/javascript"};
  return std::ranges::find(kNot, type) == kNot.end();
}

std::string usual_name(std::string_view type) {
  std::string name = lower_ascii(trimmed(type.substr(0, type.find(';'))));
  const auto* same = std::ranges::find(kSameAs, std::string_view(name), &Pair::first);
  return same == kSameAs.end() ? name : std::string(same->second);
}

bool is_safe(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
         c == '_' || c == ' ';
}

// The part behind the last slash of either kind, without what a terminal, a shell or a file system takes for more than
// a name.
std::string harmless_name(std::string_view given) {
  std::string name = storable_text(given.substr(given.find_last_of("/\\") + 1));
  std::erase_if(name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  std::ranges::replace_if(name, [](char c) { return std::string_view("\"<>|:*?").contains(c); }, '_');
  const auto from = name.find_first_not_of(". ");
  return from == std::string::npos ? "" : name.substr(from);
}

std::string in_ascii(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    const bool continues = (static_cast<unsigned char>(c) & 0xc0) == 0x80;
    if (!continues) plain += is_safe(c) ? c : '_';
  }
  return plain;
}

std::string percent_coded(std::string_view name) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string coded;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_safe(c) && c != ' ') {
      coded += c;
    } else {
      coded += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return coded;
}

std::string ending_of(std::string_view type) {
  const auto* found = std::ranges::find(kEndings, type, &Pair::first);
  return std::string(found == kEndings.end() ? (type == "text/plain" ? ".txt" : ".bin") : found->second);
}

}  // namespace

std::string kept_type(std::string_view sniffed, std::string_view said) {
  std::string shown = usual_name(sniffed);
  if (reads_as_plain_text(shown)) shown = "text/plain";
  const std::string called = usual_name(said);
  const bool open = std::ranges::find(kLeftOpen, Pair(shown, called)) != kLeftOpen.end();
  return open ? called : shown;
}

bool is_allowed_type(std::string_view type, const std::vector<std::string>& allowed) {
  return std::ranges::find(allowed, type) != allowed.end();
}

bool is_shown_inline(std::string_view type) {
  return (type.starts_with("image/") && !type.starts_with("image/svg")) || type.starts_with("audio/") ||
         type.starts_with("video/");
}

std::string content_disposition(std::string_view type, std::optional<std::string_view> file_name,
                                std::string_view fallback) {
  std::string name = file_name ? harmless_name(*file_name) : std::string();
  if (name.empty()) name = std::string(fallback) + ending_of(type);
  std::string value = is_shown_inline(type) ? "inline" : "attachment";
  const std::string ascii = in_ascii(name);
  value += "; filename=\"" + ascii + "\"";
  if (ascii != name) value += "; filename*=UTF-8''" + percent_coded(name);
  return value;
}

}  // namespace waypost
