"""The programs as an operator meets them: settings checked, readiness told, signals obeyed, help that helps, a unit that
systemd accepts."""
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile

from support import Installation, ask, must, run_test, settings, wait_for
from installation import PROGRAMS, ROOT


def program(*words, **options):
    return subprocess.run([str(PROGRAMS / words[0]), *words[1:]], capture_output=True, text=True, check=False, **options)


def check_settings(folder):
    path = pathlib.Path(folder, "wrong.toml")
    path.write_text('[http]\nlisten = "127.0.0.1:0"\nlissten = 3\n\n[store.postgres]\npool = 4\n')
    for command in (("waypostd", "--config", path, "--check-config"), ("waypost", "check-config", path)):
        done = program(*map(str, command))
        must(done.returncode != 0, "unknown keys are refused", done.stdout)
        must("wrong.toml:3" in done.stderr and "lissten" in done.stderr, "the complaint names line and key", done.stderr)
    done = program("waypostd", "--config", str(ROOT / "config" / "waypost.toml"), "--check-config")
    must(done.returncode == 0, "the commented default file is good", done.stderr)
    must(program("waypostd", "--nonsense").returncode == 2, "a wrong command line exits 2")


def check_help():
    for words in ([], ["workspace"], ["workspace", "create"], ["user", "create"], ["app", "create"], ["channel", "create"],
                  ["token", "create"], ["check-config"], ["export"], ["import"], ["backup"], ["sends"], ["sends", "held"],
                  ["sends", "release"], ["sends", "drop"], ["adopt-journal"]):
        done = program("waypost", *words, "--help")
        must(done.returncode == 0 and len(done.stdout) > 100, f"waypost {' '.join(words)} --help explains itself", done.stdout)
    for name in ("waypostd", "waypost-sandbox"):
        done = program(name, "--help")
        must(done.returncode == 0 and "xample" in done.stdout, f"{name} --help has an example", done.stdout)
    done = program("waypost", "--socket", "/nonexistent/admin.sock", "workspace", "list")
    must(done.returncode == 1 and "start it" in done.stderr, "an absent daemon is named, with what to do", done.stderr)


def check_unit(folder):
    """systemd-analyze exits 0 on misspelt keys: any word it prints is a fault."""
    text = (ROOT / "systemd" / "waypost.service").read_text()
    unit = pathlib.Path(folder, "waypost.service")
    unit.write_text(re.sub(r"^ExecStart=\S+", f"ExecStart={PROGRAMS / 'waypostd'}", text, flags=re.M))
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False)
    must(done.returncode == 0 and not done.stdout + done.stderr, "systemd accepts the unit", done.stdout + done.stderr)
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=20", str(unit)], capture_output=True,
                          text=True, check=False)
    must(done.returncode == 0, "the unit is hardened", done.stdout[-300:])


def check_notify(folder):
    """READY, STOPPING and the watchdog's word, on a socket of ours."""
    name = f"\0waypost-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(name)
        listener.settimeout(20)
        os.environ["NOTIFY_SOCKET"] = "@" + name[1:]
        os.environ["WATCHDOG_USEC"] = "300000"
        try:
            with Installation(pathlib.Path(folder, "notified"), settings=settings()) as installation:
                heard = []
                wait_for("READY", lambda: heard.append(listener.recv(4096).decode()) or "READY=1" in heard[-1])
                wait_for("the watchdog's word", lambda: heard.append(listener.recv(4096).decode()) or "WATCHDOG=1" in heard[-1])
                installation.daemon.process.send_signal(signal.SIGHUP)
                wait_for("RELOADING", lambda: heard.append(listener.recv(4096).decode()) or "RELOADING=1" in heard[-1])
                wait_for("READY again", lambda: heard.append(listener.recv(4096).decode()) or "READY=1" in heard[-1])
                must(installation.daemon.stop() == 0, "SIGTERM ends it with 0")
                wait_for("STOPPING", lambda: heard.append(listener.recv(4096).decode()) or "STOPPING=1" in heard[-1])
        finally:
            del os.environ["NOTIFY_SOCKET"], os.environ["WATCHDOG_USEC"]


def check_running(folder):
    with Installation(pathlib.Path(folder, "running"), settings=settings()) as installation:
        must(ask("GET", installation.admin_url + "/healthz").status == 200, "it is healthy")
        must(ask("GET", installation.admin_url + "/readyz").status == 200, "it is ready")
        metrics = ask("GET", installation.admin_url + "/metrics").body.decode()
        must("waypost_" in metrics and "# HELP" in metrics, "it has metrics", metrics[:200])
        must(ask("GET", installation.url + "/admin/workspaces").status == 404, "the admin API is on its socket only")
        must(ask("GET", installation.url + "/metrics").status == 404, "metrics are on the admin listener only")
        mode = os.stat(installation.folder / "data" / "admin.sock").st_mode & 0o777
        must(mode == 0o600, "the admin socket is its owner's", oct(mode))
        second = program("waypostd", "--config", str(installation.folder / "waypost.toml"), timeout=30)
        must(second.returncode == 1 and "another" in second.stderr.lower(), "a second daemon is refused", second.stderr)
        workspace = installation.cli("workspace", "create", "Acme")
        must(workspace["name"] == "Acme", "the command line makes a workspace", workspace)
        listed = installation.cli("workspace", "list")
        must([one["id"] for one in listed["items"]] == [workspace["id"]], "and lists it", listed)
        installation.redis_says("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        installation.daemon.stop()
        evicting = program("waypostd", "--config", str(installation.folder / "waypost.toml"), timeout=30)
        must(evicting.returncode == 1 and "noeviction" in evicting.stderr, "an evicting Redis is refused", evicting.stderr)


def test():
    with tempfile.TemporaryDirectory(prefix="waypost-service-") as folder:
        check_settings(folder)
        check_help()
        check_unit(folder)
        check_running(folder)
        check_notify(folder)


if __name__ == "__main__":
    run_test(test)
