"""The doctor and the stop buttons of one number and of all: `waypost doctor` names what is wrong and what to do, a channel whose
token is refused sends nothing until it has a new one and then at once, and a stopped number keeps taking messages."""
import json
import subprocess
import tempfile

from support import Api, Installation, must, publish, run_test, settings, wait_for
from installation import PROGRAMS

PASSWORD = "correct horse battery"
STOPPED, OTHER = "63000001", "63000002"
PHONES = {STOPPED: "4917066600011", OTHER: "4917066600012"}


def waypost(installation, *words):
    command = [PROGRAMS / "waypost", "--socket", installation.nodes[0].admin_socket, *words]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, timeout=60)


def doctor(installation):
    done = waypost(installation, "--json", "doctor", "--settings", "/nowhere")
    return done.returncode, {(one["of"], one["name"]): one["status"] for one in json.loads(done.stdout)["checks"]}


def answers(installation, number):
    return len(installation.control("GET", f"/control/customers/{PHONES[number]}/inbox")["bubbles"])


def write(installation, number):
    installation.control("POST", f"/control/customers/{PHONES[number]}/messages",
                         {"text": "hello", "phone_number_id": number})


def check_doctor(installation):
    code, checks = doctor(installation)
    wrong = {key: status for key, status in checks.items() if status != "good"}
    must(code == 0 and not wrong, "a whole installation is good", wrong)
    must({"store", "redis", "redis-eviction", "journal", "token", "silence"} <= {name for _, name in checks}, "all is looked at",
         checks)
    installation.control("POST", "/control/numbers", {"phone_number_id": STOPPED, "fields": {"quality_rating": "RED"}})
    done = waypost(installation, "doctor", "--settings", "/nowhere")
    must(done.returncode == 1, "what is not good ends with 1", done.returncode)
    must("RED" in done.stdout and "→" in done.stdout and "1 of" in done.stderr, "and is named", done.stdout + done.stderr)
    installation.control("POST", "/control/numbers", {"phone_number_id": STOPPED, "fields": {"quality_rating": "GREEN"}})
    away = subprocess.run([str(PROGRAMS / "waypost"), "--socket", "/nowhere/admin.sock", "doctor"], capture_output=True, text=True,
                          check=False, timeout=60)
    must(away.returncode == 1 and "start waypostd" in away.stdout, "without a daemon it says what to do", away.stdout + away.stderr)


def check_token(installation, api, channel):
    installation.control("POST", "/control/numbers", {"phone_number_id": STOPPED, "token": "second-token"})
    before = answers(installation, STOPPED)
    write(installation, STOPPED)
    wait_for("the channel to wait for a token", lambda: api.get(f"/api/channels/{channel}")["state"] == "needs_token")
    code, checks = doctor(installation)
    must(code == 1 and "bad" in [status for (_, name), status in checks.items() if name == "sends"], "the doctor says so", checks)
    api.call("PATCH", f"/api/channels/{channel}", {"accessToken": "second-token"})
    wait_for("the held answer, at once", lambda: answers(installation, STOPPED) == before + 1, seconds=8)


def check_stop(installation, reach, silent):
    """`silent`: the numbers that answer nobody meanwhile."""
    stop = waypost(installation, "queue", "pause", "sends", *reach, "--reason", "wrong prices go out")
    must(stop.returncode == 0, "it is stopped", stop.stderr)
    before = {number: answers(installation, number) for number in PHONES}
    for number in PHONES:
        write(installation, number)
    wait_for("what is sent to wait", lambda: waiting(installation) == len(silent))
    for number in PHONES:
        if number not in silent:
            wait_for("the other number's answer", lambda n=number: answers(installation, n) == before[n] + 1)
    must(all(answers(installation, number) == before[number] for number in silent), "nothing goes out")
    text = waypost(installation, "queue", "stats").stdout
    must("wrong prices go out" in text, "it says why", text)
    go_on = waypost(installation, "queue", "resume", "sends", *reach)
    must(go_on.returncode == 0, "it goes on", go_on.stderr)
    wait_for("all answers, at once", lambda: all(answers(installation, n) == before[n] + 1 for n in PHONES), seconds=8)


def waiting(installation):
    told = json.loads(waypost(installation, "--json", "queue", "stats").stdout)
    return next(one for one in told["queues"] if one["queue"] == "sends")["waiting"]["paused"]


def test():
    with tempfile.TemporaryDirectory(prefix="waypost-health-") as folder:
        with Installation(folder, settings=settings()) as installation:
            installation.add_app()
            workspace = installation.add_workspace("Health Inc", "ann@example.com", PASSWORD)
            installation.add_number(workspace, STOPPED, "+1 555 063 0001", "63009001")
            installation.add_number(workspace, OTHER, "+1 555 063 0002", "63009002")
            api = Api(installation.url, workspace, "ann@example.com", PASSWORD)
            publish(api, "A", "answer")
            channel = next(one["id"] for one in api.get("/api/channels")["items"] if one["phoneNumberId"] == STOPPED)
            check_doctor(installation)
            check_stop(installation, ["--channel", channel], [STOPPED])
            check_stop(installation, ["--all"], [STOPPED, OTHER])
            check_token(installation, api, channel)


if __name__ == "__main__":
    run_test(test)
