// The fields of a change that bring messages of chats, read into updates. Pure; any thread.
//
//   field               lists of its value                                  via (conversation/message_via.h)
//   messages            messages, statuses                                  own
//   standby             messages, message_echoes, statuses                  standby
//   smb_message_echoes  message_echoes                                      echo
//   history             history[].threads[].messages, messages,             history
//                       message_echoes
//   calls               calls that connect: messages of type "call"         own; all of them stay news, too
//
// What is left of the value is news beside them.

#pragma once

#include <string>
#include <string_view>

#include "webhook/payload.h"

namespace waypost {

// What the updates of one change share.
struct Change {
  UpdateOrigin origin{};
  std::string field{};
};

bool brings_messages(std::string_view field);
// `value` is an object, and the change names its number. Takes out of the value what is read.
void read_chat_field(const Change& change, Json& value, Payload& payload);

}  // namespace waypost
