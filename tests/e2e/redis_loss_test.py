"""Law 4: the store is the truth, Redis is the signal. Redis emptied, hung, killed, restarted: webhooks and the API go on,
nothing is lost or doubled, and work goes on within 5 s of its return."""
import collections
import os
import signal
import tempfile
import time

from support import Api, Installation, ask, must, publish, run_test, settings, wait_for

PASSWORD = "correct horse battery"
PHONE_NUMBER_ID = "61000001"
CUSTOMERS = 30
RETURN_SECONDS = 5.0


class Talk:
    """Customers who write, and the replies they get."""

    def __init__(self, installation):
        self.installation, self.written = installation, 0

    def write(self, count=CUSTOMERS):
        for _ in range(count):
            self.written += 1
            self.installation.control("POST", f"/control/customers/+49151{self.written % CUSTOMERS:08}/messages",
                                      {"text": f"message {self.written}", "phone_number_id": PHONE_NUMBER_ID})

    def replies(self):
        return [bubble["text"] for bubble in self.installation.control("GET", "/control/bubbles")["bubbles"]]

    def acked(self):
        return self.installation.control("GET", "/control/stats")["inbound"]["acked"]

    def wait(self, what, seconds):
        began = time.monotonic()
        wait_for(what, lambda: len(self.replies()) >= self.written, seconds=seconds, pause=0.05)
        doubled = [text for text, times in collections.Counter(self.replies()).items() if times > 1]
        must(not doubled, "nobody got a reply twice", doubled)
        print(f"{what}: {time.monotonic() - began:.2f} s")


def check_flushall(installation, talk):
    talk.write()
    installation.redis_says("FLUSHALL")
    talk.write()
    talk.wait("all replies after FLUSHALL", RETURN_SECONDS + 2)


def check_killed(installation, talk, api):
    installation.redis.kill()
    talk.write()
    wait_for("every webhook to be acknowledged without Redis", lambda: talk.acked() == talk.written)
    must(api.call("GET", "/api/conversations").status == 200, "the API answers without Redis")
    must(ask("GET", installation.admin_url + "/healthz").status == 200, "the daemon is healthy without Redis")
    (installation.folder / "redis" / "redis.sock").unlink(missing_ok=True)
    installation.start_redis()
    talk.wait("all replies after Redis' return", RETURN_SECONDS)


def check_hung(installation, talk):
    os.kill(installation.redis.pid, signal.SIGSTOP)
    talk.write()
    wait_for("every webhook to be acknowledged while Redis hangs", lambda: talk.acked() == talk.written)
    time.sleep(3)  # longer than the answer timeout, so that the link is cut and tried again
    os.kill(installation.redis.pid, signal.SIGCONT)
    talk.wait("all replies after Redis woke", RETURN_SECONDS)


def check_daemon_restarted_without_redis(installation, talk):
    installation.redis.kill()
    installation.daemon.kill()
    talk.write()
    installation.start_daemon()
    wait_for("every webhook to be acknowledged", lambda: talk.acked() == talk.written)
    (installation.folder / "redis" / "redis.sock").unlink(missing_ok=True)
    installation.start_redis()
    talk.wait("all replies after a start without Redis", RETURN_SECONDS)


def test():
    with tempfile.TemporaryDirectory(prefix="waypost-redis-") as folder:
        with Installation(folder, settings=settings(sending={"unknown_grace_seconds": 3})) as installation:
            installation.add_app()
            workspace = installation.add_workspace("Redis", "redis@example.com", PASSWORD)
            installation.add_number(workspace, PHONE_NUMBER_ID, "+1 555 100 0001")
            api = Api(installation.url, workspace, "redis@example.com", PASSWORD)
            publish(api, "Echo", "echo {{message.text}}")
            talk = Talk(installation)
            talk.write()
            talk.wait("all replies with Redis up", 10)
            check_flushall(installation, talk)
            check_killed(installation, talk, api)
            check_hung(installation, talk)
            check_daemon_restarted_without_redis(installation, talk)


if __name__ == "__main__":
    run_test(test)
