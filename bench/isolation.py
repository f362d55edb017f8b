"""Whether a loud workspace makes quiet ones wait. Ten quiet workspaces get messages that a workflow answers: first alone, then
while a loud workspace gets a hundred times as many as all of them together, answers them, and sends a broadcast from another number
of its own, as fast as Meta lets it. Timed for each quiet message: from its webhook's POST to the start of its run, and to the
reply's arrival at the Graph API. Each round has an installation of its own, with both halves in it.

The mark is for a load (--loud, webhooks a second) that leaves the machine idle for a good part of the time; how busy it was is told,
too, with the sandbox and the load generator on it. With more, and with a flood of which a backlog grows (--flood), the quiet ones
also wait for processors. The loud one's number has the throughput that Meta gives on request; the broadcast's has the usual one, but
in the flood.
"""
import contextlib
import dataclasses
import datetime
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import subprocess
import sys
import threading
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path += [str(ROOT / "scripts"), str(ROOT / "tests" / "e2e")]

from broadcast_test import given_broadcast, send, wait_for_template  # noqa: E402
from figures import Figures, head, verdict  # noqa: E402
from installation import PROGRAMS, Api, Failed, Installation, wait_for  # noqa: E402
from support import UNLIMITED, Store, publish  # noqa: E402

PASSWORD = "correct horse battery"
LOUD_NUMBER, BROADCAST_NUMBER, FIRST_QUIET_NUMBER = 78_000_000, 77_999_999, 78_000_001
# What Meta lets a number send a second, by its level, less the quarter that waypostd leaves for inbound.
SENDS = {"STANDARD": 60, "HIGH": 750}
FIRST_LOUD_CUSTOMER, FIRST_QUIET_CUSTOMER = 4_915_100_000_000, 4_916_000_000_000  # the first as load_webhooks has it
CUSTOMERS_EACH = 20  # of a quiet number
MARK = 3.0
# What a message passes, in this order.
STAGES = ("acknowledged", "applied", "run started", "reply queued", "send begun", "at the Graph API")
HALVES = ("alone", "beside")


@dataclasses.dataclass(frozen=True)
class Plan:
    seconds: float = 120.0     # of quiet messages, in each half
    lead: float = 3.0          # so long the loud workspace is loud before
    quiet: int = 10            # workspaces
    per_second: float = 0.1    # messages of each
    times: float = 100.0       # the loud one's messages by those of all quiet ones together
    loud_customers: int = 2_000
    broadcast_level: str = "STANDARD"
    is_flood: bool = False

    @property
    def loud_per_second(self):
        return self.times * self.quiet * self.per_second

    @property
    def recipients(self):
        """As many as the broadcast cannot come to the end of."""
        return int((self.lead + self.seconds + 15) * SENDS[self.broadcast_level])


FLOOD = Plan(seconds=15.0, per_second=2.0, broadcast_level="HIGH", is_flood=True)
QUICK = Plan(seconds=10.0, per_second=0.2, lead=2.0, loud_customers=500)


def now_ms():
    return time.time() * 1000


def post(connection, path, body, headers):
    """One POST on a connection that is kept; the answer's status."""
    connection.request("POST", path, body, {"Content-Type": "application/json", **headers})
    answer = connection.getresponse()
    answer.read()
    return answer.status


def quiet_customer(number, place):
    return str(FIRST_QUIET_CUSTOMER + (number - FIRST_QUIET_NUMBER) * CUSTOMERS_EACH + place)


class Postman(threading.Thread):
    """Brings one quiet number its webhooks, each when it is due, and notes when each was posted and acknowledged."""

    def __init__(self, installation, number, plan, half):
        super().__init__(daemon=True)
        self.target, self.secret = urllib.parse.urlsplit(installation.webhook_url), installation.app_secret.encode()
        self.number, self.plan, self.half = number, plan, half
        self.posted, self.acked, self.fault = {}, {}, None

    def run(self):
        pause = 1 / self.plan.per_second
        first = time.monotonic() + pause * (self.number - FIRST_QUIET_NUMBER) / self.plan.quiet  # not all at once
        with contextlib.closing(http.client.HTTPConnection(self.target.netloc, timeout=60)) as connection:
            for count in range(int(self.plan.seconds / pause)):
                time.sleep(max(0.0, first + count * pause - time.monotonic()))
                self.bring(connection, count)

    def bring(self, connection, count):
        wamid = f"wamid.{self.half}-{self.number}-{count}"
        body = self.webhook(wamid, quiet_customer(self.number, count % CUSTOMERS_EACH))
        signature = "sha256=" + hmac.new(self.secret, body, hashlib.sha256).hexdigest()
        self.posted[wamid] = now_ms()
        try:
            status = post(connection, self.target.path, body, {"X-Hub-Signature-256": signature})
        except (OSError, http.client.HTTPException) as error:
            status = error
        self.acked[wamid] = now_ms()
        if status != 200:
            self.fault = f"a quiet webhook was answered {status}"

    def webhook(self, wamid, phone):
        user = f"DE.{int(phone):020}"
        value = {"messaging_product": "whatsapp",
                 "metadata": {"display_phone_number": str(self.number), "phone_number_id": str(self.number)},
                 "contacts": [{"profile": {"name": "Quiet"}, "wa_id": phone, "user_id": user}],
                 "messages": [{"from": phone, "from_user_id": user, "id": wamid, "timestamp": str(int(time.time())),
                               "type": "text", "text": {"body": wamid}}]}
        entry = {"id": str(self.number), "changes": [{"value": value, "field": "messages"}]}
        return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def busy_seconds():
    """Of all processors since the machine's start."""
    with open("/proc/stat", encoding="ascii") as stat:
        user, nice, system, _, _, irq, softirq, *_ = map(int, stat.readline().split()[1:])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


class Street:
    """An installation with a loud workspace and quiet ones, each with one number and a workflow that answers."""

    def __init__(self, folder, plan, postgres=False):
        self.plan = plan
        settings = {name: dict(UNLIMITED[name]) for name in ("api", "runs")} | {"log": {"level": "warning"}}
        self.installation = Installation(folder, settings=settings, postgres=postgres)
        self.quiet_numbers = range(FIRST_QUIET_NUMBER, FIRST_QUIET_NUMBER + plan.quiet)

    def __enter__(self):
        self.installation.__enter__()
        try:
            self.set_up()
        except BaseException:
            self.installation.down()
            raise
        return self

    def __exit__(self, *_):
        self.installation.down()

    def set_up(self):
        self.installation.add_app()
        self.store = Store(self.installation)
        self.loud, channel = self.add_workspace("Loud", LOUD_NUMBER)
        self.raise_throughput(LOUD_NUMBER, channel, "HIGH")
        self.add_broadcast()
        self.open_windows(LOUD_NUMBER, [str(FIRST_LOUD_CUSTOMER + place) for place in range(self.plan.loud_customers)])
        for number in self.quiet_numbers:
            self.add_workspace(f"Quiet {number}", number)
            self.open_windows(number, [quiet_customer(number, place) for place in range(CUSTOMERS_EACH)])

    def add_workspace(self, name, number):
        email = f"{number}@example.com"
        workspace = self.installation.add_workspace(name, email, PASSWORD)
        channel = self.installation.add_number(workspace, str(number), f"+1 555 {number}", str(number))["id"]
        api = Api(self.installation.url, workspace, email, PASSWORD)
        publish(api, "Answer", "answer to {{message.text}}")
        return api, channel

    def raise_throughput(self, number, channel, level):
        """At Meta; and waypostd has looked."""
        self.installation.control("POST", "/control/numbers", {"phone_number_id": str(number), "fields": {"throughput": {"level": level}}})
        self.loud.get(f"/api/channels/{channel}/health?now=true")

    def add_broadcast(self):
        channel = self.installation.add_number(self.loud.workspace, str(BROADCAST_NUMBER), "+1 555 77", str(LOUD_NUMBER), "Offers")["id"]
        self.raise_throughput(BROADCAST_NUMBER, channel, self.plan.broadcast_level)
        wait_for_template(self.loud)
        phones = [f"+49153{place:08}" for place in range(self.plan.recipients)]
        self.broadcast = given_broadcast(self.loud, "Offer", phones, channel)

    def open_windows(self, number, phones):
        """The sandbox takes replies to who has written; here it hears of the webhooks' messages before, and tells nobody."""
        subscribe = {"phone_number_id": str(number)}
        self.installation.control("POST", "/control/numbers", subscribe | {"subscribed": False})
        where = urllib.parse.urlsplit(self.installation.sandbox_url).netloc
        with contextlib.closing(http.client.HTTPConnection(where, timeout=30)) as connection:
            for phone in phones:
                body = json.dumps({"text": "hello", "phone_number_id": str(number)})
                if post(connection, f"/control/customers/+{phone}/messages", body, {}) >= 300:
                    raise Failed("the sandbox does not let a customer write")
        self.installation.control("POST", "/control/numbers", subscribe | {"subscribed": True})

    def listen(self, half, patience=300):
        """Quiet messages for so long as the plan says; returns when all are answered, with when each was posted and acknowledged."""
        postmen = [Postman(self.installation, number, self.plan, half) for number in self.quiet_numbers]
        for postman in postmen:
            postman.start()
        for postman in postmen:
            postman.join()
            if postman.fault:
                raise Failed(postman.fault)
        posted = {wamid: at for postman in postmen for wamid, at in postman.posted.items()}
        wait_for(f"{len(posted)} quiet messages to be answered", lambda: self.answered(half) >= len(posted), patience, pause=0.5)
        return posted, {wamid: at for postman in postmen for wamid, at in postman.acked.items()}

    def answered(self, half):
        return self.store.one("SELECT count(*) FROM message m JOIN tenant t ON t.id = m.tenant_id WHERE t.name LIKE 'Quiet%' AND "
                              f"m.direction = 'out' AND m.text LIKE 'answer to wamid.{half}-%' AND m.accepted_at IS NOT NULL")

    @contextlib.contextmanager
    def loudness(self):
        """The loud workspace's load, from before the body until its end; yields what is known of it by then."""
        # First the broadcast: in a flood replies go before it, and it would hardly begin.
        send(self.loud, self.broadcast, self.plan.recipients)
        wait_for("the broadcast to go out", lambda: self.broadcast_sent() >= 100, pause=0.1)
        seconds = self.plan.lead + self.plan.seconds + 1
        generator = subprocess.Popen(
            [PROGRAMS / "bench" / "load_webhooks", "--url", self.installation.webhook_url, "--secret", self.installation.app_secret,
             "--phone-number-id", str(LOUD_NUMBER), "--seconds", str(seconds), "--rate", str(self.plan.loud_per_second),
             "--prepare", str(int(seconds * self.plan.loud_per_second)), "--customers", str(self.plan.loud_customers)],
            stdout=subprocess.PIPE, text=True)
        try:
            time.sleep(self.plan.lead)
            told, before, begin = {}, self.broadcast_sent(), time.monotonic()
            busy = busy_seconds()
            yield told
            seconds = time.monotonic() - begin
            told["busy"] = (busy_seconds() - busy) / seconds / os.cpu_count()
            told["broadcast"] = (self.broadcast_sent() - before) / seconds
            if self.loud.get(f"/api/broadcasts/{self.broadcast}")["status"] != "sending":
                raise Failed("the broadcast was over before the quiet messages were timed: take more recipients")
            told.update(json.loads(generator.communicate(timeout=60)[0]))
        finally:
            generator.kill()
            generator.wait()

    def broadcast_sent(self):
        return self.loud.get(f"/api/broadcasts/{self.broadcast}/stats")["sent"]

    def loud_counts(self):
        """What became of the loud workspace's customers' messages so far."""
        rows = self.store.rows("SELECT m.author, count(*), count(m.accepted_at) FROM message m JOIN tenant t ON "
                               "t.id = m.tenant_id WHERE t.name = 'Loud' GROUP BY 1")
        counts = {author: (int(made), int(accepted)) for author, made, accepted in rows}
        return {"applied": counts["contact"][0], "answered": counts["workflow"][1]}

    def stages(self, half, posted, acked):
        """{stage: when each message had passed it, in ms behind its POST}, every list in the same order."""
        arrived = self.arrivals(half)
        rows = self.store.rows("SELECT m.wamid, m.created_at, r.started_at, o.created_at, o.attempt_at FROM message m "
                               "JOIN tenant t ON t.id = m.tenant_id JOIN run r ON r.tenant_id = m.tenant_id AND r.message_id = m.id "
                               "JOIN message o ON o.tenant_id = m.tenant_id AND o.conversation_id = m.conversation_id AND o.run_id = r.id "
                               f"WHERE t.name LIKE 'Quiet%' AND m.wamid LIKE 'wamid.{half}-%'")
        if {row[0] for row in rows} != set(posted) or len(rows) != len(posted):
            raise Failed(f"{len(rows)} quiet messages have a run and a reply, {len(posted)} were posted")
        passed = [(acked[row[0]], *row[1:], arrived[row[0]]) for row in rows]
        return {stage: [times[place] - posted[row[0]] for times, row in zip(passed, rows)] for place, stage in enumerate(STAGES)}

    def arrivals(self, half):
        """When the reply to each message came to the Graph API."""
        found, after, page = {}, 0, None
        while page is None or page["sends"]:
            page = self.installation.control("GET", f"/control/sends?after={after}&limit=5000")
            after = page["last"]
            for sent in page["sends"]:
                if sent["text"].startswith(f"answer to wamid.{half}-"):
                    at = datetime.datetime.fromisoformat(sent["accepted_at"].replace("Z", "+00:00"))
                    found[sent["text"].removeprefix("answer to ")] = at.timestamp() * 1000
        return found


def percentile(values, part):
    return sorted(values)[int(part * (len(values) - 1))]


def figures_of(passed):
    """p50 and p99 of when each stage was passed, and of the way to it from the one before."""
    told = {}
    before = [0.0] * len(passed[STAGES[0]])
    for stage in STAGES:
        way = [max(0.0, at - earlier) for at, earlier in zip(passed[stage], before)]
        before = passed[stage]
        for part in (50, 99):
            told[f"{stage} p{part}"] = percentile(passed[stage], part / 100)
            told[f"way to {stage} p{part}"] = percentile(way, part / 100)
    return told


def round_of(folder, plan, postgres=False):
    """One round: the figures of both halves, and of the loud workspace."""
    with Street(folder, plan, postgres) as street:
        noted = {"alone": street.listen("alone")}
        with street.loudness() as told:
            noted["beside"] = street.listen("beside")
        loud = street.loud_counts()
        loud |= {name: told[name] for name in ("per_second", "failed", "busy", "broadcast")} | {"backlog": told["ok"] - loud["answered"]}
        halves = {half: figures_of(street.stages(half, *noted[half])) for half in HALVES}
        for half in HALVES:
            halves[half]["messages"] = len(noted[half][0])
        return halves | {"loud": loud}


def isolation(options, folder):
    plan = FLOOD if options.flood else QUICK if options.quick else Plan(per_second=options.loud / Plan.times / Plan.quiet)
    figures = Figures()
    for number in range(1 if options.quick else options.rounds):
        told = round_of(folder / f"round-{number + 1}", plan, options.store == "postgres")
        for letter, row in told.items():
            figures.add(letter, row)
        print(f"round {number + 1}: " + "   ".join(f"{half} p99 {told[half]['at the Graph API p99']:.0f} ms" for half in HALVES), flush=True)
    return report(options, plan, figures)


def report(options, plan, figures):
    how = (f"{options.store}, {plan.quiet} quiet workspaces of {plan.per_second:g} messages/s, a loud one of {plan.loud_per_second:,.0f}/s "
           "and a broadcast")
    head(figures, ["messages", "run started p50 ms", "p99 ms", "at the Graph API p50 ms", "p99 ms"], how)
    for half in HALVES:
        row = [figures.median(half, key) for key in ("messages", "run started p50", "run started p99", "at the Graph API p50", "at the Graph API p99")]
        print(f"| quiet, {half} | {row[0]:.0f} | " + " | ".join(f"{value:.1f}" for value in row[1:]) + " |")
    print_ways(figures)
    loud = {key: figures.median("loud", key) for key in figures.rows["loud"][0]}
    print(f"\nloud: {loud['per_second']:,.0f} webhooks/s acknowledged ({loud['failed']:.0f} failed); when the quiet ones were answered "
          f"{loud['applied']:,.0f} were applied, {loud['answered']:,.0f} answered, {loud['backlog']:,.0f} waited; its broadcast went to "
          f"{loud['broadcast']:,.0f}/s; the processors were busy for {loud['busy']:.0%} of the time\n")
    met = [verdict("loud backlog, in seconds of its load", loud["backlog"] / plan.loud_per_second, 1.0, at_least=plan.is_flood)]
    for stage in ("run started", "at the Graph API"):
        beside, alone = figures.median("beside", f"{stage} p99"), figures.median("alone", f"{stage} p99")
        met.append(verdict(f"quiet p99 until {stage}, beside / alone", beside / alone, MARK, at_least=False))
    return all(met)


def print_ways(figures):
    print("\n| where the quiet ones wait | alone p50 ms | p99 ms | beside p50 ms | p99 ms |\n|---|---|---|---|---|")
    for stage in STAGES:
        cells = [figures.median(half, f"way to {stage} p{part}") for half in HALVES for part in (50, 99)]
        print(f"| until {stage} | " + " | ".join(f"{cell:.1f}" for cell in cells) + " |")
