#include "daemon/cli.h"

int main(int argc, char** argv) { return waypost::run_cli(argc, argv); }
