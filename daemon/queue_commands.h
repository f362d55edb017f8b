// waypost queue: what waits and why, what is buried, and the stop buttons. Main thread.

#pragma once

namespace waypost {

struct CommandLine;

void add_queue_commands(CommandLine& line);

}  // namespace waypost
