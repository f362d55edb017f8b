"""known_sources.py COMPILE_COMMANDS FILE…: prints those files that the build compiles, as clang-tidy wants them named."""
import json
import os
import sys

compiled = {os.path.realpath(entry["file"]) for entry in json.load(open(sys.argv[1]))}
for name in sys.argv[2:]:
    if os.path.realpath(name) in compiled:
        print("^" + os.path.realpath(name) + "$")
