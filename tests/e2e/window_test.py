"""Law 9 and the window policies, against a Meta that enforces the 24 hours: reject, hold, template, template_then_hold,
and Meta's own refusal, late and at once; and the notice of its end."""
import tempfile
import time

from support import Api, Installation, must, run_test, settings, wait_for

PASSWORD = "correct horse battery"
PHONE_NUMBER_ID, WABA_ID = "62000001", "62009001"
DAY = 24 * 3600


class Customer:
    """One customer who last wrote `hours` ago, and the conversation that came of it."""

    def __init__(self, installation, api, phone, hours):
        self.installation, self.api, self.phone = installation, api, phone
        self.write("hi", int(time.time() - hours * 3600))
        self.conversation = wait_for("the conversation", self.find)["id"]

    def write(self, text, timestamp=None):
        body = {"text": text, "phone_number_id": PHONE_NUMBER_ID}
        if timestamp:
            body["timestamp"] = timestamp
        self.installation.control("POST", f"/control/customers/{self.phone}/messages", body)

    def find(self):
        contacts = {contact["id"] for contact in self.api.get("/api/contacts?limit=100")["items"] if contact["phone"] == self.phone}
        return next((one for one in self.api.get("/api/conversations?limit=100")["items"] if one["contactId"] in contacts), None)

    def send(self, text, **more):
        return self.api.call("POST", f"/api/conversations/{self.conversation}/messages", {"text": text, **more})

    def messages(self):
        return self.api.get(f"/api/conversations/{self.conversation}/messages?limit=100")["messages"]

    def state(self, text):
        return next((message["status"] for message in self.messages() if message["text"] == text and message["direction"] == "outbound"), None)

    def bubbles(self):
        return [bubble["text"] for bubble in self.installation.control("GET", f"/control/customers/{self.phone}/inbox")["bubbles"]]

    def wait_state(self, text, *states):
        return wait_for(f"“{text}” to be {' or '.join(states)} (is {self.state(text)})", lambda: self.state(text) in states)


def check_reject(make):
    open_one, closed = make(1), make(30)
    must(open_one.send("inside", outsideWindow="reject").status == 201, "inside the window it is sent")
    open_one.wait_state("inside", "delivered", "read")
    answer = closed.send("outside", outsideWindow="reject")
    must(answer.status == 422 and answer.json["code"] == "window_closed", "outside it is 422 window_closed", answer.body)
    must(answer.json["windowExpiresAt"], "and says when the window ended", answer.body)
    must(closed.send("outside").status == 422, "reject is the default without a fallback template")


def check_hold(make):
    customer = make(30)
    must(customer.send("held 1", outsideWindow="hold").status == 201, "a held message is accepted")
    must(customer.send("held 2", outsideWindow="hold").status == 201, "and a second one")
    customer.wait_state("held 1", "held")
    customer.wait_state("held 2", "held")
    must(customer.bubbles() == [], "nothing goes out yet", customer.bubbles())
    customer.write("I am back")
    customer.wait_state("held 2", "delivered", "read")
    must(customer.bubbles() == ["held 1", "held 2"], "both go out in order, once the customer writes", customer.bubbles())


def check_template(make):
    customer = make(30)
    must(customer.send("news", outsideWindow="template").status == 201, "accepted under template")
    customer.wait_state("news", "replaced")
    wait_for("the template", lambda: len(customer.bubbles()) == 1)
    customer.write("thanks")
    time.sleep(1)
    must(len(customer.bubbles()) == 1, "the replaced text never follows", customer.bubbles())


def check_template_then_hold(make):
    customer = make(30)
    for text in ("first", "second"):
        must(customer.send(text).status == 201, "template_then_hold is the default with a fallback template")
    customer.wait_state("second", "held")
    wait_for("one template", lambda: len(customer.bubbles()) == 1)
    customer.write("yes?")
    customer.wait_state("second", "delivered", "read")
    must(customer.bubbles()[1:] == ["first", "second"], "held texts follow the answer, in order", customer.bubbles())


def check_closing(api, make):
    """The end of a window is told an hour before, once; the conversation says since when and until when it is open."""
    early, soon, over = make(20), make(23.5), make(30)

    def told():
        return [event["conversationId"] for event in events_of(api, "window.closing")]

    wait_for("window.closing", lambda: soon.conversation in told())
    time.sleep(6)
    must(told().count(soon.conversation) == 1, "it is told once", told())
    must(early.conversation not in told() and over.conversation not in told(), "not too early, and not too late", told())
    conversation = api.get(f"/api/conversations/{soon.conversation}")
    window = conversation["window"]
    must(window["open"] and conversation["windowOpen"], "it is open", window)
    must(window["expiresAt"] == conversation["windowExpiresAt"] and window["opensAt"] == conversation["lastInboundAt"], "as it was opened", conversation)
    must(window["freeEntryPoint"] is None, "nobody came from an ad", window)
    must(not api.get(f"/api/conversations/{over.conversation}")["window"]["open"], "the other one is closed")


def events_of(api, kind):
    found, after = [], 0
    while items := api.get(f"/api/events?after={after}&limit=1000")["items"]:
        found += [event for event in items if event["type"] == kind]
        after = items[-1]["number"]
    return found


def check_metas_refusal(installation, make, refusal):
    """Waypost believes the window open, Meta does not: its clock runs ahead."""
    installation.control("POST", "/control/settings", {"window_refusal": refusal})
    customer = make(1)
    installation.control("POST", "/control/clock", {"advance_seconds": DAY})
    try:
        must(customer.send(f"refused {refusal}").status == 201, "we believe the window open")
        wait_for("the template instead", lambda: len(customer.bubbles()) == 1)
        time.sleep(1)
        must(len(customer.bubbles()) == 1, "the fallback goes out exactly once", customer.bubbles())
    finally:
        installation.control("POST", "/control/clock", {"advance_seconds": -DAY})


def test():
    with tempfile.TemporaryDirectory(prefix="waypost-window-") as folder:
        with Installation(folder, settings=settings(), sandbox_settings={"read_after_ms": "never"}) as installation:
            installation.add_app()
            workspace = installation.add_workspace("Window", "window@example.com", PASSWORD)
            installation.control("POST", "/control/numbers", {"phone_number_id": PHONE_NUMBER_ID, "waba_id": WABA_ID,
                                                              "display_phone_number": "+1 555 200 0001"})
            installation.control("POST", "/control/templates", {
                "waba_id": WABA_ID, "name": "news_for_you", "language": "en_US", "category": "UTILITY", "status": "APPROVED",
                "components": [{"type": "BODY", "text": "We have news for you: {{1}} Reply to read on."}]})
            installation.add_number(workspace, PHONE_NUMBER_ID, "+1 555 200 0001", WABA_ID)
            api = Api(installation.url, workspace, "window@example.com", PASSWORD)
            wait_for("the templates", lambda: any(one["name"] == "news_for_you" for one in api.get("/api/templates")["items"]))
            phones = iter(range(1, 100))

            def make(hours):
                return Customer(installation, api, f"+4915200{next(phones):06}", hours)

            check_closing(api, make)
            check_reject(make)
            check_hold(make)
            answer = api.call("PATCH", "/api/workspace", {"fallbackTemplate": {
                "name": "news_for_you", "language": "en_US", "parameters": ["{{text}}"]}})
            must(answer.status == 200, "the workspace names a fallback template", answer.body)
            check_template(make)
            check_template_then_hold(make)
            check_metas_refusal(installation, make, "at_once")
            check_metas_refusal(installation, make, "late")


if __name__ == "__main__":
    run_test(test)
