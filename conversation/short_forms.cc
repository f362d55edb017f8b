#include "conversation/short_forms.h"

#include <array>
#include <utility>

namespace waypost {
namespace {

// Takes the member over, whatever it holds: the content's rules judge it.
void carry(MadeContent& made, const Part& request, std::string_view from, std::string_view to) {
  if (request.has(from)) made.content[std::string(to)] = request.json()[std::string(from)];
  made.origins.push_back({.content = std::string(to), .request = std::string(from)});
}

// Two names for one member.
std::string_view either(const Part& request, std::string_view first, std::string_view second) {
  if (request.has(first) && request.has(second) &&
      request.json()[std::string(first)] != request.json()[std::string(second)])
    request.complain(second, "differs from " + std::string(first) + ", which means the same");
  return request.has(first) ? first : second;
}

}  // namespace

MadeContent make_text(const Part& request) {
  MadeContent made;
  carry(made, request, either(request, "body", "text"), "body");
  request.maybe_bool("previewUrl");
  const Json* preview = find(request.json(), "previewUrl");
  if (preview != nullptr && *preview == true) made.content["preview_url"] = true;
  return made;
}

MadeContent make_media(const Part& request) {
  MadeContent made;
  carry(made, request, "link", "link");
  carry(made, request, "uploadId", "uploadId");
  carry(made, request, "mediaId", "id");
  for (const std::string_view key : {"caption", "filename", "voice"}) carry(made, request, key, key);
  return made;
}

MadeContent make_location(const Part& request) {
  MadeContent made;
  for (const std::string_view key : {"latitude", "longitude", "name", "address"}) carry(made, request, key, key);
  return made;
}

MadeContent make_reaction(const Part& request) {
  MadeContent made;
  carry(made, request, either(request, "to", "messageId"), "message_id");
  carry(made, request, "emoji", "emoji");
  return made;
}

}  // namespace waypost
