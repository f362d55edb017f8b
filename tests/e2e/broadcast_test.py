"""A broadcast to thousands while waypostd is killed with kill -9 at random moments, from the freezing on: nobody gets it
twice and nobody is forgotten. Then: a pause that holds, and the recipients as CSV.

    python3 tests/e2e/broadcast_test.py --recipients 3000 --kills 8
"""
import argparse
import collections
import csv
import io
import random
import tempfile
import time

from support import Api, Installation, Store, ask, must, run_test, settings, wait_for

PASSWORD = "correct horse battery"
PHONE_NUMBER_ID, WABA_ID = "63000001", "63009001"
GRACE_SECONDS = 6
ROWS_A_CALL = 1000


def phone_of(number):
    return f"+49152{number:08}"


def wait_for_template(api):
    wait_for("the templates to be listed", lambda: any(one["name"] == "hello_world" and one["status"] == "APPROVED"
                                                       for one in api.get("/api/templates")["items"]))


def given_broadcast(api, name, phones, channel=None):
    """A draft whose recipients came by CSV, a thousand a call; of a workspace's only number or of this channel."""
    words = {"name": name, "template": {"name": "hello_world", "language": "en_US"}} | ({"channelId": channel} if channel else {})
    draft = api.post("/api/broadcasts", words)
    for begin in range(0, len(phones), ROWS_A_CALL):
        rows = "phone\n" + "\n".join(phones[begin:begin + ROWS_A_CALL])
        answer = ask("POST", f"{api.url}/api/broadcasts/{draft['id']}/recipients", rows.encode(), {
            "Cookie": f"session_token={api.session}", "x-tenant-id": api.workspace, "Content-Type": "text/csv"}, timeout=60)
        must(answer.status == 200, "the rows are taken", answer.body)
    return draft["id"]


def send(api, broadcast, recipients):
    answer = api.post(f"/api/broadcasts/{broadcast}/send", {})
    must(answer == {"ok": True, "status": "preparing", "totalRecipients": recipients}, "it begins", answer)


def kill_and_restart(installation, store, kills, chance):
    """At the freezing, then each time some more are taken. Returns the most sends that can have been in flight at the
    kills: rows in state sending at each."""
    in_flight, recipients = 0, store.one("SELECT count(*) FROM broadcast_recipient")
    for kill in range(kills):
        wait_for("some more to be taken", lambda: kill == 0 or store.one(
            "SELECT count(*) FROM broadcast_recipient WHERE state = 'taken'") >= recipients * kill / (kills + 1), pause=0.005)
        time.sleep(chance.uniform(0, 0.2))
        installation.daemon.must_live()
        installation.daemon.kill()
        in_flight += store.one("SELECT count(*) FROM message WHERE state = 'sending'")
        installation.start_daemon()
        waiting = store.one("SELECT count(*) FROM broadcast_recipient WHERE state = 'waiting'")
        print(f"killed {kill + 1} times, {waiting} recipients still wait", flush=True)
    return in_flight


def all_bubbles(installation):
    bubbles, page = [], None
    while page is None or page["bubbles"]:
        page = installation.control("GET", f"/control/bubbles?after={len(bubbles)}&limit=10000")
        bubbles += page["bubbles"]
    return bubbles


def is_settled(store):
    return store.one("SELECT (SELECT count(*) FROM broadcast_recipient WHERE state = 'waiting') + (SELECT count(*) FROM "
                     "message WHERE state IN ('queued', 'sending', 'unknown', 'held', 'accepted', 'sent'))") == 0


def check_once(installation, store, broadcast, phones, in_flight):
    got = collections.Counter("+" + bubble["customer"]["phone"].lstrip("+") for bubble in all_bubbles(installation))
    twice = [phone for phone, times in got.items() if times > 1]
    must(not twice, f"{len(twice)} people got it twice", twice[:5])
    must(set(got) <= set(phones), "nobody else got it", list(set(got) - set(phones))[:5])
    states = dict(store.rows("SELECT m.state || COALESCE(':' || m.failure_reason, ''), count(*) FROM broadcast_recipient r "
                             "JOIN message m ON m.tenant_id = r.tenant_id AND m.id = r.message_id GROUP BY 1"))
    print(f"states: {states}; bubbles: {len(got)}; in flight at the kills: {in_flight}")
    must(sum(states.values()) == len(phones), "everybody has a message", states)
    must(store.one("SELECT count(*) FROM message WHERE broadcast_id IS NOT NULL") == len(phones), "nobody has two")
    unknown = states.pop("failed:outcome_unknown", 0)
    must(set(states) <= {"delivered", "read"}, "everybody else's was delivered", states)
    must(unknown <= in_flight, "unknown outcomes are at most the sends in flight at the kills", (unknown, in_flight))
    must(len(got) == len(phones) - unknown, "a message of unknown outcome was not delivered", (len(got), unknown))


def check_figures(api, broadcast, recipients):
    wait_for("the broadcast to be completed", lambda: api.get(f"/api/broadcasts/{broadcast}")["status"] == "completed")
    stats = api.get(f"/api/broadcasts/{broadcast}/stats")
    must(stats["recipients"] == recipients and stats["delivered"] + stats["failed"] == recipients, "the stats say so", stats)
    answer = api.call("GET", f"/api/broadcasts/{broadcast}/recipients?format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.body.decode())))
    must(len({row["phone"] for row in rows}) == recipients, "the CSV has everybody once", len(rows))


def check_pause(installation, api, phones):
    """What rests while it is paused goes out when it goes on; what is cancelled never does."""
    broadcast = given_broadcast(api, "Paused", phones)
    before = len(all_bubbles(installation))
    send(api, broadcast, len(phones))
    paused = api.call("POST", f"/api/broadcasts/{broadcast}/pause", {})
    must(paused.status in (200, 409), "it is paused, or was over already", paused.body)
    if paused.status == 409:
        return
    time.sleep(1)  # what was on its way
    at_rest = len(all_bubbles(installation))
    time.sleep(2)
    must(len(all_bubbles(installation)) == at_rest, "nothing goes out of a paused one")
    api.post(f"/api/broadcasts/{broadcast}/resume", {})
    wait_for("the rest to go out", lambda: len(all_bubbles(installation)) == before + len(phones), seconds=60)


def test(recipients, kills, seed):
    chance = random.Random(seed)
    print(f"seed {seed}: {recipients} recipients, {kills} kills")
    tuned = settings(sending={"unknown_grace_seconds": GRACE_SECONDS}, queue={"lease_ms": 2000}, log={"level": "warning"})
    with tempfile.TemporaryDirectory(prefix="waypost-broadcast-") as folder:
        meta = {"read_after_ms": "never", "retry_first_ms": 50, "retry_longest_ms": 400}
        with Installation(folder, settings=tuned, sandbox_settings=meta) as installation:
            installation.add_app()
            workspace = installation.add_workspace("Broadcast", "broadcast@example.com", PASSWORD)
            installation.add_number(workspace, PHONE_NUMBER_ID, "+1 555 300 0001", WABA_ID)
            api, store = Api(installation.url, workspace, "broadcast@example.com", PASSWORD), Store(installation)
            wait_for_template(api)
            phones = [phone_of(number) for number in range(recipients)]
            broadcast = given_broadcast(api, "Killed", phones)
            send(api, broadcast, recipients)
            in_flight = kill_and_restart(installation, store, kills, chance)
            api = Api(installation.url, workspace, "broadcast@example.com", PASSWORD)
            wait_for("everything to be settled", lambda: is_settled(store), seconds=200, pause=0.5)
            check_once(installation, store, broadcast, phones, in_flight)
            check_figures(api, broadcast, recipients)
            check_pause(installation, api, [phone_of(10_000_000 + number) for number in range(900)])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recipients", type=int, default=3000)
    parser.add_argument("--kills", type=int, default=8, help="how often waypostd is killed (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30), help="of all chance here; printed, to repeat a run")
    options = parser.parse_args()
    run_test(lambda: test(options.recipients, options.kills, options.seed))
