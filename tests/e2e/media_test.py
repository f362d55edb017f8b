"""Files that customers send, and that are sent to them: fetched, checked and handed out; what cannot be had says why; a
kill -9 in the middle of a download or of an upload leaves nothing half, loses and doubles nothing; and neither webhooks nor
answers wait for slow ones."""
import base64
import datetime
import hashlib
import os
import pathlib
import tempfile
import time

from support import Api, Installation, ask, must, publish, run_test, settings, wait_for

PASSWORD = "correct horse battery"
NUMBER, OTHER_NUMBER = "62000001", "62000002"
PHONE = "4917066600001"
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


def seconds_between(first, last):
    parse = datetime.datetime.fromisoformat
    return (parse(last.replace("Z", "+00:00")) - parse(first.replace("Z", "+00:00"))).total_seconds()


class Stage:
    def __init__(self, installation):
        self.installation = installation
        self.files = pathlib.Path(installation.folder, "data", "media")
        installation.add_app()
        self.workspace = installation.add_workspace("Acme", "ann@example.com", PASSWORD)
        installation.add_number(self.workspace, NUMBER, "15550000001")
        self.api = Api(installation.url, self.workspace, "ann@example.com", PASSWORD)
        publish(self.api, "answers", "thank you")

    def sends(self, kind="image", phone=PHONE, **media):
        """A customer sends a file; returns the message's wamid."""
        body = {"type": kind, "phone_number_id": NUMBER, "media": media}
        return self.installation.control("POST", f"/control/customers/{phone}/messages", body)["wamid"]

    def fault(self, **rule):
        self.installation.control("POST", "/control/faults", rule)

    def message(self, wamid):
        for conversation in self.api.get("/api/conversations?limit=100")["items"]:
            for message in self.api.get(f"/api/conversations/{conversation['id']}/messages")["messages"]:
                if message["wamid"] == wamid:
                    return message
        return None

    def media(self, wamid):
        message = self.message(wamid)
        return message and message["media"]

    def settled(self, wamid, seconds=30):
        def look():
            media = self.media(wamid)
            return media if media and media["state"] != "pending" else None
        return wait_for(f"the file of {wamid}", look, seconds)

    def get(self, media, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return ask("GET", f"{self.api.url}/api/media/{media['id']}", None,
                   {"Cookie": f"session_token={self.api.session}", "x-tenant-id": self.api.workspace, **headers})

    def post_bytes(self, path, body, content_type):
        return ask("POST", f"{self.api.url}{path}", body,
                   {"Cookie": f"session_token={self.api.session}", "x-tenant-id": self.api.workspace, "Content-Type": content_type})

    def answers(self, phone=PHONE):
        return len(self.installation.control("GET", f"/control/customers/{phone}/inbox")["bubbles"])

    def on_disk(self):
        return sorted(str(path.relative_to(self.files)) for path in self.files.rglob("*") if path.is_file())


def check_fetched(stage):
    """It comes whole and in parts, as what it is, and to its workspace alone."""
    media = stage.settled(stage.sends(base64=base64.b64encode(PNG).decode(), caption="my cat"))
    must(media["state"] == "stored" and media["mimeType"] == "image/png", "a picture is stored", media)
    whole = stage.get(media)
    must(whole.status == 200 and whole.body == PNG, "it is handed out", whole.status)
    for name, value in {"Content-Type": "image/png", "X-Content-Type-Options": "nosniff", "Content-Length": str(len(PNG)),
                        "ETag": f'"{hashlib.sha256(PNG).hexdigest()}"'}.items():
        must(whole.headers[name] == value, f"with {name}", whole.headers[name])
    part = stage.get(media, Range="bytes=4-7")
    must(part.status == 206 and part.body == PNG[4:8] and part.headers["Content-Range"] == f"bytes 4-7/{len(PNG)}",
         "in parts", (part.status, part.body))
    must(stage.get(media, Range="bytes=100000-").status == 416, "not beyond its end")
    must(stage.get(media, If_None_Match=whole.headers["ETag"]).status == 304, "not twice")
    head = stage.api.call("HEAD", f"/api/media/{media['id']}")
    must(head.status == 200 and head.body == b"" and head.headers["Content-Length"] == str(len(PNG)), "a HEAD says all")
    name = hashlib.sha256(PNG).hexdigest()
    must(stage.on_disk() == [f"{name[:2]}/{name}"], "it lies under its hash", stage.on_disk())
    must(ask("GET", f"{stage.api.url}/api/media/{media['id']}").status == 401, "not to strangers")
    other = stage.installation.add_workspace("Other", "bob@example.com", PASSWORD)
    stage.installation.add_number(other, OTHER_NUMBER, "15550000002", waba_id="9002")
    bob = stage.bob = Api(stage.installation.url, other, "bob@example.com", PASSWORD)
    must(bob.call("GET", f"/api/media/{media['id']}").status == 404, "not to another workspace")
    wait_for("the run to answer", lambda: stage.answers() == 1)


def check_events(stage):
    events = stage.api.get("/api/events?after=0&limit=1000")["items"]
    received = next(event for event in events if event["type"] == "message.received")
    must(received["payload"]["message"]["media"]["state"] == "pending", "the message tells of its file", received)
    stored = next(event for event in events if event["type"] == "media.stored")
    must(stored["payload"]["media"]["messageId"] == received["payload"]["message"]["id"], "the file of its message", stored)


def check_document(stage):
    wamid = stage.sends("document", filename="Rechnung für Ömer.pdf")
    media = stage.settled(wamid)
    told = stage.get(media).headers["Content-Disposition"]
    must(told == "attachment; filename=\"Rechnung f_r _mer.pdf\"; filename*=UTF-8''Rechnung%20f%C3%BCr%20%C3%96mer.pdf",
         "a document is an attachment", told)


def check_refused(stage):
    """What must not be kept is not, and the customer is answered nevertheless."""
    before = stage.answers()
    page = base64.b64encode(b"<html><script>alert(1)</script></html>").decode()
    media = stage.settled(stage.sends(base64=page))
    must(media["state"] == "unavailable" and media["reason"] == "forbidden_type", "a page is no picture", media)
    answer = stage.get(media)
    must(answer.status == 410 and answer.json["reason"] == "forbidden_type", "and says so", answer.body)
    wait_for("the run to go on", lambda: stage.answers() == before + 1)
    stage.fault(kind="media_corrupt", next=3)
    media = stage.settled(stage.sends(base64=base64.b64encode(PNG + b"corrupt").decode()), 60)
    must(media["reason"] == "hash_mismatch", "other bytes than promised are not kept", media)
    stage.fault(kind="media_dead", next=1)
    stage.fault(kind="media_cut", next=1)
    media = stage.settled(stage.sends(base64=base64.b64encode(PNG + b"cut").decode()), 60)
    must(media["state"] == "stored", "a dead address and a cut download are made good", media)


def check_kill(stage):
    """In the middle of a download."""
    before = stage.on_disk()
    stage.fault(kind="media_slow", next=1, ms=200)
    wamid = stage.sends(bytes=20_000_000)
    wait_for("the download to be under way",
             lambda: any((stage.files / name).stat().st_size > 500_000 for name in stage.on_disk() if name.startswith("drafts/")))
    stage.installation.daemon.kill()
    halves = [name for name in stage.on_disk() if name not in before]
    must(len(halves) == 1 and halves[0].startswith("drafts/"), "nothing half is under a hash", halves)
    stage.installation.start_daemon()
    stage.api.url = stage.installation.url
    must(not any(name in stage.on_disk() for name in halves), "the half is gone", stage.on_disk())
    media = stage.settled(wamid, 60)
    must(media["state"] == "stored" and media["size"] == 20_000_000, "it is fetched anew", media)
    body = stage.get(media).body
    must(len(body) == 20_000_000 and body.startswith(PNG), "whole")
    must(not [name for name in stage.on_disk() if name.startswith("drafts/")], "no draft is left", stage.on_disk())


def check_upload(stage):
    """A film of 16 MB is brought and sent. The daemon dies while Meta has it and has not answered: it is brought to Meta
    once more, and the customer has one film, byte for byte. What Meta has is sent again without a further upload."""
    film = base64.b64decode("AAAAGGZ0eXBtcDQyAAAAAG1wNDJpc29t") + os.urandom((16 << 20) - 24)
    digest = hashlib.sha256(film).hexdigest()
    brought = stage.post_bytes("/api/media?filename=film.mp4", film, "video/mp4")
    must(brought.status == 201 and brought.json["sha256"] == digest and brought.json["kind"] == "video", "a film is brought",
         brought.body[:300])
    upload = brought.json["id"]
    must(stage.post_bytes("/api/media", b"<html><script>alert(1)</script></html>", "video/mp4").status == 415, "a page is not")
    must(stage.get({"id": upload}).body == film, "it is handed out")
    talk = next(one["id"] for one in stage.api.get("/api/conversations?limit=100")["items"] if one["contact"]["waId"] == PHONE)

    def films():
        inbox = stage.installation.control("GET", f"/control/customers/{PHONE}/inbox")["bubbles"]
        return [bubble for bubble in inbox if bubble["type"] == "video"]

    def uploads():
        return stage.installation.control("GET", "/control/uploads")["uploads"]
    stage.fault(kind="upload_slow", next=1, ms=30_000)
    sent = stage.api.post(f"/api/conversations/{talk}/messages", {"type": "video", "uploadId": upload, "caption": "look"})
    must(sent["content"] == {"uploadId": upload, "caption": "look"}, "the message names it", sent)
    must(stage.api.call("DELETE", f"/api/media/{upload}").status == 409, "what is to be sent is not deleted")
    wait_for("the upload to be under way", lambda: len(uploads()) == 1)
    stage.installation.daemon.kill()
    must(not films(), "nothing was sent before the upload was answered")
    stage.installation.start_daemon()
    stage.api.url = stage.installation.url
    wait_for("the film to come", films, 60)
    known = {one["id"]: one for one in uploads()}
    must(len(known) == 2 and all(one["sha256"] == digest and one["size"] == 16 << 20 for one in known.values()),
         "Meta has its bytes, twice", known)
    must(films()[0]["content"]["id"] == max(known), "the film that the daemon was told the id of is sent", films())
    stage.api.post(f"/api/conversations/{talk}/messages", {"type": "video", "uploadId": upload})
    wait_for("it to come again", lambda: len(films()) == 2, 30)
    must(len(uploads()) == 2, "without a further upload", uploads())
    wait_for("it to be deleted", lambda: stage.api.call("DELETE", f"/api/media/{upload}").status == 200)
    must([one["kept"] for one in uploads()] == [True, False], "at Meta, too, as far as its id is known", uploads())


def check_slow_ones_hold_up_nobody(stage):
    """A workspace has all the fetchers that it may have hang in downloads: webhooks, answers and the other workspace's
    files do not notice."""
    stage.fault(kind="media_slow", next=100, ms=500, phone_number_id=NUMBER)
    slow = [stage.sends(phone=f"49170777{number:05}", bytes=3_000_000) for number in range(12)]
    wait_for("downloads to be under way", lambda: len([name for name in stage.on_disk() if name.startswith("drafts/")]) >= 3)
    began = time.monotonic()
    phones = [f"49170888{number:05}" for number in range(20)]
    for phone in phones:
        stage.installation.control("POST", f"/control/customers/{phone}/messages", {"text": "hello", "phone_number_id": NUMBER})
    wait_for("all of them to be answered", lambda: all(stage.answers(phone) == 1 for phone in phones), 15)
    took = time.monotonic() - began
    must(took < 10, "answers do not wait for downloads", f"{took:.1f} s")
    began = time.monotonic()
    stage.installation.control("POST", f"/control/customers/{PHONE}/messages", {"type": "image", "phone_number_id": OTHER_NUMBER})

    def stored_for_bob():
        events = stage.bob.get("/api/events?after=0&limit=1000")["items"]
        return any(event["type"] == "media.stored" for event in events)
    stage.bob.url = stage.installation.url
    wait_for("the other workspace's file", stored_for_bob, 15)
    must(time.monotonic() - began < 10, "the other workspace has a fetcher of its own")
    written = {one["wamid"]: one for one in stage.installation.control("GET", "/control/inbound")["inbound"]}
    late = [one for one in written.values() if one["type"] == "text" and seconds_between(one["at"], one["acked_at"]) > 1]
    must(not late, "no webhook is slowed", late)
    must(any(stage.media(wamid)["state"] == "pending" for wamid in slow), "which are still under way")
    stage.installation.control("DELETE", "/control/faults")


def test():
    with tempfile.TemporaryDirectory() as folder, Installation(folder, settings=settings(media={"workers": 4})) as installation:
        stage = Stage(installation)
        check_fetched(stage)
        check_events(stage)
        check_document(stage)
        check_refused(stage)
        check_kill(stage)
        check_upload(stage)
        check_slow_ones_hold_up_nobody(stage)


if __name__ == "__main__":
    run_test(test)
