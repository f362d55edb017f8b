"""./run: starts a whole Waypost installation to try, and with --once carries one message through it and checks it."""
import argparse
import os
import pathlib
import secrets
import shutil
import signal
import sys
import tempfile
import time

from installation import Api, Failed, Installation, wait_for

EMAIL = "admin@example.com"
PHONE_NUMBER_ID = "106540352242922"
WABA_ID = "102290129340398"
DISPLAY = "+1 555 078 3881"
CUSTOMER = "+14155550123"

DEMO_GRAPH = {
    "entry": "start",
    "nodes": [
        {"id": "start", "type": "trigger.inbound_message", "position": {"x": 0, "y": 0}},
        {"id": "greet", "type": "wa.send_message", "position": {"x": 0, "y": 120},
         "data": {"body": "Hello {{contact.name}}! You wrote: {{message.text}}"}},
        {"id": "which", "type": "logic.switch", "position": {"x": 0, "y": 240},
         "data": {"conditions": [{"field": "message.text", "operator": "contains", "value": "price", "label": "price"}]}},
        {"id": "prices", "type": "wa.send_message", "position": {"x": -160, "y": 360},
         "data": {"body": "Our prices are on the way to you."}},
        {"id": "remember", "type": "state.set_field", "position": {"x": 0, "y": 480},
         "data": {"target": "contact", "field": "last_topic", "value": "{{message.text}}"}},
        {"id": "end", "type": "logic.end", "position": {"x": 0, "y": 600}},
    ],
    "edges": [
        {"id": "e1", "source": "start", "target": "greet"},
        {"id": "e2", "source": "greet", "target": "which"},
        {"id": "e3", "source": "which", "sourceHandle": "price", "target": "prices"},
        {"id": "e4", "source": "which", "sourceHandle": "default", "target": "remember"},
        {"id": "e5", "source": "prices", "target": "remember"},
        {"id": "e6", "source": "remember", "target": "end"},
    ],
}


class Demo:
    """The demo workspace in an installation."""

    def __init__(self, installation):
        self.installation = installation
        self.password = secrets.token_urlsafe(12)

    def set_up(self):
        here = self.installation
        here.add_app()
        self.workspace = here.add_workspace("Demo", EMAIL, self.password)
        self.channel = here.add_number(self.workspace, PHONE_NUMBER_ID, DISPLAY, WABA_ID)
        self.token = here.cli("token", "create", "--workspace", self.workspace, "--name", "demo", "--role", "admin")["token"]
        self.api = Api(here.url, self.workspace, EMAIL, self.password)
        workflow = self.api.post("/api/workflows", {"name": "Demo: greet, switch, remember"})
        self.api.put(f"/api/workflows/{workflow['id']}/draft", {"draftGraph": DEMO_GRAPH})
        self.api.post(f"/api/workflows/{workflow['id']}/publish", {})

    def write_env(self):
        """FOLDER/env, mode 0600: what a shell needs to talk to this installation."""
        here = self.installation
        values = {
            "WAYPOST_URL": here.url, "WAYPOST_ADMIN_URL": here.admin_url, "WAYPOST_EMAIL": EMAIL,
            "WAYPOST_PASSWORD": self.password, "WAYPOST_API_TOKEN": self.token, "TENANT_ID": self.workspace,
            "WAYPOST_SANDBOX_URL": here.sandbox_url, "WAYPOST_WEBHOOK_URL": here.webhook_url,
            "WAYPOST_APP_SECRET": here.app_secret, "WAYPOST_VERIFY_TOKEN": here.verify_token,
            "WAYPOST_PHONE_NUMBER_ID": PHONE_NUMBER_ID, "WAYPOST_WABA_ID": WABA_ID,
            "WAYPOST_REDIS": f"unix:{here.redis_socket}", "WAYPOST_PID": here.daemon.pid,
        }
        path = here.folder / "env"
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.writelines(f"{key}='{value}'\n" for key, value in values.items())
        return path

    def greet(self, env):
        here = self.installation
        nodes = "".join(f"\n  {node.name}     {node.url}   (admin {node.admin_url})" for node in here.nodes[1:] and here.nodes)
        print(f"""
Waypost runs.
  API        {here.url}
  sandbox    {here.sandbox_url}   (a simulator of Meta and of customers' phones)
  admin      {here.admin_url}   (/readyz, /metrics){nodes}
  sign in    {EMAIL}  {self.password}
  shell      . {env}

Write as a customer, then read the conversation:
  curl -s {here.sandbox_url}/control/customers/{CUSTOMER}/messages -d '{{"text":"hello"}}'
  curl -s {here.url}/api/conversations -H "Authorization: Bearer $WAYPOST_API_TOKEN"     (after `. {env}`)

Ctrl-C stops it all.""", flush=True)


class Transcript:
    """One customer's "hello" carried through the installation, with the time of each leg."""

    def __init__(self, demo):
        self.demo, self.api, self.lines = demo, demo.api, []

    def carry(self):
        here = self.demo.installation
        began = time.time()
        sent = here.control("POST", f"/control/customers/{CUSTOMER}/messages", {"text": "hello", "profile_name": "Jane"})
        self.leg("customer wrote", 0.0, '"hello"')
        wait_for("the reply to be read", lambda: self.event("message.read"), 30)
        run = wait_for("the run to end", lambda: self.event("run.completed"), 10)["payload"]["run"]
        written = here.control("GET", "/control/inbound")["inbound"]
        acked = next(message["acked_at"] for message in written if message["wamid"] == sent["wamid"])
        self.leg("webhook acked", millis(acked) - began, "200")
        self.leg("applied", self.at("message.received") - began, "conversation, window, trigger")
        self.leg("run started", millis(run["startedAt"]) - began, run["id"])
        for step in self.api.get(f"/api/runs/{run['id']}/steps")["steps"]:
            self.leg(f"  step {step['nodeId']}", millis(step["endedAt"]) - began, f"{step['nodeType']} {step['status']}")
        # A status may be quicker than the answer to the send: then there is no event of its acceptance.
        accepted = self.event("message.read")["payload"]["message"]["acceptedAt"]
        if accepted:
            self.leg("send accepted", millis(accepted) - began, "")
        for kind, words in (("message.delivered", "delivered"), ("message.read", "read")):
            self.leg(words, self.at(kind) - began, "")
        print("\n".join(f"{seconds * 1000:9.1f} ms  {what:18} {words}" for what, seconds, words in self.lines))
        return run, sent["wamid"]

    def check(self, run, wamid):
        """The same over the API; raises on the first thing that does not hold."""
        conversations = self.api.get("/api/conversations")
        must(conversations["total"] == 1 and len(conversations["items"]) == 1, "one conversation", conversations)
        messages = self.api.get(f"/api/conversations/{conversations['items'][0]['id']}/messages")["messages"]
        must([m["direction"] for m in messages] == ["inbound", "outbound"], "one message in, one out", messages)
        must(messages[0]["wamid"] == wamid and messages[0]["text"] == "hello", "the inbound message", messages[0])
        must(messages[1]["status"] == "read" and messages[1]["text"] == "Hello Jane! You wrote: hello", "the reply", messages[1])
        runs = self.api.get("/api/runs")
        must(runs["total"] == 1 and runs["items"][0]["id"] == run["id"], "one run", runs)
        must(self.api.get(f"/api/runs/{run['id']}")["status"] == "completed", "a completed run", run)
        steps = [step["nodeId"] for step in self.api.get(f"/api/runs/{run['id']}/steps")["steps"]]
        must(steps == ["start", "greet", "which", "remember", "end"], "the steps", steps)
        contact = self.api.get("/api/contacts")["items"][0]
        must(contact["fields"] == {"last_topic": "hello"}, "the field that the workflow set", contact)
        inbox = self.demo.installation.control("GET", f"/control/customers/{CUSTOMER}/inbox")["bubbles"]
        must(len(inbox) == 1, "one bubble on the customer's phone", inbox)
        numbers = [event["number"] for event in self.events()]
        must(numbers == sorted(set(numbers)), "events in order", numbers)
        print("checked: conversation, messages, run, steps, contact field, events, the customer's phone")

    def events(self):
        return self.api.get("/api/events?after=0&limit=100")["items"]

    def event(self, kind):
        return next((event for event in self.events() if event["type"] == kind), None)

    def at(self, kind):
        event = self.event(kind)
        must(event, f"the event {kind}", [event["type"] for event in self.events()])
        return millis(event["createdAt"])

    def leg(self, what, seconds, words):
        self.lines.append((what, max(0.0, seconds), words))


def millis(text):
    from datetime import datetime
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def must(holds, what, found):
    if not holds:
        raise Failed(f"not as it should be: {what}: {found}")


def arguments():
    parser = argparse.ArgumentParser(prog="./run", description="Builds Waypost and starts a whole installation to try: Redis, "
                                     "the sandbox (a simulator of Meta) and waypostd with SQLite, or two waypostd with PostgreSQL.",
                                     epilog="Example: ./run --dir /tmp/waypost --port 8080")
    parser.add_argument("--dir", help="folder of all state (default: var/demo; a temporary one with --once)")
    parser.add_argument("--port", type=int, default=None, help="port of the API; 0 takes a free one (default: 8080; free with --once)")
    parser.add_argument("--once", action="store_true", help="carry one message through, check everything, print the times and stop")
    parser.add_argument("--postgres", action="store_true", help="two nodes that share a private PostgreSQL, behind haproxy")
    return parser.parse_args()


def once(folder, port, nodes):
    with Installation(folder, port, nodes=nodes) as installation:
        demo = Demo(installation)
        demo.set_up()
        demo.write_env()
        transcript = Transcript(demo)
        transcript.check(*transcript.carry())


def begin_anew(folder):
    """Empties a folder that an earlier demo filled; refuses any other that is not empty."""
    if folder.exists() and any(folder.iterdir()):
        if not any((folder / made).exists() for made in ("waypost.toml", "node-1")):
            raise Failed(f"{folder} is not empty and no earlier demo made it: name another --dir")
        shutil.rmtree(folder)


def stay(folder, port, nodes):
    begin_anew(folder)
    with Installation(folder, port, nodes=nodes) as installation:
        demo = Demo(installation)
        demo.set_up()
        demo.greet(demo.write_env())
        while all(program.must_live() for program in installation.programs):
            time.sleep(0.5)


def main():
    options = arguments()
    nodes = 2 if options.postgres else 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        if options.once and not options.dir:
            with tempfile.TemporaryDirectory(prefix="waypost-") as folder:
                once(folder, options.port or 0, nodes)
        elif options.once:
            begin_anew(pathlib.Path(options.dir))
            once(options.dir, options.port or 0, nodes)
        else:
            stay(pathlib.Path(options.dir or "var/demo"), 8080 if options.port is None else options.port, nodes)
    except KeyboardInterrupt:
        print("\nStopped.")
    except Failed as error:
        print(f"./run: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
