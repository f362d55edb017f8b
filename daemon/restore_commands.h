// waypost sends and adopt-journal: what is left to decide after a restore, or after a node's end. Main thread.

#pragma once

namespace waypost {

struct CommandLine;

void add_restore_commands(CommandLine& line);

}  // namespace waypost
