// waypost export, import and backup: a whole installation's store as one file. Main thread.

#pragma once

namespace waypost {

struct CommandLine;

void add_copy_commands(CommandLine& line);

}  // namespace waypost
