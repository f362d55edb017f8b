// Outgoing: what a request asks to be sent, as messages that are not queued yet. Pure; any thread.
//
//   the message in any of its forms (conversation/send_form.h)
//   "outsideWindow"?, "externalId"?, "replyTo"? or Meta's {"context": {"message_id"}}

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/input.h"
#include "conversation/upload.h"
#include "store/messages.h"

namespace waypost::api {

struct Outgoing {
  // One, or the parts of a long text in order: type, text, content, policy; the first also external_id and, where it
  // is a wamid, reply_to.
  std::vector<store::Message> messages{};
  std::optional<MessageId> answers{};  // replyTo, when it is an id of ours
  // The message that a reaction or a pin is about, when it is an id of ours: its wamid belongs in the content.
  std::optional<MessageId> about{};
  std::string about_path{};  // of the member that names it
  // The files of ours that it is to be sent with, and the members that name them.
  struct File {
    NamedUpload upload{};
    std::string path{};
  };
  std::vector<File> files{};

  std::optional<std::string> external_id() const { return messages.front().external_id; }
};

// What is wrong is complained of to `input`; then the value means nothing.
Outgoing read_outgoing(Input& input);

}  // namespace waypost::api
