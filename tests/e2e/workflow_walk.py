"""A walk of 30 steps of all kinds, as a workflow and as the customers who go through it: each of them begins with one message
and answers what it is asked."""
import collections
import heapq
import random
import threading
import time

from support import Failed
from workflow_stage import choices, edges, node, pressed

PHONE_NUMBER_ID = "64100001"
LONGEST_THOUGHT = 0.6  # of a customer, seconds
# Which message asks what the node waits for.
ASKED_BY = {"wait_name": "ask_name", "choose": "choose", "wait_more": "ask_more", "pick": "pick"}
CALLS = ("call_1", "call_2", "call_3")
MESSAGES = ("hello", "ask_name", "told_1", "told_2", "choose", "told_3", "ask_more", "pick", "bye")
STEPS = ("start", "hello", "mark_a", "ask_name", "wait_name", "keep_name", "call_1", "mark_b", "status", "told_1", "delay_1", "mark_c",
         "told_2", "choose", "chose_*", "limit", "call_2", "tag", "told_3", "delay_2", "ask_more", "wait_more", "call_3", "mark_d", "tell",
         "pick", "mark_e", "delay_3", "bye", "end")



def say(name, text):
    return node(name, "wa.send_message", body=f"{MESSAGES.index(name) + 1} {text} {{{{run.id}}}}")


def mark(owner, letter):
    """Writes one letter behind those that are there: done twice, it shows."""
    return node(f"mark_{letter}", "state.set_field", target=owner, field="trail", value=f"{{{{{owner}.fields.trail}}}}{letter}")


def call(name, method, url, **more):
    return node(name, "tool.http_request", method=method, url=f"{url}/{name}", headers={"X-Call": f"{{{{run.id}}}} {name}"}, timeout=5000, **more)


def nodes_of(url, timeout):
    seconds = {"value": timeout, "unit": "seconds"}
    rows = [{"id": "r1", "title": "Monday"}, {"id": "r2", "title": "Tuesday", "description": "in the afternoon"}]
    return [
        node("start", "trigger.keyword", keywords=["start"]),
        say("hello", "hello"), mark("contact", "a"), say("ask_name", "your name?"),
        node("wait_name", "wa.wait_for_reply", timeout=seconds),
        node("keep_name", "state.set_field", target="contact", field="said", value="{{reply.text}}"),
        call("call_1", "POST", url, body={"run": "{{run.id}}"}), mark("conversation", "b"),
        node("status", "logic.switch", conditions=[{"field": "response.status", "operator": "equals", "value": "200", "label": "fine"}]),
        say("told_1", "{{response.status}}"), node("delay_1", "logic.delay", duration={"value": 1, "unit": "seconds"}), mark("contact", "c"),
        say("told_2", "we waited a second"),
        node("choose", "wa.send_interactive", body=f"{MESSAGES.index('choose') + 1} yes or no? {{{{run.id}}}}", timeout=seconds,
             buttons=[{"id": "yes", "title": "Yes, please"}, {"id": "no", "title": "No"}]),
        node("chose_yes", "state.set_field", target="conversation", field="choice", value="yes"),
        node("chose_no", "state.set_field", target="conversation", field="choice", value="no"),
        node("limit", "logic.rate_limit", maxCount=100_000, window={"value": 1, "unit": "hours"}, per="workspace"),
        call("call_2", "GET", url), node("tag", "state.set_field", target="tags", add=["walked"]),
        say("told_3", "you are tagged"), node("delay_2", "logic.delay", duration=2), say("ask_more", "anything else?"),
        node("wait_more", "wa.wait_for_reply", timeout=seconds, accept=["text"]),
        call("call_3", "PUT", url, body="{{reply.text}}"), mark("conversation", "d"),
        node("tell", "event.emit", name="walk.done", payload={"run": "{{run.id}}"}),
        node("pick", "wa.send_interactive", body=f"{MESSAGES.index('pick') + 1} which day? {{{{run.id}}}}", timeout=seconds,
             list={"button": "Days", "sections": [{"title": "This week", "rows": rows}]}),
        mark("contact", "e"), node("delay_3", "logic.delay", duration=1), say("bye", "bye"), node("end", "logic.end"),
    ]


HANDLES = {"wait_name": ("out", "timeout"), "call_1": ("out", "failed"), "call_2": ("out", "failed"), "call_3": ("out", "failed"),
           "status": ("fine", "default"), "limit": ("allowed", "limited"), "wait_more": ("out", "other", "timeout"),
           "pick": ("r1", "r2", "other", "timeout")}


def graph_of(url, timeout):
    """STEPS in a line; only the buttons lead two ways, which meet again."""
    drawn = edges("choose", "chose_yes", "yes") + edges("choose", "chose_no", "no", "other", "timeout")
    for source, target in zip(STEPS, STEPS[1:]):
        if target == "chose_*":
            continue
        for each in ("chose_yes", "chose_no") if source == "chose_*" else (source,):
            drawn += edges(each, target, *HANDLES.get(each, ()))
    return {"entry": "start", "nodes": nodes_of(url, timeout), "edges": drawn}


def phone_of(number):
    return f"49160{number:08}"


class Customers(threading.Thread):
    """They begin one after the other, and think a moment before they answer what has arrived."""

    def __init__(self, installation, count, span, seed):
        super().__init__(daemon=True)
        self.installation, self.chance, self.over = installation, random.Random(seed), threading.Event()
        self.to_write, self.seen, self.written, self.failed = [], 0, collections.Counter(), None
        self.said = {}  # (phone, number of the message): what was answered to it
        for number in range(count):
            self.write_later(self.chance.uniform(0, span), phone_of(number), {"text": "start"})

    def write_later(self, seconds, phone, message):
        heapq.heappush(self.to_write, (time.monotonic() + seconds, len(self.written) + self.chance.random(), phone, message))

    def run(self):
        try:
            while not self.over.is_set():
                self.look()
                self.write()
                time.sleep(0.02)
        except (Failed, OSError, KeyError) as error:
            self.failed = error

    def look(self):
        page = self.installation.control("GET", f"/control/bubbles?after={self.seen}&limit=1000")["bubbles"]
        self.seen += len(page)
        for bubble in page:
            self.answer(bubble)

    def answer(self, bubble):
        phone, asked = bubble["customer"]["phone"].lstrip("+"), MESSAGES[int(bubble["text"][0]) - 1]
        if asked in ("choose", "pick"):
            choice = self.chance.choice(choices(bubble))
            message, said = pressed(bubble, choice), choice["id"]
        elif asked in ("ask_name", "ask_more"):
            said = f"{asked} {phone}"
            message = {"text": said}
        else:
            return
        self.said[phone, asked] = said
        self.write_later(self.chance.uniform(0, LONGEST_THOUGHT), phone, message)

    def write(self):
        while self.to_write and self.to_write[0][0] <= time.monotonic():
            _, _, phone, message = heapq.heappop(self.to_write)
            self.installation.control("POST", f"/control/customers/+{phone}/messages", {**message, "phone_number_id": PHONE_NUMBER_ID})
            self.written[phone] += 1

    def must_live(self):
        if self.failed:
            raise Failed(f"the customers: {self.failed}")
        return True

    def stop(self):
        self.over.set()
        self.join()
