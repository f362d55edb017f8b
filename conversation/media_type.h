// Media types: which type a file is kept as, by what its bytes show and by what its sender calls it; and how a browser
// may show it. Pure; any thread.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace waypost {

// One name a type: what sniffers call "audio/x-m4a" is "audio/mp4", any plain text "text/plain". The sender's word
// counts only where the bytes leave it open, and only between harmless types: which office document a zip or an OLE
// container is, whether an MP4 or an Ogg holds sound alone, whether a text is a table or a visiting card. Without
// parameters, lower case.
std::string kept_type(std::string_view sniffed, std::string_view said);

bool is_allowed_type(std::string_view type, const std::vector<std::string>& allowed);

// Pictures, sound and films are shown where they stand; everything else is handed over as a file. An image that may
// hold scripts (SVG) is no picture here.
bool is_shown_inline(std::string_view type);

// The value of Content-Disposition (RFC 6266, names by RFC 8187): the sender's name without folders and control
// characters, else `fallback` with the type's usual ending.
std::string content_disposition(std::string_view type, std::optional<std::string_view> file_name,
                                std::string_view fallback);

}  // namespace waypost
