#include "api/outgoing.h"

#include <utility>

#include "conversation/send_form.h"

namespace waypost::api {
namespace {

void read_messages(Input& input, Outgoing& outgoing) {
  auto read = read_send(input.body());
  if (!read) {
    for (auto& fault : read.error()) input.complain(fault.path, std::move(fault.message));
    return;
  }
  for (auto& part : *read) {
    for (auto& upload : uploads_in(part.type, part.content)) {
      auto path = path_of_upload(input.body(), upload.id);
      outgoing.files.push_back({.upload = std::move(upload), .path = std::move(path)});
    }
    outgoing.messages.push_back(
        {.type = std::move(part.type), .text = std::move(part.text), .content = std::move(part.content)});
  }
}

void read_policy(Input& input, Outgoing& outgoing) {
  const auto name = input.maybe_text("outsideWindow");
  if (!name) return;
  const auto policy = window_policy(*name);
  if (!policy) input.complain("outsideWindow", "Expected 'reject' | 'hold' | 'template' | 'template_then_hold'");
  for (auto& message : outgoing.messages) message.policy = policy;
}

bool speaks_of_another(std::string_view type) { return type == "reaction" || type == "pin"; }

void read_reply(Input& input, Outgoing& outgoing) {
  const Json* context = input.maybe_object("context");
  const std::string path = context == nullptr ? "replyTo" : "context.message_id";
  const auto id = context == nullptr ? input.maybe_text("replyTo", {.most = 512}) : find_text(*context, "message_id");
  if (!id || outgoing.messages.empty()) return;
  auto& first = outgoing.messages.front();
  if (speaks_of_another(first.type)) return input.complain(path, "A " + first.type + " answers no message");
  outgoing.answers = MessageId::parse(*id);
  if (outgoing.answers) return;
  if (id->starts_with("wamid.")) {
    first.reply_to = *id;
  } else {
    input.complain(path, "Expected a message's id or its wamid");
  }
}

void read_about(Input& input, Outgoing& outgoing) {
  if (outgoing.messages.empty() || !speaks_of_another(outgoing.messages.front().type)) return;
  const auto& message = outgoing.messages.front();
  const auto id = text_or_empty(message.content, "message_id");
  outgoing.about = MessageId::parse(id);
  for (const std::string path : {"content", message.type.c_str(), "to"}) {
    const Json* member = find(input.body(), path);
    if (member != nullptr && !member->is_null())
      outgoing.about_path = member->is_object() ? path + ".message_id" : path;
  }
  if (outgoing.about_path.empty()) outgoing.about_path = "messageId";
  if (!outgoing.about && !id.starts_with("wamid."))
    input.complain(outgoing.about_path, "Expected a message's id or its wamid");
}

}  // namespace

Outgoing read_outgoing(Input& input) {
  Outgoing outgoing;
  // Meta gives it back with each status: ours says which attempt it was (law 8).
  if (input.has("biz_opaque_callback_data"))
    input.complain("biz_opaque_callback_data", "Kept for Waypost: give externalId instead");
  read_messages(input, outgoing);
  read_policy(input, outgoing);
  read_reply(input, outgoing);
  read_about(input, outgoing);
  const auto external = input.maybe_text("externalId", {.most = 200});
  if (!outgoing.messages.empty()) outgoing.messages.front().external_id = external;
  return outgoing;
}

}  // namespace waypost::api
