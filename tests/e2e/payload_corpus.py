"""The payload files of tests/data/webhook as the deliveries of one history: what in the files shares ids and times has its
own here, later files later times, so that the history has one right end whatever order it is delivered in."""
import copy
import hashlib
import hmac
import json

from support import DATA, ask

NUMBER, WABA, DISPLAY = "106540352242922", "102290129340398", "15550783881"
STATUS_WAMID = "wamid.OUT"
# Which of the messages we sent each status file speaks of.
STATUSES = {
    "status_sent": (1, 2, 3, 4, 5),
    "status_delivered": (1, 4),
    "status_read": (1, 5),
    "status_played": (1,),
    "status_failed_undeliverable": (2, 4),
    "status_failed_outside_window": (3,),
    "status_group_participants": (6,),
    "status_group_pricing_nested": (6,),
    "status_free_entry_point": (5, 7),
    "status_failed_several_codes": (7,),
    "status_parent_id": (7,),
}
SENT = 7
CUSTOMERS, TEXTS_EACH = 4, 6


def payload_files():
    return [file for file in sorted((DATA / "webhook").glob("*.json")) if not file.name.endswith(".expected.json")]


def parsed(file):
    """Nothing for what is no envelope: it is delivered as it is."""
    try:
        body = json.loads(file.read_bytes())
    except ValueError:
        return None
    return body if isinstance(body, dict) and isinstance(body.get("entry"), list) else None


def as_of(part, stem, at):
    """The part with ids of the file's own and its times moved to `at`, written as they were."""
    if isinstance(part, list):
        return [as_of(one, stem, at) for one in part]
    if not isinstance(part, dict):
        return part
    moved = {}
    for key, value in part.items():
        if key == "id" and isinstance(value, str) and value.startswith("wamid.") and value != STATUS_WAMID:
            value += "-" + stem
        if key in ("timestamp", "time") and str(value).isdigit():
            value = type(value)(at)
        moved[key] = as_of(value, stem, at)
    return moved


def with_times(body, at):
    """News of an account is as old as its entry says; where a file says nothing, this history does."""
    for entry in body["entry"]:
        if isinstance(entry, dict) and any(one.get("field") != "messages" for one in entry.get("changes") or [] if isinstance(one, dict)):
            entry.setdefault("time", at)
    return body


def for_message(body, number, message_id):
    """The statuses of `body` as those of a message of ours."""
    body = copy.deepcopy(body)
    for entry in body["entry"]:
        for change in entry["changes"]:
            for status in change["value"]["statuses"]:
                status.update(id=f"{STATUS_WAMID}-{number}", biz_opaque_callback_data=f"wp1:{message_id}:1")
    return body


def envelope(value):
    whole = {"messaging_product": "whatsapp", "metadata": {"display_phone_number": DISPLAY, "phone_number_id": NUMBER}, **value}
    return {"object": "whatsapp_business_account", "entry": [{"id": WABA, "changes": [{"field": "messages", "value": whole}]}]}


def text_of(customer, number, at):
    """Each customer shows the phone, the BSUID, or both in turn: only both together say that they are one person."""
    phone, user_id = f"4915500000{customer:02}", f"DE.55{customer:04}"
    shown = {0: ("phone", "id"), 1: ("phone",), 2: ("id",)}[number % 3]
    message = {"id": f"wamid.C{customer}-{number}", "timestamp": str(at), "type": "text", "text": {"body": f"text {number} of {customer}"}}
    contact = {"profile": {"name": f"Customer {customer}"}}
    if "phone" in shown:
        message["from"], contact["wa_id"] = phone, phone
    if "id" in shown:
        message["from_user_id"], contact["user_id"] = user_id, user_id
    return envelope({"contacts": [contact], "messages": [message]})


def change_of_id(at):
    """One person under an old BSUID, under a new one, and what says that they are one, which may come last."""
    def text(number, user_id):
        return envelope({"contacts": [{"user_id": user_id}], "messages": [{
            "id": f"wamid.M{number}", "from_user_id": user_id, "timestamp": str(at + number), "type": "text", "text": {"body": f"moved {number}"}}]})

    change = {"type": "user_changed_user_id", "body": "changed", "previous_user_id": "DE.77old", "user_id": "DE.77new"}
    return [text(0, "DE.77old"), text(1, "DE.77old"),
            envelope({"messages": [{"id": "wamid.M2", "timestamp": str(at + 2), "type": "system", "system": change}]}),
            text(3, "DE.77new"), text(4, "DE.77new")]


def greeting(at):
    """What the customer wrote to whom the messages of ours go."""
    return json.dumps(text_of(0, 0, at)).encode()


def history(first_at, message_ids):
    """The bodies in order, as bytes."""
    bodies, at = [], first_at
    for file in payload_files():
        at += 1
        body = parsed(file)
        if body is None:
            bodies.append(file.read_bytes())
            continue
        body = with_times(as_of(body, file.stem, at), at)
        bodies.append(body)
        bodies += [for_message(body, number, message_ids[number - 1]) for number in STATUSES.get(file.stem, ())]
    for number in range(TEXTS_EACH):
        for customer in range(1, CUSTOMERS):
            at += 1
            bodies.append(text_of(customer, number, at))
    bodies += change_of_id(at + 1)
    return [body if isinstance(body, bytes) else json.dumps(body).encode() for body in bodies]


def templates():
    """Name and language of each template that the files speak of."""
    found = set()
    for file in payload_files():
        for entry in (parsed(file) or {"entry": []})["entry"]:
            for change in entry.get("changes") or [] if isinstance(entry, dict) else []:
                value = change.get("value") if isinstance(change, dict) else None
                if isinstance(value, dict) and value.get("message_template_name"):
                    found.add((value["message_template_name"], value.get("message_template_language", "en_US")))
    return sorted(found)


def deliver(installation, body):
    """Meta's POST of a body: the status of the answer, or 0 when none came."""
    signature = "sha256=" + hmac.new(installation.app_secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-Hub-Signature-256": signature}
    try:
        return ask("POST", installation.webhook_url, body, headers).status
    except OSError:
        return 0
