"""layers.py: who may include whom. Reads the rooms' rows from CMakeLists.txt and checks every #include against them,
that heavy headers stay behind their fences, and that no two headers define one name. Exits 1 and names each fault."""
import re
import subprocess
import sys

FENCES = {  # header prefix: where it may be included
    "boost/beast": r"net/[^/]*\.cc$",
    "sqlite3.h": r"(sql/|tests/(sql|journal|support)/)",
    "libpq-fe.h": r"sql/",
    "hiredis": r"queue/",
    "unicode/": r"base/",
    "magic.h": r"media/",
    "openssl": r"(base/|net/|tests/(base|net|support)/)",
}
BARE_BASELINES = {"bench/bare_server.cc", "bench/bare_postgres.cc"}  # what we measure against, as anyone would write it


def rooms():
    rows = {}
    for name, uses in re.findall(r"^room\((\w+)\s+([^)]*)\)", open("CMakeLists.txt").read(), re.M):
        rows[name] = {use for use in uses.split() if "::" not in use}
    return rows


def faults(path, rows):
    room = path.split("/")[0]
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        found = re.match(r'\s*#include\s+([<"])([^>"]+)[>"]', line)
        if not found:
            continue
        header = found.group(2)
        for prefix, allowed in FENCES.items():
            if header.startswith(prefix) and not re.match(allowed, path) and path not in BARE_BASELINES:
                yield f"{path}:{number}: {header} may be included only in {allowed}"
        target = header.split("/")[0]
        if found.group(1) == '"' and room in rows and target in rows and target != room and target not in rows[room]:
            yield f"{path}:{number}: {room}/ may not include {target}/"


def types_of(path):
    """(namespace, name) of each type that a header defines at namespace level."""
    namespace = ""
    for line in open(path, encoding="utf-8"):
        if found := re.match(r"namespace ([\w:]+) \{", line):
            namespace = found.group(1)
        elif found := re.match(r"(?:struct|class|enum class) (\w+)(?: final)?(?: :[^;]*)? \{", line):
            yield namespace, found.group(1)


def doubles(sources):
    """Two headers that define one name are one program's undefined behaviour: the linker keeps either's functions."""
    homes = {}
    for path in sources:
        if path.endswith(".h") and not path.startswith("tests/"):
            for name in types_of(path):
                homes.setdefault(name, []).append(path)
    for (namespace, name), paths in homes.items():
        if len(paths) > 1:
            yield f"{namespace}::{name} is defined in {' and in '.join(paths)}"


def main():
    rows = rooms()
    sources = subprocess.run(["git", "ls-files", "*.cc", "*.h"], capture_output=True, text=True, check=True).stdout.split()
    found = [fault for path in sources for fault in faults(path, rows)] + list(doubles(sources))
    print("\n".join(found) if found else f"{len(sources)} files keep to the layers", file=sys.stderr if found else sys.stdout)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
