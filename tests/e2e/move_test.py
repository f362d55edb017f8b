"""A whole installation moved: exported, imported into another store, backed up while it runs, restored, and the journal
of a node that is gone adopted. With WAYPOST_TEST_STORE=postgresql it begins on PostgreSQL and moves to SQLite."""
import json
import pathlib
import shutil
import stat
import subprocess
import tempfile

from support import Api, Installation, must, publish, run_test, settings, wait_for
from installation import PROGRAMS

PASSWORD = "correct horse battery"
PHONE_NUMBER_ID, WABA_ID = "63000001", "63009001"


def waypost(installation, *words):
    node = installation.nodes[0]
    command = [PROGRAMS / "waypost", "--socket", node.admin_socket, "--json", *words]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)


def offline(installation, word, file):
    return waypost(installation, word, file, "--config", installation.nodes[0].folder / "waypost.toml")


def write(installation, phone, text):
    installation.control("POST", f"/control/customers/{phone}/messages", {"text": text, "phone_number_id": PHONE_NUMBER_ID})


def bubbles(installation, phone):
    return [bubble["text"] for bubble in installation.control("GET", f"/control/customers/{phone}/inbox")["bubbles"]]


def conversation_of(api, phone):
    contacts = {one["id"] for one in api.get("/api/contacts?limit=100")["items"] if one["waId"] == phone}
    found = (one["id"] for one in api.get("/api/conversations?limit=100")["items"] if one["contactId"] in contacts)
    return next(found, None)


def texts(api, conversation):
    return sorted(one["text"] for one in api.get(f"/api/conversations/{conversation}/messages?limit=100")["messages"])


def move_to(installation, folder, name):
    """Another, empty store: SQLite in a data folder of its own; the key file stays."""
    node = installation.nodes[0]
    node.sections.setdefault("store", {})["url"] = f"sqlite:{folder}/{name}.db"
    node.write_settings()


def held(installation):
    return json.loads(waypost(installation, "sends", "held").stdout)["items"]


def check_export_and_import(installation, api, folder):
    file = folder / "moved.export"
    refused = offline(installation, "export", file)
    must(refused.returncode == 1 and "stop it first" in refused.stderr, "a running daemon is named", refused.stderr)
    must("waypost backup" in refused.stderr and not file.exists(), "with what to use instead", refused.stderr)
    installation.daemon.stop()
    done = offline(installation, "export", file)
    must(done.returncode == 0 and json.loads(done.stdout)["rows"] > 5, "a stopped installation is exported", done.stderr)
    must(stat.S_IMODE(file.stat().st_mode) == 0o600, "for its owner only", oct(file.stat().st_mode))
    must("key file" in done.stderr, "what else to keep is said", done.stderr)
    refused = offline(installation, "import", file)
    must(refused.returncode == 1 and "holds rows" in refused.stderr, "a store in use is refused", refused.stderr)
    move_to(installation, folder, "moved")
    key = pathlib.Path(installation.nodes[0].folder, "data", "store.key")
    shutil.move(key, folder / "store.key")
    refused = offline(installation, "import", file)
    must(refused.returncode == 1 and "key file" in refused.stderr, "without the key file it is refused", refused.stderr)
    shutil.move(folder / "store.key", key)
    done = offline(installation, "import", file)
    must(done.returncode == 0, "it is imported", done.stderr)
    told = json.loads(done.stdout)
    must(told["complete"] and any(one["table"] == "message" and one["inFile"] == one["inStore"] > 0 for one in told["items"]),
         "and every table counted", told)
    installation.start_daemon()
    before = texts(api, conversation_of(api, "4917055500001"))
    must(before == ["hello", "thanks"], "the conversation is there, by the session of before", before)
    write(installation, "4917055500001", "again")
    wait_for("an answer on the new store", lambda: bubbles(installation, "4917055500001") == ["thanks", "thanks"])


def check_backup_and_restore(installation, api, channel, folder):
    file = folder / "backup.export"
    api.call("PATCH", f"/api/channels/{channel}", {"state": "paused"})
    conversation = conversation_of(api, "4917055500001")
    api.post(f"/api/conversations/{conversation}/messages", {"text": "waited"})
    done = waypost(installation, "backup", file)
    must(done.returncode == 0, "a running installation is backed up", done.stderr)
    must(stat.S_IMODE(file.stat().st_mode) == 0o600, "for its owner only", oct(file.stat().st_mode))
    api.call("PATCH", f"/api/channels/{channel}", {"state": "active"})
    wait_for("what waited to go out after the backup", lambda: bubbles(installation, "4917055500001").count("waited") == 1,
             seconds=120)  # a paused channel is looked at again after 30 s, a lost signal after 60 s
    write(installation, "4917055500002", "came after the backup")
    wait_for("its conversation", lambda: conversation_of(api, "4917055500002"))
    wait_for("its answer", lambda: bubbles(installation, "4917055500002") == ["thanks"])
    installation.daemon.stop()

    move_to(installation, folder, "restored")
    done = offline(installation, "import", file)
    must(done.returncode == 0 and json.loads(done.stdout)["held"] == 1, "a restored store holds what waited", done.stderr)
    installation.start_daemon("--after-restore")
    wait_for("the journal to bring the rest", lambda: conversation_of(api, "4917055500002"))
    wait_for("its statuses to say that it went out", lambda: held(installation) == [])
    api.call("PATCH", f"/api/channels/{channel}", {"state": "active"})
    wait_for("the restored number to send", lambda: bubbles(installation, "4917055500002").count("thanks") >= 2,
             seconds=120)
    must(texts(api, conversation_of(api, "4917055500002")).count("came after the backup") == 1, "nothing is doubled")
    must(bubbles(installation, "4917055500001").count("waited") == 1, "what went out is not sent again")


def check_held(installation, api, channel, folder):
    """Nobody can say whether it went out: no status came."""
    file = folder / "held.export"
    api.call("PATCH", f"/api/channels/{channel}", {"state": "paused"})
    conversation = conversation_of(api, "4917055500001")
    api.post(f"/api/conversations/{conversation}/messages", {"text": "undecided"})
    must(waypost(installation, "backup", file).returncode == 0, "it is backed up")
    installation.daemon.stop()
    move_to(installation, folder, "held")
    must(offline(installation, "import", file).returncode == 0, "and imported")
    for words in ([], ["--after-restore"], []):
        installation.start_daemon(*words)
        found = held(installation)
        must(len(found) == 1 and found[0]["held"] == 1, "it is held, over every start", found)
        installation.daemon.stop()
    installation.start_daemon()
    api.call("PATCH", f"/api/channels/{channel}", {"state": "active"})
    api.post(f"/api/conversations/{conversation}/messages", {"text": "newer"})
    must(held(installation)[0]["waitingBehind"] == 1, "a newer one waits behind it", held(installation))
    write(installation, "4917055500003", "somebody else")
    wait_for("another conversation to be answered", lambda: bubbles(installation, "4917055500003") == ["thanks"])
    done = waypost(installation, "sends", "drop")
    must(json.loads(done.stdout) == {"dropped": 1}, "an operator drops it", done.stdout + done.stderr)
    wait_for("the conversation to go on", lambda: "newer" in bubbles(installation, "4917055500001"))
    must("undecided" not in bubbles(installation, "4917055500001") and held(installation) == [], "and it never goes out")


def check_adoption(installation, api, folder):
    """The journal so far, as if it were of a node whose store never saw its end."""
    gone = folder / "gone"
    installation.daemon.stop()
    shutil.copytree(installation.nodes[0].folder / "data" / "journal", gone)
    data = installation.nodes[0].folder / "data"
    shutil.move(data / "journal", folder / "put-away")
    installation.start_daemon()
    before = texts(api, conversation_of(api, "4917055500001"))
    done = waypost(installation, "adopt-journal", gone)
    must(done.returncode == 0 and json.loads(done.stdout)["state"] == "adopted", "a journal is adopted", done.stderr)
    must((gone / "adopted").exists(), "and marked")
    must(texts(api, conversation_of(api, "4917055500001")) == before, "nothing is applied twice")
    again = waypost(installation, "adopt-journal", gone)
    must(again.returncode == 1 and "was adopted" in again.stderr, "a second time it says so", again.stderr)
    alive = waypost(installation, "adopt-journal", data / "journal")
    must(alive.returncode == 1, "the daemon's own is refused", alive.stderr)


def test():
    with tempfile.TemporaryDirectory(prefix="waypost-move-") as name:
        folder = pathlib.Path(name)
        with Installation(folder / "here", settings=settings()) as installation:
            installation.add_app()
            workspace = installation.add_workspace("Acme", "ann@example.com", PASSWORD)
            channel = installation.add_number(workspace, PHONE_NUMBER_ID, "+1 555 063 0001", WABA_ID)["id"]
            api = Api(installation.url, workspace, "ann@example.com", PASSWORD)
            publish(api, "Thanks", "thanks")
            write(installation, "4917055500001", "hello")
            wait_for("an answer", lambda: bubbles(installation, "4917055500001") == ["thanks"])
            check_export_and_import(installation, api, folder)
            check_backup_and_restore(installation, api, channel, folder)
            check_held(installation, api, channel, folder)
            check_adoption(installation, api, folder)


run_test(test)
