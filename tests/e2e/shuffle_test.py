"""All payload files, delivered in any order, repeated, at once, through a daemon that is killed again and again: the store
must end as if each had been delivered once and in order. What is compared, and what cannot be: tests/e2e/projection.py.

    python3 tests/e2e/shuffle_test.py --rounds 50        (CI runs it with fewer)
"""
import argparse
import collections
import pathlib
import random
import shutil
import sqlite3
import tempfile
import threading
import time

import payload_corpus as corpus
from projection import differences, projection
from support import Api, Installation, Store, must, psql, run_test, settings, wait_for

PASSWORD = "correct horse battery"
DELIVERERS = 8
AHEAD = 3600  # seconds: all of the history is later than anything our own clock says meanwhile


def set_up(installation):
    """Numbers, the first one's templates as Meta lists them, and messages of ours that nobody sends; returns the history's first second
    and the messages' ids."""
    installation.add_app()
    workspace = installation.add_workspace("One", "one@example.com", PASSWORD)
    other = installation.add_workspace("Two", "two@example.com", PASSWORD)
    installation.control("POST", "/control/numbers", {"phone_number_id": corpus.NUMBER, "waba_id": corpus.WABA})
    for name, language in corpus.templates():
        form = {"waba_id": corpus.WABA, "name": name, "language": language, "body": "Hi {{1}}"}
        installation.control("POST", "/control/templates", form)
    installation.add_number(workspace, corpus.NUMBER, corpus.DISPLAY, corpus.WABA)
    installation.add_number(other, "106540352242999", "15550783999", corpus.WABA)
    wanted, store = len(corpus.templates()), Store(installation)
    wait_for("the templates to be listed", lambda: store.one(
        "SELECT count(*) FROM (SELECT DISTINCT name, language FROM template WHERE name <> 'hello_world') AS t") == wanted)
    restart_as(installation, ["webhook", "api"])
    first_at = int(time.time()) + AHEAD
    return first_at, queue_ours(installation, workspace, first_at)


def restart_as(installation, roles):
    installation.daemon.stop()
    installation.nodes[0].sections[""] = {"roles": roles}
    installation.start_daemon()


def queue_ours(installation, workspace, at):
    """Messages in the conversation of a customer who has just written."""
    must(corpus.deliver(installation, corpus.greeting(at)) == 200, "the greeting is taken")
    api = Api(installation.url, workspace, "one@example.com", PASSWORD)
    (conversation,) = wait_for("the conversation", lambda: api.get("/api/conversations")["items"])
    path = f"/api/conversations/{conversation['id']}/messages"
    return [api.post(path, {"body": f"ours {number}"})["id"] for number in range(1, corpus.SENT + 1)]


class Base:
    """The installation as it is before the first delivery, to begin each round with."""

    def __init__(self, installation):
        self.installation, self.rounds = installation, 0
        self.node = installation.nodes[0]
        self.url = self.node.sections.get("store", {}).get("url")
        self.data = self.node.folder / "data"
        self.kept = self.node.folder / "data-kept"
        self.node.program.stop()
        shutil.copytree(self.data, self.kept, ignore=shutil.ignore_patterns("*.sock"))

    def begin(self):
        """A fresh store and journal, and a daemon on them."""
        self.rounds += 1
        shutil.rmtree(self.data)
        shutil.copytree(self.kept, self.data)
        self.installation.redis_says("FLUSHALL")
        if self.url:
            name = f"{self.url.split('?')[0].rsplit('/', 1)[1]}"
            fresh = f"{name}_{self.rounds}"
            psql(self.url.replace(f"/{name}?", "/postgres?"), f"CREATE DATABASE {fresh} TEMPLATE {name}")
            url = self.url.replace(f"/{name}?", f"/{fresh}?")
            self.node.sections["store"] = {**self.node.sections["store"], "url": url}
            self.installation.settings["store"]["url"] = url
        self.node.start()

    def end(self):
        self.node.program.stop()


def journal_end(installation):
    """The last position in the journal."""
    last = 0
    for file in pathlib.Path(installation.folder, "data").rglob("*.journal"):
        connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)
        try:
            last = max(last, connection.execute("SELECT COALESCE(max(sequence), 0) FROM record").fetchone()[0])
        finally:
            connection.close()
    return last


def wait_until_applied(installation):
    store, end = Store(installation), journal_end(installation)
    wait_for(f"all {end} records to be applied", lambda: installation.daemon.must_live() and store.rows(
        "SELECT position, status_position FROM journal_cursor") == [(end, end)], seconds=60)


class Meta:
    """Delivers bodies, several at once; what has no 200 is delivered again, as Meta does."""

    def __init__(self, installation, bodies, chance):
        self.installation, self.chance = installation, random.Random(chance.random())
        self.waiting = collections.deque(bodies)
        self.left, self.lock = len(bodies), threading.Lock()
        self.threads = [threading.Thread(target=self.run, daemon=True) for _ in range(DELIVERERS)]

    def start(self):
        for thread in self.threads:
            thread.start()

    def take(self):
        with self.lock:
            return self.waiting.popleft() if self.waiting else None

    def run(self):
        while self.left > 0:
            body = self.take()
            delivered = body is not None and corpus.deliver(self.installation, body) == 200
            with self.lock:
                self.left -= delivered
                if body is not None and not delivered:
                    self.waiting.append(body)
                pause = self.chance.uniform(0, 0.02)
            time.sleep(pause)

    def wait_for_left(self, most):
        wait_for(f"no more than {most} bodies to be left", lambda: self.left <= most, seconds=60, pause=0.002)


def in_order(installation, base, bodies):
    base.begin()
    for body in bodies:
        must(corpus.deliver(installation, body) == 200, "every body is taken", body[:200])
    wait_until_applied(installation)
    found = projection(installation)
    base.end()
    return found


def shuffled(installation, base, bodies, chance, kills):
    base.begin()
    deliveries = [body for body in bodies for _ in range(chance.randint(1, 3))]
    chance.shuffle(deliveries)
    meta = Meta(installation, deliveries, chance)
    meta.start()
    # The last kill comes at once behind the last 200.
    for most in sorted((chance.randint(0, len(deliveries) - 1) for _ in range(kills - 1)), reverse=True) + [0]:
        meta.wait_for_left(most)
        installation.daemon.must_live()
        installation.daemon.kill()
        time.sleep(chance.uniform(0, 0.1))
        installation.start_daemon()
    wait_until_applied(installation)
    found = projection(installation)
    base.end()
    return found, len(deliveries)


def check_history_matters(wanted, bodies):
    """The comparison is worth nothing when little came of the bodies."""
    least = {"aliases": 5, "messages": 60, "triggers": 15, "marks": 3, "parked": 3, "channels": 2, "templates": 1, "told": 100,
             "dead letters": 5, "opt-outs": 5, "conversations": 5, "recipients": 2, "prices": 2, "free entries": 2, "groups": 2,
             "participants": 2, "calls": 2, "media": 5}
    few = {part: len(rows) for part, rows in wanted.items() if len(rows) < least[part]}
    must(not few, f"{len(bodies)} bodies leave enough of each kind", few)


def check_rounds(installation, rounds, kills, chance):
    first_at, ours = set_up(installation)
    bodies = corpus.history(first_at, ours)
    base = Base(installation)
    wanted = in_order(installation, base, bodies)
    check_history_matters(wanted, bodies)
    print(f"in order: {len(bodies)} bodies, " + ", ".join(f"{len(rows)} {part}" for part, rows in wanted.items()), flush=True)
    for number in range(1, rounds + 1):
        found, deliveries = shuffled(installation, base, bodies, chance, kills)
        lines = differences(wanted, found)
        must(not lines, f"round {number} ends as the history in order", "\n" + "\n".join(lines))
        print(f"round {number}: {deliveries} deliveries, {kills} kills: the same", flush=True)


def test(rounds, kills, seed):
    print(f"seed {seed}: {rounds} rounds of {kills} kills", flush=True)
    tuned = settings(log={"level": "warning"})
    with tempfile.TemporaryDirectory(prefix="waypost-shuffle-") as folder:
        with Installation(folder, settings=tuned) as installation:
            check_rounds(installation, rounds, kills, random.Random(seed))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="how often all is delivered anew (default: %(default)s)")
    parser.add_argument("--kills", type=int, default=4, help="kills of waypostd in a round (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30), help="of all chance here; printed, to repeat a run")
    options = parser.parse_args()
    run_test(lambda: test(options.rounds, options.kills, options.seed))
