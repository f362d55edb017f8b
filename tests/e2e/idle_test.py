"""A daemon with nothing to do sleeps: less than 1 % of one core, also while many messages and runs wait for a time hours
away. And what is due while they wait starts in time: messages with a due time some seconds ahead, by when the Graph API
sees them.

    python3 tests/e2e/idle_test.py --waiting 1000000 --seconds 20        (CI runs it with fewer)
"""
import argparse
import contextlib
import datetime
import os
import pathlib
import sqlite3
import tempfile
import time

from support import Api, Installation, Store, must, run_test, settings, wait_for

PASSWORD = "correct horse battery"
PHONE_NUMBER_ID = "62000001"
CUSTOMERS = 20
MOST_PERCENT = 1.0
LATEST_MS = 1000
DUE_AFTER_MS, DUE_APART_MS = 4_000, 100
HOURS_MS = 6 * 3_600_000
# What begins at the daemon's start is over by then (statistics, the first checkpoint).
SETTLE_SECONDS = 3

NUMBERED = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows)"
# Each in a conversation of its own; of a workspace and people that need not be there, because nobody looks before the time.
WAITING_MESSAGES = f"""INSERT INTO message (tenant_id, id, conversation_id, seq, channel_id, contact_id, direction, type, text, content,
  state, happened_at, author, stream, due_at, attempt, failures, created_at, updated_at) {NUMBERED}
  SELECT randomblob(16), randomblob(16), randomblob(16), 1, randomblob(16), randomblob(16), 'out', 'text', 'later',
  '{{"body":"later"}}', 'queued', :now, 'api', 'reply', :due + i, 0, 0, :now, :now FROM n"""
WAITING_RUNS = f"""INSERT INTO run (tenant_id, id, workflow_id, workflow_version, conversation_id, contact_id, channel_id, message_id,
  status, state, revision, steps, due_at, created_at, updated_at) {NUMBERED}
  SELECT randomblob(16), randomblob(16), randomblob(16), 1, randomblob(16), randomblob(16), randomblob(16), randomblob(16),
  'queued', '{{}}', 1, 0, :due + i, :now, :now FROM n"""


def now_ms():
    return int(time.time() * 1000)


def cpu_seconds(pid):
    """utime and stime of a process, all threads."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def check_idle(installation, what, seconds):
    """In two windows of three at least: a job of once a minute, or what else runs on the machine, may be in one."""
    time.sleep(SETTLE_SECONDS)
    busy = [measure_idle(installation, what, seconds) >= MOST_PERCENT for _ in range(2)]
    if any(busy):
        busy.append(measure_idle(installation, what, seconds) >= MOST_PERCENT)
    must(sum(busy) < 2, f"{what}: less than {MOST_PERCENT:g} % of a core")


def measure_idle(installation, what, seconds):
    """The share of a core that the daemon takes, in percent."""
    programs = {"waypostd": installation.daemon.pid, "Redis": installation.redis.pid}
    before, began = {name: cpu_seconds(pid) for name, pid in programs.items()}, time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - began
    used = {name: 100 * (cpu_seconds(pid) - before[name]) / took for name, pid in programs.items()}
    print(f"{what}: " + ", ".join(f"{name} {percent:.2f} %" for name, percent in used.items()) + f" of a core in {took:.0f} s", flush=True)
    return used["waypostd"]


def set_up(installation):
    """A conversation with each customer, and one reply in it."""
    installation.add_app()
    workspace = installation.add_workspace("Idle", "idle@example.com", PASSWORD)
    installation.add_number(workspace, PHONE_NUMBER_ID, "+1 555 200 0001")
    api = Api(installation.url, workspace, "idle@example.com", PASSWORD)
    for customer in range(CUSTOMERS):
        installation.control("POST", f"/control/customers/+49152{customer:08}/messages", {"text": "hello", "phone_number_id": PHONE_NUMBER_ID})
    items = wait_for("the conversations", lambda: conversations(api))
    for item in items:
        api.post(f"/api/conversations/{item['id']}/messages", {"body": "a reply"})
    store = Store(installation)
    wait_for("the replies", lambda: store.one("SELECT count(*) FROM message WHERE direction = 'out' AND delivered_at IS NOT NULL") == CUSTOMERS)


def conversations(api):
    items = api.get("/api/conversations?limit=100")["items"]
    return items if len(items) == CUSTOMERS else None


@contextlib.contextmanager
def stopped(installation):
    """The daemon is away meanwhile and Redis knows nothing: the next start offers what waits."""
    must(installation.daemon.stop() == 0, "the daemon ends well")
    installation.redis_says("FLUSHALL")
    connection = sqlite3.connect(installation.folder / "data" / "waypost.db")
    connection.row_factory = sqlite3.Row
    with contextlib.closing(connection), connection:
        yield connection


def add_waiting(connection, rows):
    now = now_ms()
    for statement, part in ((WAITING_RUNS, rows // 2), (WAITING_MESSAGES, rows - rows // 2)):
        connection.execute(statement, {"rows": part, "now": now, "due": now + HOURS_MS})


def add_due(connection):
    """In each conversation a message like its reply, due some seconds from now; gives {text: due time}."""
    due = {}
    for reply in connection.execute("SELECT m.*, c.next_seq FROM message m JOIN conversation c ON c.tenant_id = m.tenant_id AND "
                                    "c.id = m.conversation_id WHERE m.text = 'a reply'").fetchall():
        at = now_ms() + DUE_AFTER_MS + len(due) * DUE_APART_MS
        text = f"due {at}"
        row = dict(reply) | {"id": os.urandom(16), "seq": reply["next_seq"], "state": "queued", "text": text, "due_at": at,
                             "content": f'{{"body":"{text}"}}', "attempt": 0}
        row |= dict.fromkeys(("wamid", "exchange", "attempt_at", "accepted_at", "sent_at", "delivered_at", "read_at"))
        del row["next_seq"]
        connection.execute(f"INSERT INTO message ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", list(row.values()))
        connection.execute("UPDATE conversation SET next_seq = next_seq + 1 WHERE id = ?", (reply["conversation_id"],))
        due[text] = at
    return due


def start_and_sweep(installation):
    began = time.monotonic()
    installation.start_daemon()
    serves = time.monotonic()
    wait_for("the sweep", lambda: installation.redis_says("EXISTS", "{waypost}:epoch") == "1", seconds=600, pause=0.05)
    print(f"serves {serves - began:.2f} s after its start, has offered what waits {time.monotonic() - serves:.2f} s later", flush=True)


def arrivals(installation):
    sends = installation.control("GET", "/control/sends")["sends"]
    return {send["text"]: datetime.datetime.fromisoformat(send["accepted_at"].replace("Z", "+00:00")).timestamp() * 1000 for send in sends}


def measure_due(installation, due):
    """How late each came to the Graph API, in ms, sorted."""
    must(len(due) == CUSTOMERS, "a message is due in each conversation", due)
    arrived = wait_for("what is due to be sent", lambda: found if due.keys() <= (found := arrivals(installation)).keys() else None, pause=0.2)
    late = sorted(arrived[text] - at for text, at in due.items())
    print(f"{len(late)} messages at the Graph API behind their due time: median {late[len(late) // 2]:.0f} ms, latest {late[-1]:.0f} ms", flush=True)
    return late


def check_due(late, what):
    must(late[0] >= 0, f"{what}: nothing is sent before its time", late[0])
    must(late[-1] <= LATEST_MS, f"{what}: all is sent within {LATEST_MS} ms of its time", late[-1])


def test(waiting, seconds):
    crowd = f"while {waiting:,} messages and runs wait for hours"
    with tempfile.TemporaryDirectory(prefix="waypost-idle-") as folder:
        with Installation(folder, settings=settings(log={"level": "warning"})) as installation:
            set_up(installation)
            check_idle(installation, "with nothing to do", seconds)
            with stopped(installation) as connection:
                due = add_due(connection)
            start_and_sweep(installation)
            check_due(measure_due(installation, due), "with nothing else to do")
            with stopped(installation) as connection:
                add_waiting(connection, waiting)
                due = add_due(connection)
            start_and_sweep(installation)
            late = measure_due(installation, due)
            check_idle(installation, crowd, seconds)
            check_due(late, crowd)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--waiting", type=int, default=1_000_000, help="messages and runs that wait (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=20, help="of each measurement (default: %(default)s)")
    options = parser.parse_args()
    run_test(lambda: test(options.waiting, options.seconds))
