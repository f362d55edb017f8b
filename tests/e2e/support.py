"""What the end-to-end tests share: the programs of scripts/installation.py and a few words to say what must hold."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "scripts"))

from installation import Api, Failed, Installation, Program, ask, wait_for  # noqa: E402,F401

DATA = pathlib.Path(__file__).resolve().parent.parent / "data"

# Tests sign in often and send fast; what limits do is tested in tests/api and tests/outbound.
UNLIMITED = {
    "api": {"limits": False},
    "sending": {"pacing": False},
    "runs": {"max_runs_per_contact_per_minute": 100000, "max_equal_texts_in_five_minutes": 100000},
}


def settings(**sections):
    """UNLIMITED with more keys: settings(sending={"unknown_grace_seconds": 4})."""
    merged = {name: dict(keys) for name, keys in UNLIMITED.items()}
    for name, keys in sections.items():
        merged.setdefault(name, {}).update(keys)
    return merged


def must(holds, what, found=None):
    if not holds:
        raise Failed(f"{what}" + (f": {found}" if found is not None else ""))


def publish(api, name, body):
    """A published workflow that answers every message with `body`; returns its id."""
    workflow = api.post("/api/workflows", {"name": name})
    graph = {
        "entry": "start",
        "nodes": [{"id": "start", "type": "trigger.inbound_message", "position": {"x": 0, "y": 0}},
                  {"id": "answer", "type": "wa.send_message", "position": {"x": 0, "y": 100}, "data": {"body": body}}],
        "edges": [{"id": "e1", "source": "start", "target": "answer"}],
    }
    api.put(f"/api/workflows/{workflow['id']}/draft", {"draftGraph": graph})
    api.post(f"/api/workflows/{workflow['id']}/publish", {})
    return workflow["id"]


def run_test(test):
    """Runs `test()`; prints what did not hold and exits 1, or prints what held."""
    try:
        test()
    except Failed as error:
        print(f"FAILED: {error}", file=sys.stderr)
        sys.exit(1)
    print("held")
