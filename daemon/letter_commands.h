// waypost letters, waypost reingest: what webhooks brought and could not be applied, and the journal once more through
// today's parser. Main thread.

#pragma once

namespace waypost {

struct CommandLine;

void add_letter_commands(CommandLine& line);

}  // namespace waypost
