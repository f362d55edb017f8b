"""What must not get in: unsigned, wrongly signed, too big, malformed; and what must not be lost beside it."""
import hashlib
import hmac
import http.client
import json
import tempfile
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

from support import Api, Installation, Store, ask, must, publish, run_test, settings, wait_for

PASSWORD = "correct horse battery"
PHONE_NUMBER_ID = "60000001"


def text_message(wamid, text, sender="4915100000001", at=None):
    return {"from": sender, "id": wamid, "timestamp": str(int(at or time.time())), "type": "text", "text": {"body": text}}


def envelope(messages, phone_number_id=PHONE_NUMBER_ID):
    return {"object": "whatsapp_business_account", "entry": [{"id": "9001", "changes": [{"field": "messages", "value": {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550000001", "phone_number_id": phone_number_id},
        "contacts": [{"profile": {"name": "Jane"}, "wa_id": "4915100000001"}], "messages": messages}}]}]}


class Meta:
    """Signs and posts what Meta would, and what it would not."""

    def __init__(self, installation):
        self.installation = installation

    def signature(self, body):
        return "sha256=" + hmac.new(self.installation.app_secret.encode(), body, hashlib.sha256).hexdigest()

    def post(self, body, signature=None, path=""):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        if signature != "":
            headers["X-Hub-Signature-256"] = signature or self.signature(body)
        return ask("POST", self.installation.webhook_url + path, body, headers)


def rows(installation, text):
    return Store(installation).rows(text)


def raw_bytes(cell):
    """Of a column of bytes: psql writes it in hex."""
    return bytes.fromhex(cell[2:]) if isinstance(cell, str) else bytes(cell)


def check_handshake(installation):
    def shake(token, mode="subscribe"):
        return ask("GET", f"{installation.webhook_url}?hub.mode={mode}&hub.challenge=17%20x&hub.verify_token={token}")

    good = shake(installation.verify_token)
    must((good.status, good.body) == (200, b"17 x"), "the challenge comes back exactly", (good.status, good.body))
    must(shake("wrong").status == 403, "a wrong verify token is 403")
    must(shake(installation.verify_token, "unsubscribe").status == 403, "another mode is 403")


def check_signatures(installation, meta):
    body = json.dumps(envelope([text_message("wamid.never", "never")])).encode()
    refusals = [meta.post(body, ""), meta.post(body, "sha256=" + "0" * 64), meta.post(body, "sha1=" + "0" * 40),
                meta.post(body, "sha256=xyz"), meta.post(body + b" ", meta.signature(body)), meta.post(body, path="/nobody")]
    must([answer.status for answer in refusals] == [401] * 6, "all are refused", [answer.status for answer in refusals])
    must(len({answer.body for answer in refusals}) == 1, "the refusal is constant", {answer.body for answer in refusals})
    must(not rows(installation, "SELECT 1 FROM message"), "nothing of it is stored")


def announced_size(installation, meta, size):
    """The status for a body of which only the size has come."""
    where = urllib.parse.urlsplit(installation.webhook_url)
    connection = http.client.HTTPConnection(where.hostname, where.port, timeout=10)
    connection.putrequest("POST", where.path)
    connection.putheader("Content-Length", str(size))
    connection.putheader("X-Hub-Signature-256", meta.signature(b""))
    connection.endheaders()
    status = connection.getresponse().status
    connection.close()
    return status


def check_sizes(installation, meta):
    must(meta.post(b" " * (4 << 20)).status == 200, "4 MiB are taken")
    wait_for("the blank body's dead letter", lambda: dead_letters(installation) == ["not_json"])
    must(announced_size(installation, meta, (4 << 20) + 1) == 413, "a byte more is 413, before it comes")


def dead_letters(installation):
    return sorted(reason for (reason,) in rows(installation, "SELECT reason FROM dead_letter"))


def check_dead_letters(installation, meta):
    before = len(dead_letters(installation))
    for body in (b"not json", b'{"object":"whatsapp_business_account"', b"[1,2]", b'"x"'):
        must(meta.post(body).status == 200, "what is not understood is a 200", body)
    wait_for("four dead letters", lambda: len(dead_letters(installation)) == before + 4)
    mixed = envelope([text_message("wamid.good-1", "one"), {"from": 7}, "junk", text_message("wamid.good-2", "two")])
    must(meta.post(mixed).status == 200, "a half-understood POST is a 200")
    wait_for("the good ones", lambda: len(rows(installation, "SELECT 1 FROM message WHERE wamid LIKE 'wamid.good-%'")) == 2)
    wait_for("the bad ones", lambda: len(dead_letters(installation)) == before + 6)
    raw = rows(installation, "SELECT raw FROM dead_letter WHERE journal_position = 1 OR reason = 'not_json'")
    must(any(b"not json" in raw_bytes(one) for (one,) in raw), "a dead letter keeps the raw bytes", raw[:3])


def check_number_without_channel(installation, meta, workspace):
    must(meta.post(envelope([text_message("wamid.early", "early")], "60000002")).status == 200, "an unknown number is a 200")
    wait_for("its dead letter", lambda: "no_channel" in dead_letters(installation))
    installation.add_number(workspace, "60000002", "+1 555 000 0002")
    wait_for("the message, once the channel is made",
             lambda: rows(installation, "SELECT 1 FROM message WHERE wamid = 'wamid.early'"))


def check_repeats(installation, meta):
    body = envelope([text_message("wamid.again", "again")])
    for _ in range(20):
        must(meta.post(body).status == 200, "a repeated POST is a 200")
    meta.post(envelope([text_message("wamid.last", "last")]))
    wait_for("the last", lambda: rows(installation, "SELECT 1 FROM message WHERE wamid = 'wamid.last'"))
    must(len(rows(installation, "SELECT 1 FROM message WHERE wamid = 'wamid.again'")) == 1, "and is applied once")


def check_at_once(installation, meta, api):
    """Meta's retries and its several deliverers may bring the same POST at the same moment. The sandbox has not seen these
    messages: it refuses the answers, and a run may end as failed."""
    publish(api, "Echo", "echo {{message.text}}")
    body = json.dumps(envelope([text_message("wamid.at-once", "at once")])).encode()
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: meta.post(body).status, range(50)))
    must(answers == [200] * 50, "the same POST 50 times at once is 50 times a 200", answers)
    meta.post(envelope([text_message("wamid.behind", "behind")]))
    ended = "SELECT 1 FROM run AS r JOIN message AS m ON m.tenant_id = r.tenant_id AND m.id = r.message_id WHERE m.wamid = 'wamid.behind' AND r.ended_at IS NOT NULL"
    wait_for("the run of the message behind them", lambda: rows(installation, ended))
    store = Store(installation)
    must(store.one("SELECT count(*) FROM message WHERE wamid = 'wamid.at-once'") == 1, "one message")
    told = store.rows("SELECT payload FROM event WHERE type = 'message.received'")
    must(sum("wamid.at-once" in payload for (payload,) in told) == 1, "one event")
    runs = "SELECT count(*) FROM run AS r JOIN message AS m ON m.tenant_id = r.tenant_id AND m.id = r.message_id WHERE m.wamid = "
    must(store.one(runs + "'wamid.at-once'") == 1, "one run, so one trigger")
    must(store.one("SELECT count(*) FROM run_trigger") == 0, "and no trigger is left")


def check_api(installation, api):
    def status(method, path, body=None, headers=None):
        full = {"Cookie": f"session_token={api.session}", "x-tenant-id": api.workspace}
        return ask(method, installation.url + path, body, full if headers is None else headers).status

    unknown = "018bcfe5-687b-7000-8000-000000000001"
    must(status("POST", "/api/contacts", b"{") == 400, "malformed JSON is 400")
    answer = api.call("POST", "/api/contacts", {"phone": "nonsense"})
    must(answer.status == 400 and answer.json["details"], "a wrong field is 400 with details", answer.body)
    must(status("POST", "/api/contacts", {"name": "J", "phone": "+14155551234"}) == 201, "a contact is made")
    must(status("POST", "/api/contacts", {"name": "J", "phone": "+1 (415) 555-1234"}) == 409, "its phone again is 409")
    must(status("GET", f"/api/contacts/{unknown}") == 404, "an unknown id is 404")
    must(status("GET", "/api/contacts/junk") == 404, "a malformed id is 404")
    must(status("GET", "/api/contacts", headers={"x-tenant-id": api.workspace}) == 401, "no session is 401")
    must(status("GET", "/api/contacts", headers={"Cookie": f"session_token={api.session}"}) == 401, "no workspace is 401")
    must(status("GET", "/api/contacts", headers={"Cookie": f"session_token={api.session}", "x-tenant-id": unknown}) == 403,
         "another's workspace is 403")
    workflow = api.post("/api/workflows", {"name": "Broken"})["id"]
    api.put(f"/api/workflows/{workflow}/draft", {"draftGraph": {"nodes": [], "edges": [], "entry": "x"}})
    answer = api.call("POST", f"/api/workflows/{workflow}/publish", {})
    must(answer.status == 422 and answer.json["details"], "an invalid graph is 422 with details", answer.body)


def test():
    with tempfile.TemporaryDirectory(prefix="waypost-bad-") as folder:
        with Installation(folder, settings=settings()) as installation:
            installation.add_app()
            workspace = installation.add_workspace("Bad", "bad@example.com", PASSWORD)
            meta = Meta(installation)
            check_handshake(installation)
            check_signatures(installation, meta)
            installation.add_number(workspace, PHONE_NUMBER_ID, "+1 555 000 0001")
            check_sizes(installation, meta)
            check_dead_letters(installation, meta)
            check_number_without_channel(installation, meta, workspace)
            check_repeats(installation, meta)
            api = Api(installation.url, workspace, "bad@example.com", PASSWORD)
            check_at_once(installation, meta, api)
            check_api(installation, api)


if __name__ == "__main__":
    run_test(test)
