"""Dead letters and re-ingest: what came for a number without a channel and what nobody can read waits, is listed, shown
to the installation's admin alone and tried again; and a whole day read once more doubles nothing."""
import base64
import hashlib
import hmac
import json

import subprocess
import tempfile
import time

from support import Api, Installation, Store, ask, must, publish, run_test, settings, wait_for
from installation import PROGRAMS

PASSWORD = "correct horse battery"
NUMBER, LATE_NUMBER = "64000001", "64000002"
PHONE = "4917066640001"
TABLES = ("message", "event", "run", "run_trigger", "contact", "conversation", "seen_message")


def text_message(wamid, text="hello"):
    return {"from": PHONE, "id": wamid, "timestamp": str(int(time.time())), "type": "text", "text": {"body": text}}


def envelope(messages, number=NUMBER):
    return {"object": "whatsapp_business_account", "entry": [{"id": "9001", "changes": [{"field": "messages", "value": {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550000001", "phone_number_id": number},
        "contacts": [{"profile": {"name": "Jane"}, "wa_id": PHONE}], "messages": messages}}]}]}


def post(installation, body):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    signature = "sha256=" + hmac.new(installation.app_secret.encode(), body, hashlib.sha256).hexdigest()
    answer = ask("POST", installation.webhook_url, body, {"X-Hub-Signature-256": signature})
    must(answer.status == 200, "it is acknowledged", answer.status)


def waypost(installation, *words, json_too=True):
    command = [PROGRAMS / "waypost", "--socket", installation.nodes[0].admin_socket, *(["--json"] if json_too else []),
               *words]
    return subprocess.run(list(map(str, command)), capture_output=True, check=False, timeout=60)


def told(installation, *words):
    done = waypost(installation, *words)
    must(done.returncode == 0, f"waypost {words}", done.stderr)
    return json.loads(done.stdout)


def refused(installation, *words):
    done = waypost(installation, *words)
    must(done.returncode == 1, f"waypost {words} is refused", done.stdout)
    return done.stderr.decode()


def waiting(installation):
    return {reason: n for reason, n in told(installation, "letters", "list")["waiting"].items() if n}


def given_traffic(installation, store):
    """Good ones, an unreadable one among good ones, bytes that are no JSON, a number without a channel, and statuses:
    the workflow answers every message. The first comes by the sandbox, which then takes answers."""
    installation.control("POST", f"/control/customers/{PHONE}/messages", {"text": "hello", "phone_number_id": NUMBER})
    for n in range(20):
        post(installation, envelope([text_message(f"wamid.good-{n}", f"good {n}")]))
    post(installation, envelope([text_message("wamid.beside"), {"from": PHONE, "type": "text"}]))
    post(installation, b"\xff\xfe not JSON \x00")
    post(installation, envelope([text_message("wamid.early", "am I heard?")], LATE_NUMBER))
    wait_for("the letters", lambda: waiting(installation) == {"not_json": 1, "wrong_shape": 1, "no_channel": 1})
    wait_for("the good ones, answered and read",
             lambda: store.one("SELECT count(*) FROM message WHERE direction = 'out' AND state = 'read'") == 22, seconds=90)


def check_list(installation):
    listed = told(installation, "letters", "list", "--reason", "no_channel", "--since", "1h")
    must(listed["total"] == 1 and listed["items"][0]["phoneNumberId"] == LATE_NUMBER, "one is found by its reason", listed)
    must(listed["items"][0]["place"] == "entry[0].changes[0].value.messages[0]", "with its place in the POST", listed)
    must(told(installation, "letters", "list", "--app", "nobody")["total"] == 0, "none is of another app")
    text = waypost(installation, "letters", "list", json_too=False).stdout.decode()
    must("no_channel 1" in text and LATE_NUMBER in text, "people can read it", text)
    must("6h or 2d" in refused(installation, "letters", "list", "--since", "yesterday"), "a wrong time is explained")


def check_show(installation):
    letter = told(installation, "letters", "list", "--reason", "not_json")["items"][0]["id"]
    shown = told(installation, "letters", "show", letter)
    must(base64.b64decode(shown["raw"]) == b"\xff\xfe not JSON \x00", "bytes come in base64", shown)
    must(waypost(installation, "letters", "show", letter, "--raw").stdout == b"\xff\xfe not JSON \x00", "or as they are")
    letter = told(installation, "letters", "list", "--reason", "no_channel")["items"][0]["id"]
    shown = told(installation, "letters", "show", letter)
    must("am I heard?" in shown["raw"] and shown["encoding"] == "text", "text comes as text", shown)
    return letter


def check_others_see_nothing(installation, workspace, letter):
    """Law 11: a letter holds anybody's messages."""
    other = installation.add_workspace("Other", "other@example.com", PASSWORD)
    for person, tenant in (("admin@example.com", workspace), ("other@example.com", other)):
        api = Api(installation.url, tenant, person, PASSWORD)
        for method, path in (("GET", ""), ("GET", f"/{letter}"), ("POST", f"/{letter}/retry"), ("POST", f"/{letter}/drop")):
            answer = api.call(method, "/api/admin/dead-letters" + path, {} if method == "POST" else None)
            must(answer.status == 403 and b"heard" not in answer.body, "it is the installation's admin's alone", answer.status)
        must(api.call("POST", "/api/admin/reingest", {"from": "2026-01-01T00:00:00Z"}).status == 403, "so is re-ingest")
    installation.cli("user", "create", "--workspace", other, "--email", "root@example.com", "--role", "admin",
                     "--installation-admin", "--password-from-stdin", given=PASSWORD)
    root = Api(installation.url, other, "root@example.com", PASSWORD)
    must("am I heard?" in root.get(f"/api/admin/dead-letters/{letter}")["raw"], "who sees it signed in")


def check_retry(installation, store, workspace, letter):
    tried = told(installation, "letters", "retry", letter)
    must((tried["dead"], tried["letter"]["reason"]) == (1, "no_channel"), "without its channel it waits on", tried)
    installation.add_number(workspace, LATE_NUMBER, "+1 555 000 0002")
    wait_for("the message, once the channel is there",
             lambda: store.one("SELECT count(*) FROM message WHERE wamid = 'wamid.early'") == 1)
    wait_for("its mark", lambda: "no_channel" not in waiting(installation))
    must("no such dead letter waits" in refused(installation, "letters", "retry", letter), "it waits no longer")
    done = told(installation, "letters", "retry", "--all")
    must((done["fresh"], done["dead"]) == (0, 2), "what cannot be read stays", done)
    must("--all" in refused(installation, "letters", "retry"), "nothing is tried by an empty command")


def check_retry_by_hand(installation, store, workspace):
    """A letter as an earlier release may have left it: readable now."""
    post(installation, envelope([text_message("wamid.late", "am I late?")], "64000003"))
    wait_for("its letter", lambda: waiting(installation).get("no_channel") == 1)
    letter = told(installation, "letters", "list", "--reason", "no_channel")["items"][0]
    hidden = store.one("SELECT count(*) FROM run")
    installation.daemon.stop()
    write(store, f"UPDATE dead_letter SET reason = 'wrong_shape' WHERE phone_number_id = '64000003'")
    installation.start_daemon()
    installation.add_number(workspace, "64000003", "+1 555 000 0003")
    must(waiting(installation)["wrong_shape"] == 2, "nobody tries it by itself", letter)
    done = told(installation, "letters", "retry", "--reason", "wrong_shape")
    must((done["fresh"], done["dead"]) == (1, 1), "it is applied", done)
    must(store.one("SELECT count(*) FROM message WHERE wamid = 'wamid.late'") == 1, "and is there")
    time.sleep(1)
    must(store.one("SELECT count(*) FROM run") == hidden, "and has started nothing")


def write(store, text):
    if store.url:
        subprocess.run(["psql", "-X", "-q", "-c", text, store.url], check=True, timeout=30, capture_output=True)
    else:
        import sqlite3
        connection = sqlite3.connect(store.file, timeout=10)
        with connection:
            connection.execute(text)
        connection.close()


def counts(store):
    found = {table: store.one(f"SELECT count(*) FROM {table}") for table in TABLES}
    if store.url:
        found["event"] += store.one("SELECT count(*) FROM event_pending")
    return found


def settled(store):
    """The counts, once nothing moves any more."""
    last = []

    def still():
        last.append(counts(store))
        time.sleep(0.3)
        return len(last) > 2 and last[-1] == last[-3]
    wait_for("everything to come to rest", still)
    return last[-1]


def check_reingest(installation, store):
    before = settled(store)
    rehearsed = told(installation, "reingest", "--from", "1d", "--dry-run")
    must(rehearsed["fresh"] == 0 and rehearsed["dead"] == 2, "a rehearsal finds nothing new", rehearsed)
    for words in ((), ("--start-runs",)):
        done = told(installation, "reingest", "--from", "1d", *words)
        must(done["fresh"] == 0 and done["records"] >= 25 and done["alreadyApplied"] >= 24 + 3 * 22, "all was applied", done)
        must(done["updates"] == done["fresh"] + done["alreadyApplied"] + done["dead"], "the counts agree", done)
    must(settled(store) == before, "nothing doubles", (before, counts(store)))
    must("begin" in refused(installation, "reingest", "--from", "1h", "--to", "2h"), "an empty span is refused")
    must(told(installation, "reingest", "--from", "1d", "--app", "nobody")["records"] == 0, "nothing is of another app")


def check_lost_rows(installation, store):
    """What the store never got, as after a fault of ours: it is applied, and starts nothing."""
    lost = store.one("SELECT count(*) FROM seen_message")
    write(store, "DELETE FROM seen_message")
    write(store, "DELETE FROM message WHERE direction = 'in' AND wamid LIKE 'wamid.good-%'")
    write(store, "DELETE FROM message WHERE direction = 'in'")
    runs = store.one("SELECT count(*) FROM run")
    rehearsed = told(installation, "reingest", "--from", "1d", "--dry-run")
    done = told(installation, "reingest", "--from", "1d")
    must(rehearsed["fresh"] == done["fresh"] == lost, "as many as were lost", (lost, rehearsed, done))
    must(store.one("SELECT count(*) FROM message WHERE wamid LIKE 'wamid.good-%'") == 20, "they are back")
    time.sleep(1)
    must(store.one("SELECT count(*) FROM run") == runs, "no run is started")


def check_horizon(installation, store):
    day = int(time.time() // 86400)
    write(store, f"INSERT INTO seen_horizon (name, day) VALUES ('seen_message', {day - 3})")
    words = refused(installation, "reingest", "--from", "5d")
    must("remembered no longer" in words and "or later" in words, "what is forgotten is not read again", words)
    must(told(installation, "reingest", "--from", "1d")["fresh"] == 0, "what is remembered is")


def check_drop(installation):
    for letter in told(installation, "letters", "list")["items"]:
        told(installation, "letters", "drop", letter["id"])
    must(waiting(installation) == {}, "what is dropped waits no longer")


def check_metrics(installation):
    def shown():
        text = ask("GET", installation.admin_url + "/metrics").body.decode()
        return 'waypost_dead_letters_waiting{reason="not_json"} 1' in text
    wait_for("the gauge", shown, seconds=20)


def test():
    with tempfile.TemporaryDirectory(prefix="waypost-letters-") as folder:
        with Installation(folder, settings=settings()) as installation:
            installation.add_app()
            workspace = installation.add_workspace("Letters", "admin@example.com", PASSWORD)
            installation.add_number(workspace, NUMBER, "+1 555 000 0001")
            publish(Api(installation.url, workspace, "admin@example.com", PASSWORD), "answers", "you are heard")
            store = Store(installation)
            given_traffic(installation, store)
            check_list(installation)
            letter = check_show(installation)
            check_others_see_nothing(installation, workspace, letter)
            check_retry(installation, store, workspace, letter)
            check_metrics(installation)
            check_retry_by_hand(installation, store, workspace)
            check_reingest(installation, store)
            check_lost_rows(installation, store)
            check_horizon(installation, store)
            check_drop(installation)


if __name__ == "__main__":
    run_test(test)
