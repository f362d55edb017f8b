// The rules of each kind, one function a kind, one file a family. Each reads its part and leaves its faults there.
// Pure; any thread.

#pragma once

#include "conversation/part.h"

namespace waypost {

void check_text(const Part& text);
void check_location(const Part& location);
void check_contacts(const Part& contacts);  // the list
void check_reaction(const Part& reaction);
void check_pin(const Part& pin);
void check_interactive(const Part& interactive);
void check_template(const Part& form);

// content_media.cc. Exactly one of link, id and uploadId, the link https, the upload's id a UUID.
void check_media_source(const Part& media);
void check_image(const Part& image);
void check_audio(const Part& audio);
void check_video(const Part& video);
void check_document(const Part& document);
void check_sticker(const Part& sticker);

// "https://…" with something behind it.
void check_https(const Part& part, std::string_view key);

}  // namespace waypost
