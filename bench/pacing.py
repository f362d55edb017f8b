"""Whether numbers send as fast as Meta lets them and no faster, and whether replies wait beside a broadcast. The sandbox holds to
Meta's paces (80 a second and number, 1 in 6 s and pair with a burst of 45) and counts whom it refuses; waypostd has its usual
settings, of which a quarter of the rate is left for inbound.

First half: ten numbers with a thousand customers each, several replies waiting for everybody; all numbers are let go at once, and
what Meta accepts and refuses in a minute is counted. Second half, another installation: customers write to one number and a
workflow answers, first alone, then while a broadcast to a hundred thousand goes out from the same number; timed from the customer's
writing to the reply's acceptance at Meta.
"""
import collections
import contextlib
import dataclasses
import http.client
import json
import multiprocessing
import pathlib
import sys
import time
import urllib.parse
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path += [str(ROOT / "scripts"), str(ROOT / "tests" / "e2e")]

from broadcast_test import given_broadcast, wait_for_template  # noqa: E402
from figures import Figures, head, verdict  # noqa: E402
from installation import Api, Failed, Installation, wait_for  # noqa: E402
from isolation import percentile, post  # noqa: E402
from reply import milliseconds, rows  # noqa: E402
from support import UNLIMITED, Store, publish  # noqa: E402

PASSWORD = "correct horse battery"
EMAIL = "pacing@example.com"
FIRST_NUMBER = 76_000_001
META_PER_SECOND, RESERVE = 80, 0.25
ALLOWED = META_PER_SECOND * (1 - RESERVE)  # a second and number, less the reserve
META = {"number_per_second": META_PER_SECOND, "pair_seconds": 6, "pair_burst": 45, "read_after_ms": "never"}
# Everything usual but what holds up the bench's own calls.
SETTINGS = {"api": UNLIMITED["api"], "runs": UNLIMITED["runs"], "log": {"level": "warning"}}
HALVES = ("alone", "beside")


@dataclasses.dataclass(frozen=True)
class Plan:
    numbers: int = 10
    pairs: int = 10_000         # of all numbers together
    warm: float = 5.0           # seconds from the numbers' start, when all take a first look, that are not counted
    seconds: float = 60.0       # that are
    writers: int = 4            # connections that queue
    recipients: int = 100_000   # of the broadcast
    replies: float = 10.0       # a second
    reply_seconds: float = 60.0
    customers: int = 200        # who write meanwhile

    @property
    def each(self):
        """Messages to a pair: none runs out of them in the time."""
        return int(ALLOWED * self.numbers * (self.warm + self.seconds + 5) / self.pairs) + 1


QUICK = Plan(numbers=2, pairs=400, seconds=10.0, recipients=3_000, reply_seconds=15.0, customers=50)


def queue_for_all(url, token, conversations, times):
    """A process of its own: so many messages to each, one round after the other."""
    where = urllib.parse.urlsplit(url).netloc
    with contextlib.closing(http.client.HTTPConnection(where, timeout=60)) as connection:
        for turn in range(times):
            for conversation in conversations:
                body = json.dumps({"body": f"reply {turn}"})
                if post(connection, f"/api/conversations/{conversation}/messages", body, {"Authorization": f"Bearer {token}"}) >= 300:
                    sys.exit(1)


class Shop:
    """An installation with one workspace and some numbers; the sandbox is a strict Meta."""

    def __init__(self, folder, numbers, settings=None):
        self.installation = Installation(folder, settings=settings or SETTINGS, sandbox_settings=META)
        self.numbers = [str(FIRST_NUMBER + place) for place in range(numbers)]

    def __enter__(self):
        self.installation.__enter__()
        try:
            self.installation.add_app()
            self.workspace = self.installation.add_workspace("Pacing", EMAIL, PASSWORD)
            self.channels = [self.installation.add_number(self.workspace, number, f"+1 555 {number}", "76000")["id"] for number in self.numbers]
            self.api = Api(self.installation.url, self.workspace, EMAIL, PASSWORD)
            self.store = Store(self.installation)
        except BaseException:
            self.installation.down()
            raise
        return self

    def __exit__(self, *_):
        self.installation.down()

    def control(self, *words):
        return self.installation.control(*words)

    def set_state(self, state):
        for channel in self.channels:
            answer = self.api.call("PATCH", f"/api/channels/{channel}", {"state": state})
            if answer.status != 200:
                raise Failed(f"a channel cannot be {state}: {answer.body}")

    def customers_write(self, each):
        """All of them once to every number, so that their windows are open here and at Meta."""
        messages = each * len(self.numbers)
        self.control("POST", "/control/load", {"per_second": 1_000, "customers": each, "messages": messages, "text": "hello"})
        wait_for("the customers' messages", lambda: self.store.one("SELECT count(*) FROM message WHERE direction = 'in'") >= messages,
                 seconds=120, pause=0.5)

    def conversations(self):
        texts = [row[0] for row in self.store.rows("SELECT id FROM conversation ORDER BY id")]
        return [str(uuid.UUID(bytes=text)) if isinstance(text, bytes) else text for text in texts]

    def queue(self, times, writers):
        token = self.installation.cli("token", "create", "--workspace", self.workspace, "--name", "queue", "--role", "agent")["token"]
        conversations = self.conversations()
        workers = [multiprocessing.Process(target=queue_for_all, daemon=True,
                                           args=(self.installation.url, token, conversations[place::writers], times)) for place in range(writers)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        if any(worker.exitcode for worker in workers):
            raise Failed("a message was not taken")

    def throttled(self):
        return sum(self.control("GET", "/control/stats")["throttled"].values())


def full_rate(folder, plan):
    """What Meta accepted and refused in the time, of what it allows."""
    with Shop(folder, plan.numbers) as shop:
        shop.customers_write(plan.pairs // plan.numbers)
        shop.set_state("paused")
        shop.queue(plan.each, plan.writers)
        shop.set_state("active")
        time.sleep(plan.warm)
        before, begin = shop.throttled(), time.time() * 1000
        time.sleep(plan.seconds)
        throttled, end = shop.throttled() - before, time.time() * 1000
        sends, _ = rows(shop.installation, "sends", "sends", 0)
    accepted = collections.Counter(row["phone_number_id"] for row in sends if begin <= milliseconds(row["accepted_at"]) < end)
    allowed = ALLOWED * (end - begin) / 1000
    return {"accepted": accepted.total(), "throttled": throttled, "throttled_share": throttled / max(1, throttled + accepted.total()),
            "used": accepted.total() / (allowed * plan.numbers), "least_used": min(accepted[number] for number in shop.numbers) / allowed,
            "per_second": accepted.total() / (end - begin) * 1000}


class Desk(Shop):
    """One number whose customers are answered by a workflow."""

    def __enter__(self):
        super().__enter__()
        try:
            publish(self.api, "Answer", "answer to {{message.text}}")
            wait_for_template(self.api)
        except BaseException:
            self.installation.down()
            raise
        self.inbound = self.sends = 0
        return self

    def listen(self, plan, seconds):
        """How long replies to customers waited, in ms each, and what else went out a second."""
        self.control("POST", "/control/load", {"per_second": plan.replies, "customers": plan.customers, "seconds": seconds, "text": "question"})
        time.sleep(seconds)
        wait_for("the customers to be silent", lambda: not self.control("GET", "/control/load")["running"])
        written, self.inbound = rows(self.installation, "inbound", "inbound", self.inbound)
        asked = {row["text"]: milliseconds(row["at"]) for row in written}
        answered, others = {}, 0

        def all_answered():
            nonlocal others
            sent, self.sends = rows(self.installation, "sends", "sends", self.sends)
            for row in sent:
                if row["text"].startswith("answer to "):
                    answered[row["text"].removeprefix("answer to ")] = milliseconds(row["accepted_at"])
                else:
                    others += 1
            return len(answered) >= len(asked)

        begin = time.monotonic()
        wait_for("all replies", all_answered, seconds=120, pause=0.2)
        waits = [at - asked[text] for text, at in answered.items()]
        return {"p50": percentile(waits, 0.5), "p99": percentile(waits, 0.99), "replies": len(waits),
                "others": others / (seconds + time.monotonic() - begin)}

    def begin_broadcast(self, recipients):
        broadcast = given_broadcast(self.api, "Everybody", [f"+49153{place:08}" for place in range(recipients)])
        self.api.post(f"/api/broadcasts/{broadcast}/send", {})
        wait_for("the broadcast to go out", lambda: self.api.get(f"/api/broadcasts/{broadcast}/stats")["sent"] >= 100, seconds=300, pause=0.2)
        return broadcast

    def must_go_on(self, broadcast):
        status = self.api.get(f"/api/broadcasts/{broadcast}")["status"]
        if status != "sending":
            raise Failed(f"the broadcast is {status} before the replies were timed: take more recipients")


def beside_bulk(folder, plan):
    """How long replies wait, alone and beside the broadcast."""
    with Desk(folder, 1) as desk:
        desk.listen(plan, min(5.0, plan.reply_seconds))  # to be warm
        told = {"alone": desk.listen(plan, plan.reply_seconds)}
        broadcast = desk.begin_broadcast(plan.recipients)
        _, desk.sends = rows(desk.installation, "sends", "sends", desk.sends)
        told["beside"] = desk.listen(plan, plan.reply_seconds)
        desk.must_go_on(broadcast)
        return told


def round_of(folder, plan):
    folder.mkdir(parents=True, exist_ok=True)
    return {"full": full_rate(folder / "full", plan)} | beside_bulk(folder / "beside", plan)


def pacing(options, folder):
    plan, figures = QUICK if options.quick else Plan(), Figures()
    for number in range(1 if options.quick else options.rounds):
        told = round_of(folder / f"round-{number + 1}", plan)
        for letter, row in told.items():
            figures.add(letter, row)
        print(f"round {number + 1}: {told['full']['per_second']:.0f}/s of {ALLOWED * plan.numbers:.0f}, {told['full']['throttled']} throttled   "
              + "   ".join(f"{half} p99 {told[half]['p99']:.0f} ms" for half in HALVES), flush=True)
    return report(plan, figures)


def report(plan, figures):
    head(figures, ["accepted /s", "throttled answers", "share of the allowed rate", "of the slowest number"],
         f"{plan.numbers} numbers, {plan.pairs:,} pairs, {plan.seconds:g} s")
    full = {key: figures.median("full", key) for key in figures.rows["full"][0]}
    print(f"| all numbers at full rate | {full['per_second']:,.1f} | {full['throttled']:.0f} | {full['used']:.4f} | {full['least_used']:.4f} |\n")
    print(f"| replies, {plan.replies:g} a second | number | p50 ms | p99 ms | other messages /s |\n|---|---|---|---|---|")
    for half in HALVES:
        row = {key: figures.median(half, key) for key in figures.rows[half][0]}
        print(f"| {half}{f' a broadcast to {plan.recipients:,}' if half == 'beside' else ''} | {row['replies']:.0f} | {row['p50']:.1f} | {row['p99']:.1f} | {row['others']:.1f} |")
    print()
    return all([verdict("throttled answers, percent of all", full["throttled_share"] * 100, 0.1, at_least=False),
                verdict("share of the allowed rate, less the reserve", full["used"], 0.95),
                verdict("replies' p99 beside a broadcast / alone", figures.median("beside", "p99") / figures.median("alone", "p99"), 5.0, at_least=False)])
