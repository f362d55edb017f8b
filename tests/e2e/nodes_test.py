"""Several nodes on one PostgreSQL and one Redis: each is listed with its roles, a name belongs to one live daemon, and what
one of them does for all goes on within 5 s when it dies, at once when it stops."""
import json
import os
import pathlib
import tempfile
import time

from support import PROGRAMS, Failed, Installation, Program, ask, must, run_test, settings, wait_for

TAKEN_OVER_SECONDS = 5.0


class Node:
    """A further daemon on the installation's store, Redis and key."""

    def __init__(self, installation, folder, **keys):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        sections = {name: dict(given) for name, given in installation.settings.items()}
        sections[""] = {"data_dir": str(self.folder / "data"), **keys}
        sections.setdefault("redis", {})["url"] = f"unix:{installation.redis_socket}"
        sections["http"] = {"listen": "127.0.0.1:0"}
        sections["admin"] = {"listen": "127.0.0.1:0"}
        sections["security"] = {"key_file": str(installation.folder / "data" / "store.key")}
        lines = [f"{key} = {json.dumps(value)}" for key, value in sections.pop("").items()]
        for section, given in sections.items():
            lines += [f"[{section}]"] + [f"{key} = {json.dumps(value)}" for key, value in given.items()]
        self.settings = self.folder / "waypost.toml"
        self.settings.write_text("\n".join(lines) + "\n")
        self.log = self.folder / "waypostd.log"
        self.program = Program("waypostd", [PROGRAMS / "waypostd", "--config", self.settings], self.log)

    def wait(self):
        addresses = self.folder / "data" / "addresses.json"
        wait_for("a further node", lambda: self.program.must_live() and addresses.exists())
        told = json.loads(addresses.read_text())
        self.url, self.admin_url = told["url"], told["adminUrl"]
        return self


def holds(admin_url, job):
    metrics = ask("GET", admin_url + "/metrics").body.decode()
    return f'waypost_lease_held{{name="{job}"}} 1' in metrics


def wait_for_jobs(what, admin_url, seconds):
    began = time.monotonic()
    for job in ("stamping", "sweep"):
        wait_for(f"{what}: {job}", lambda job=job: holds(admin_url, job), seconds=seconds)
    print(f"{what}: {time.monotonic() - began:.2f} s")


def states(installation):
    return {node["name"]: (node["state"], node["roles"]) for node in installation.cli("node", "list")["items"]}


def check_names(installation, folder):
    twin = Node(installation, folder / "twin", node="node-1")
    wait_for("a second node-1 to be refused", lambda: not twin.program.alive(), seconds=30)
    must(twin.program.process.returncode == 1, "a second node-1 does not start", twin.program.process.returncode)
    must('another waypostd named "node-1"' in twin.log.read_text(), "it says why", twin.log.read_text())


def check_takeovers(installation, worker):
    wait_for_jobs("the first node does the jobs", installation.admin_url, 5)
    installation.daemon.kill()
    wait_for_jobs("jobs of a killed node are taken over", worker.admin_url, TAKEN_OVER_SECONDS)
    installation.redis_says("FLUSHALL")
    began = time.monotonic()
    wait_for("the new epoch", lambda: installation.redis_says("EXISTS", "{waypost}:epoch") == "1", seconds=5)
    print(f"everything is offered after FLUSHALL: {time.monotonic() - began:.2f} s")
    began = time.monotonic()
    installation.start_daemon()
    must(time.monotonic() - began < 10, "a node that was killed has its name back at once", time.monotonic() - began)
    worker.program.stop()
    wait_for_jobs("jobs of a node that stops", installation.admin_url, 3)
    must(states(installation)["node-2"][0] == "stopped", "the list says that it stopped", states(installation))


def test():
    with tempfile.TemporaryDirectory(prefix="waypost-nodes-") as folder:
        installation = Installation(pathlib.Path(folder) / "one", settings=settings())
        installation.folder.mkdir()
        installation.sandbox_url = "http://127.0.0.1:1"  # nothing is sent
        worker = None
        try:
            installation.start_redis()
            installation.start_nodes()
            worker = Node(installation, pathlib.Path(folder) / "two", node="node-2", roles=["worker", "sender"]).wait()
            must(worker.url == "", "a node without webhook and api has no public listener", worker.url)
            must(not (worker.folder / "data" / "journal").exists(), "nor a journal")
            must(states(installation) == {"node-1": ("up", ["webhook", "worker", "sender", "api"]),
                                          "node-2": ("up", ["worker", "sender"])}, "both are listed", states(installation))
            check_names(installation, pathlib.Path(folder))
            check_takeovers(installation, worker)
        finally:
            if worker:
                worker.program.stop()
            installation.down()


if __name__ == "__main__":
    if os.environ.get("WAYPOST_TEST_STORE") != "postgresql":
        raise Failed("several nodes share a PostgreSQL: set WAYPOST_TEST_STORE=postgresql and WAYPOST_TEST_POSTGRES")
    run_test(test)
