// How a message of a chat came to us, and what follows from that alone. Pure; any thread.
//
//                     opens the window   starts runs   told as
//   own               yes                yes           message.<state>      the customer wrote to us; or we sent it
//   echo              no                 no            message.echoed       written in the WhatsApp Business app
//   history           no                 no            message.imported     from before the number was connected
//   standby           yes                no            message.standby      while another app owns the conversation
//
// What opens the window still depends on the message's type, and on who wrote it (conversation/window.h).

#pragma once

#include <optional>
#include <string_view>

namespace waypost {

enum class MessageVia { Own, Echo, History, Standby };
std::string_view name_of(MessageVia via);  // "own", "echo", "history", "standby"
std::optional<MessageVia> message_via(std::string_view name);

bool opens_window(MessageVia via);
bool starts_runs(MessageVia via);
// The event of its arrival; empty: it is named for the message's state.
std::string_view arrival_event(MessageVia via);

}  // namespace waypost
