// wa.send_media: a picture, a video, a document, audio or a sticker. {"mediaType", one of "link" (https, with
// variables), "uploadId" and "mediaId", "caption"?, "filename"?, "outsideWindow"?}; one output.

#include <algorithm>
#include <array>

#include "workflow/config_checks.h"
#include "workflow/config_schema.h"
#include "workflow/sending.h"

namespace waypost::workflow {
namespace {

constexpr std::array<std::string_view, 5> kMediaTypes{"image", "video", "audio", "document", "sticker"};
constexpr std::array<const char*, 5> kMembers{"link", "uploadId", "mediaId", "caption", "filename"};

Json schema() {
  return schema_of::config(
      {{"mediaType", schema_of::choice("Kind", "What is sent.", kMediaTypes)},
       {"link", schema_of::text("Link", "An https:// address that Meta fetches it from; may hold {{variables}}.")},
       {"uploadId", schema_of::text("Upload", "The id of a file uploaded here, instead of a link.")},
       {"mediaId", schema_of::text("Media id", "Meta's id of an uploaded file, instead of a link.")},
       {"caption", schema_of::text("Caption", "Of an image, a video or a document; may hold {{variables}}.")},
       {"filename", schema_of::text("File name", "Of a document; may hold {{variables}}.")},
       {"outsideWindow", policy_schema()}},
      {"mediaType"});
}

bool is_media_type(std::string_view type) { return std::ranges::find(kMediaTypes, type) != kMediaTypes.end(); }

// The form of conversation/send_form.h.
Json request_of(const Json& config) {
  Json request{{"type", text_or_empty(config, "mediaType")}};
  for (const auto* key : kMembers) {
    if (const Json* value = given(config, key)) request[key] = *value;
  }
  return request;
}

std::vector<FieldError> faults(const Json& config) {
  std::vector<FieldError> faults;
  check_policy(faults, config);
  if (!is_media_type(text_or_empty(config, "mediaType"))) {
    faults.push_back({"mediaType", "must be image, video, audio, document or sticker"});
    return faults;
  }
  for (auto& fault : content_faults(request_of(config))) {
    if (fault.path == "id") fault.path = "mediaId";
    faults.push_back(std::move(fault));
  }
  return faults;
}

Plan plan(const Visit& visit) {
  Plan plan{.handle = std::string(kOut)};
  const auto request = filled_request(plan, request_of(visit.config), visit.scope);
  plan.input = request;
  add_sends(plan, request, policy_in(visit.config));
  return plan;
}

}  // namespace

const NodeFamily& send_media_node() {
  static constexpr NodeFamily kFamily{.type = "wa.send_media",
                                      .label = "Send media",
                                      .says = "Sends an image, a video, a document, audio or a sticker.",
                                      .kind = NodeKind::Message,
                                      .schema = schema,
                                      .faults = faults,
                                      .handles = one_output,
                                      .plan = plan};
  return kFamily;
}

}  // namespace waypost::workflow
