// `waypost doctor`. Main thread.

#pragma once

namespace waypost {

struct CommandLine;

void add_doctor_command(CommandLine& line);

}  // namespace waypost
