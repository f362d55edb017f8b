// image, audio, video, document, sticker: by an upload of ours, by Meta's id of one, or by a link that Meta fetches.
// Whether the bytes are of a type and size that Meta takes shows only there.

#include "base/id.h"
#include "conversation/content_rules.h"
#include "conversation/send_content.h"
#include "conversation/upload.h"

namespace waypost {
namespace {

void check_caption(const Part& media) { media.maybe_text("caption", {.least = 0, .most = kCaptionCharacters}); }
void no_caption(const Part& media) { media.none("caption", "only an image, a video or a document takes a caption"); }
void no_filename(const Part& media) { media.none("filename", "only a document takes a filename"); }
void no_voice(const Part& media) { media.none("voice", "only audio takes voice"); }

}  // namespace

void check_https(const Part& part, std::string_view key) {
  constexpr std::string_view kScheme = "https://";
  const auto link = part.text(key);
  if (link && (!link->starts_with(kScheme) || link->size() == kScheme.size()))
    part.complain(key, "must be an https:// link");
}

void check_media_source(const Part& media) {
  media.exactly_one({"link", "id", kUploadMember});
  media.maybe_text("id");
  const auto upload = media.maybe_text(kUploadMember);
  const auto id = upload ? Uuid::parse(*upload) : std::nullopt;
  if (upload && (!id || id->text() != *upload)) media.complain(kUploadMember, "must be an upload's id");
  if (media.has("link")) check_https(media, "link");
}

void check_image(const Part& image) {
  check_media_source(image);
  check_caption(image);
  no_filename(image);
  no_voice(image);
}

void check_audio(const Part& audio) {
  check_media_source(audio);
  audio.maybe_bool("voice");
  no_caption(audio);
  no_filename(audio);
}

void check_video(const Part& video) {
  check_media_source(video);
  check_caption(video);
  no_filename(video);
  no_voice(video);
}

void check_document(const Part& document) {
  check_media_source(document);
  check_caption(document);
  document.maybe_text("filename");
  no_voice(document);
}

void check_sticker(const Part& sticker) {
  check_media_source(sticker);
  no_caption(sticker);
  no_filename(sticker);
  no_voice(sticker);
}

}  // namespace waypost
