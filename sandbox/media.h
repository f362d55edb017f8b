// Media: the files that customers send and that businesses upload, as Meta keeps them: an id for seven days, or for
// thirty, and addresses for five minutes each. Loop only.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sandbox/graph_error.h"
#include "sandbox/upload_request.h"
#include "sandbox/world.h"

namespace waypost::sandbox {

inline constexpr const char* kMediaPath = "/sandbox-media/";

bool is_media_type(std::string_view type);

// Takes a file that a customer sends: {"base64"?, "mime_type"?, "filename"?, "caption"?, "voice"?, "animated"?,
// "bytes"?, "url"?}. Without base64 it is the sample of its type, filled up to `bytes`. Gives the content of the
// webhook's message; "url": false leaves its address out, as Meta did before November 2025.
Result<Json> take_media(World& world, const Number& number, const std::string& type, const Json& body);

const MediaFile& keep_upload(World& world, const Number& number, UploadRequest upload);

// Null when there is none, or its days are over.
const MediaFile* find_media(const World& world, std::string_view id);
// Null when there is none, or its five minutes are over.
const MediaFile* media_at(const World& world, std::string_view key);

// False when there is none.
bool forget_media(World& world, std::string_view id);
// A session by the part of its id before the query; null when there is none.
UploadSession* find_sample(World& world, std::string_view id);

// The answer of GET /{media id}, with a fresh address under `base` ("http://127.0.0.1:8090").
Json media_object(World& world, const MediaFile& file, const std::string& base);

}  // namespace waypost::sandbox
