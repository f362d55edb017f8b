// What systemd is told and what it hands over. Main thread; does nothing where systemd did not start us.

#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

namespace waypost {

void notify_ready(const std::string& status);
void notify_reloading();
void notify_stopping();
void notify_alive();

// How often systemd wants to hear that we live; nothing when it does not watch.
std::optional<std::chrono::milliseconds> watchdog_interval();

// Listening sockets handed over by a .socket unit: FileDescriptorName → descriptor.
std::map<std::string, int> inherited_sockets();

}  // namespace waypost
