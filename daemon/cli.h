// The `waypost` command line: sets an installation up through the running daemon's admin socket. Main thread.

#pragma once

namespace waypost {

// Runs one command; 0 when it held, 1 when it did not, 2 for a wrong command line.
int run_cli(int argc, char** argv);

}  // namespace waypost
