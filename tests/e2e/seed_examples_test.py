"""Runs every cURL and every Node.js example of the API's examples page (tests/data/seed-code-examples.txt) as it stands,
each on a fresh workspace; only the host and the {…Id} are replaced, and for Node.js what the page assumes is declared."""
import json
import os
import re
import subprocess
import tempfile

from support import DATA, Api, Installation, must, publish, run_test, settings, wait_for

HOST = "https://api.agentixx.io"
PASSWORD = "correct horse battery"


def is_prose(line):
    return bool(re.match(r"[A-Z]", line))


def examples():
    """(title, kind, code) in the order of the page: a title is the prose line before "cURL"."""
    title, kind, code, prose = None, None, [], ""
    for line in DATA.joinpath("seed-code-examples.txt").read_text().splitlines() + ["End"]:
        if line in ("cURL", "Node.js") or (kind and is_prose(line)):
            if kind and code:
                yield title, kind, "\n".join(code).strip()
            title = prose if line == "cURL" else title
            kind, code = (line, []) if line in ("cURL", "Node.js") else (None, [])
        elif kind:
            code.append(line)
        if is_prose(line) and line not in ("cURL", "Node.js"):
            prose = line


class Workspace:
    """A fresh workspace in which each thing that an example names exists."""

    def __init__(self, installation, number):
        self.email = f"admin{number}@example.com"
        self.id = installation.add_workspace(f"Seed {number}", self.email, PASSWORD)
        phone_number_id = str(20_000_000 + number)
        installation.add_number(self.id, phone_number_id, f"+1 555 000 {number:04}", str(30_000_000 + number))
        self.api = Api(installation.url, self.id, self.email, PASSWORD)
        workflow = publish(self.api, "Seed", "Hello {{contact.name}}")
        installation.control("POST", f"/control/customers/+4915{number:08}/messages",
                             {"text": "hello", "profile_name": "Jane", "phone_number_id": phone_number_id})
        run = wait_for("the run", lambda: self.completed_run())
        contact = self.api.get("/api/contacts")["items"][0]
        conversation = self.api.get("/api/conversations")["items"][0]
        self.ids = {"workflowId": workflow, "contactId": contact["id"], "conversationId": conversation["id"], "runId": run["id"]}

    def completed_run(self):
        return next((run for run in self.api.get("/api/runs")["items"] if run["status"] == "completed"), None)


def run_curl(installation, workspace, code, folder):
    subprocess.run(["curl", "-s", "-f", "-c", "cookies.txt", installation.url + "/api/auth/sign-in/email", "-H",
                    "Content-Type: application/json", "-d", json.dumps({"email": workspace.email, "password": PASSWORD})],
                   cwd=folder, check=True, capture_output=True)
    code = code.replace(HOST, installation.url)
    for name, value in workspace.ids.items():
        code = code.replace("{" + name + "}", value)
    # Each curl says its status behind its answer, and nothing else of the example changes.
    code = re.sub(r"^curl ", r"curl -s -w '\\n%{http_code}\\n' ", code, flags=re.M)
    done = subprocess.run(["bash", "-c", code], cwd=folder, capture_output=True, text=True, check=False,
                          env={**os.environ, "TENANT_ID": workspace.id})
    lines = done.stdout.strip().splitlines()
    must(len(lines) >= 2 and len(lines) % 2 == 0, "curl printed answers and statuses", done.stdout + done.stderr)
    for body, status in zip(lines[::2], lines[1::2]):
        must(status in ("200", "201"), "the example succeeds", f"{status} {body}")
        yield json.loads(body)


def run_node(installation, workspace, code, folder):
    read = re.findall(r"const \{ ([\w, ]+) \} = await|const (\w+) = await (?:\w+\.json|fetch)", code)
    names = [name for group in read for name in ", ".join(filter(None, group)).split(", ")]
    assumed = {"sessionToken": workspace.api.session, "tenantId": workspace.id, **workspace.ids}
    lines = [f"const {name} = {json.dumps(value)};" for name, value in assumed.items()]
    lines += [code.replace(HOST, installation.url)]
    shown = ", ".join(f"{name}: {name} instanceof Response ? {name}.status : {name}" for name in names)
    lines += [f"console.log(JSON.stringify({{ {shown} }}));"]
    path = os.path.join(folder, "example.mjs")
    with open(path, "w") as file:
        file.write("\n".join(lines))
    done = subprocess.run(["node", path], capture_output=True, text=True, check=False)
    must(done.returncode == 0, "the example runs", done.stderr)
    values = json.loads(done.stdout)
    must(set(values) == set(names), "everything that the example reads is there", done.stdout)
    for name, value in values.items():
        must(not isinstance(value, int) or name == "total" or value in (200, 201), f"{name} is a success", value)
    return values


# What each example's answer must hold, beyond its status.
EXPECTED = {
    "List All Workflows": lambda a: len(a["items"]) == 1 and a["items"][0]["name"] == "Seed",
    "Create a Workflow": lambda a: a["name"] == "My New Workflow" and a["id"],
    "Publish a Workflow": lambda a: a,
    "List Contacts (with Pagination)": lambda a: a["total"] == 1 and a["items"][0]["name"] == "Jane",
    "Create a Contact": lambda a: a["id"] and a["name"] == "Jane Doe" and a["phone"] == "+14155551234",
    "Update a Contact": lambda a: a["ok"] is True,
    "List Conversations": lambda a: a["total"] == 1 and a["items"][0]["id"],
    "Get Conversation Messages": lambda a: [m["direction"] for m in a["messages"]] == ["inbound", "outbound"],
    "Send a Message in a Conversation": lambda a: a["text"] == "Hello! How can I help you today?",
    "List Recent Runs": lambda a: a["total"] == 1 and a["items"][0]["status"] == "completed",
    "Replay a Run": lambda a: a["ok"] is True and a["originalRunId"] and a["jobId"],
}


def check_answer(title, answers):
    if title == "Get Run Details and Steps":
        run, steps = answers
        must(run["status"] == "completed", "the run", run)
        must([step["nodeId"] for step in steps["steps"]] == ["start", "answer"], "the steps", steps)
        return
    must(len(answers) == 1 and EXPECTED[title](answers[0]), f"the answer of “{title}”", answers)


def node_answers(title, values):
    """The same shape as curl's answers, from the example's variables."""
    if title == "Get Run Details and Steps":
        return [values["run"], {"steps": values["steps"]}]
    bodies = {name: value for name, value in values.items() if name not in ("res", "runRes", "stepsRes")}
    if not bodies:
        return None  # the example looks at the status only
    single = {"workflow", "contact"} & bodies.keys()
    return [bodies[single.pop()] if single else bodies]


def test():
    found = list(examples())
    must(len(found) == 24, "the page holds 12 examples in two languages", len(found))
    with tempfile.TemporaryDirectory(prefix="waypost-seed-") as folder:
        with Installation(folder, settings=settings()) as installation:
            installation.add_app()
            for number, (title, kind, code) in enumerate(found):
                workspace = Workspace(installation, number)
                if kind == "cURL":
                    answers = list(run_curl(installation, workspace, code, folder))
                else:
                    answers = node_answers(title, run_node(installation, workspace, code, folder))
                if answers is not None:
                    check_answer(title, answers)
                print(f"{kind:8} {title}", flush=True)


if __name__ == "__main__":
    run_test(test)
