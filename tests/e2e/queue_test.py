"""Stop buttons and what an operator sees of the queues: a paused workspace answers nobody, also after FLUSHALL and while
another one works; `waypost queue` shows why, and what it resumes is answered."""
import json
import subprocess
import tempfile
import time

from support import Api, Installation, ask, must, publish, run_test, settings, wait_for
from installation import PROGRAMS

PASSWORD = "correct horse battery"
PAUSED, WORKING = "62000001", "62000002"
PHONES = {PAUSED: "4917066600001", WORKING: "4917066600002"}


class Queue:
    """`waypost queue` of one installation."""

    def __init__(self, installation):
        self.socket = installation.nodes[0].admin_socket

    def run(self, *words, options=("--json",)):
        command = [PROGRAMS / "waypost", "--socket", self.socket, *options, "queue", *words]
        return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, timeout=30)

    def told(self, *words):
        done = self.run(*words)
        must(done.returncode == 0, f"queue {words}", done.stderr)
        return json.loads(done.stdout)

    def stats(self, name):
        return next(one for one in self.told("stats")["queues"] if one["queue"] == name)


def answers(installation, number):
    return len(installation.control("GET", f"/control/customers/{PHONES[number]}/inbox")["bubbles"])


def write(installation, number):
    installation.control("POST", f"/control/customers/{PHONES[number]}/messages",
                         {"text": "hello", "phone_number_id": number})


def check_pause(installation, queue, workspace):
    told = queue.told("pause", "runs", "--workspace", workspace, "--reason", "wrong prices go out")
    must(told["paused"] and told["inForce"], "a workspace is paused", told)
    for number in PHONES:
        write(installation, number)
    wait_for("the other workspace's answer", lambda: answers(installation, WORKING) == 1)
    wait_for("the paused one to wait", lambda: queue.stats("runs")["waiting"]["paused"] == 1)
    must(queue.stats("runs")["paused"][0]["reason"] == "wrong prices go out", "it says why", queue.stats("runs"))
    text = queue.run("stats", options=()).stdout
    must("wrong prices go out" in text and "Paused Inc" in text and "paused 1" in text, "for people too", text)
    must(answers(installation, PAUSED) == 0, "nobody answers for the paused one")


def check_flush(installation, queue):
    installation.redis_says("FLUSHALL")
    wait_for("the sweep", lambda: installation.redis_says("EXISTS", "{waypost}:epoch") == "1", seconds=5)
    wait_for("the pause to be told again", lambda: installation.redis_says("EXISTS", "{waypost}:queue:runs:paused") == "1",
             seconds=8)
    write(installation, PAUSED)
    time.sleep(2)
    must(answers(installation, PAUSED) == 0, "what the sweep offers waits, and what is written afterwards")
    must(queue.stats("runs")["waiting"]["paused"] == 2, "and is shown", queue.stats("runs"))


def check_metrics(installation):
    def shown():
        text = ask("GET", installation.admin_url + "/metrics").body.decode()
        return 'waypost_queue_waiting{queue="runs",reason="paused"} 1' in text and "waypost_oldest_unprocessed_seconds" in text
    wait_for("the gauges", shown, seconds=20)


def check_resume(installation, queue, workspace):
    must(queue.told("resume", "runs", "--workspace", workspace)["inForce"], "it is resumed")
    wait_for("both answers", lambda: answers(installation, PAUSED) == 2)
    again = queue.run("resume", "runs", "--workspace", workspace)
    must(again.returncode == 1 and "not paused" in again.stderr, "a second time says so", again.stderr)


def check_words(queue, workspace):
    must(queue.told("buried") == {"items": [], "hasMore": False}, "nothing is buried")
    gone = queue.run("revive", "sends", workspace, "--workspace", workspace)
    must(gone.returncode == 1 and "buried" in gone.stderr, "what is not buried is not revived", gone.stderr)
    for word in ("stats", "buried", "revive", "drop", "pause", "resume"):
        must("Example: waypost queue " + word in " ".join(queue.run(word, "--help").stdout.split()), f"{word} explains itself")


def test():
    with tempfile.TemporaryDirectory(prefix="waypost-queue-") as folder:
        with Installation(folder, settings=settings()) as installation:
            installation.add_app()
            workspace = installation.add_workspace("Paused Inc", "ann@example.com", PASSWORD)
            other = installation.add_workspace("Working Ltd", "bob@example.com", PASSWORD)
            installation.add_number(workspace, PAUSED, "+1 555 062 0001", "62009001")
            installation.add_number(other, WORKING, "+1 555 062 0002", "62009002")
            publish(Api(installation.url, workspace, "ann@example.com", PASSWORD), "A", "answer")
            publish(Api(installation.url, other, "bob@example.com", PASSWORD), "B", "answer")
            queue = Queue(installation)
            check_words(queue, workspace)
            check_pause(installation, queue, workspace)
            check_metrics(installation)
            check_flush(installation, queue)
            check_resume(installation, queue, workspace)


if __name__ == "__main__":
    run_test(test)
