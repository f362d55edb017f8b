"""STOP and START from a customer's phone: the confirmation comes, nothing else does, broadcasts' templates among it; START
brings all back. A daemon that is killed meanwhile confirms once."""
import tempfile
import time

from support import Api, Installation, must, publish, run_test, settings, wait_for

PASSWORD = "correct horse battery"
PHONE_NUMBER_ID, WABA_ID = "62000001", "62009001"
STOPPED = "You will receive no more messages from us. Reply START to receive them again."
STARTED = "You will receive our messages again. Reply STOP to stop them."


class Customer:
    def __init__(self, installation, api, phone):
        self.installation, self.api, self.phone = installation, api, phone

    def write(self, text):
        self.installation.control("POST", f"/control/customers/{self.phone}/messages", {"text": text, "phone_number_id": PHONE_NUMBER_ID})

    def bubbles(self):
        return [bubble["text"] for bubble in self.installation.control("GET", f"/control/customers/{self.phone}/inbox")["bubbles"]]

    def gets(self, *texts):
        wait_for(f"{self.phone} to have {texts} (has {self.bubbles()})", lambda: self.bubbles() == list(texts))

    def contact(self):
        return next((one for one in self.api.get("/api/contacts?limit=100")["items"] if one["phone"] == self.phone), None)

    def conversation(self):
        whose = self.contact()["id"]
        return next(one for one in self.api.get("/api/conversations?limit=100")["items"] if one["contactId"] == whose)["id"]

    def send(self, body):
        return self.api.call("POST", f"/api/conversations/{self.conversation()}/messages", body)

    def confirmations(self):
        messages = self.api.get(f"/api/conversations/{self.conversation()}/messages?limit=100")["messages"]
        return [message["status"] for message in messages if message["author"] == "opt_out"]

    def send_template(self):
        return self.send({"type": "template", "content": {"name": "hello_world", "language": "en_US"}})


def check_stop_and_start(customer):
    customer.write("hello")
    customer.gets("echo")
    customer.write("Stop! 🙏")
    customer.gets("echo", STOPPED)
    must(customer.contact()["optedOut"], "the contact is opted out", customer.contact())
    for answer in (customer.send_template(), customer.send({"text": "please come back"})):
        must(answer.status == 422 and answer.json["code"] == "opted_out", "nothing may be sent", answer.body)
    customer.write("hello?")
    customer.write("stop")
    time.sleep(1)
    customer.gets("echo", STOPPED)
    time.sleep(1)  # Meta's times are whole seconds, and of one second's words the stop stands
    customer.write("start")
    customer.gets("echo", STOPPED, STARTED)
    must(not customer.contact()["optedOut"], "the contact is back", customer.contact())
    customer.write("hello again")
    customer.gets("echo", STOPPED, STARTED, "echo")


def check_own_words(api, customer):
    answer = api.call("PATCH", "/api/workspace", {"settings": {"optOut": {
        "languages": ["es"], "stopKeywords": ["No más"], "confirmation": "Hecho. {{keyword}} para volver."}}})
    must(answer.status == 200, "the workspace has its own words", answer.body)
    customer.write("unsubscribe")
    customer.gets("echo")
    customer.write("¡NO MÁS!")
    customer.gets("echo", "Hecho. ALTA para volver.")
    api.call("PATCH", "/api/workspace", {"settings": {"optOut": None}})


def check_kill(installation, customers):
    """Each stop counts and is confirmed once; a POST that the kill cut off is unknown and is not sent again (law 8)."""
    for customer in customers:
        customer.write("stop")
    installation.daemon.kill()
    installation.start_daemon()
    for customer in customers:
        wait_for(f"{customer.phone} to be opted out", lambda: (customer.contact() or {}).get("optedOut"))
        wait_for(f"{customer.phone}'s confirmation to be settled", lambda: customer.confirmations()[-1:] in (["delivered"], ["failed"]))
    time.sleep(1)
    for customer in customers:
        must(customer.confirmations() in (["delivered"], ["failed"]), "one confirmation", customer.confirmations())
        sent = customer.bubbles()
        must(sent == [STOPPED] or (sent == [] and customer.confirmations() == ["failed"]), "it came once", sent)


def test():
    with tempfile.TemporaryDirectory(prefix="waypost-opt-out-") as folder:
        with Installation(folder, settings=settings(sending={"unknown_grace_seconds": 4}), sandbox_settings={"read_after_ms": "never"}) as installation:
            installation.add_app()
            workspace = installation.add_workspace("OptOut", "optout@example.com", PASSWORD)
            installation.control("POST", "/control/numbers", {"phone_number_id": PHONE_NUMBER_ID, "waba_id": WABA_ID,
                                                              "display_phone_number": "+1 555 200 0001"})
            installation.add_number(workspace, PHONE_NUMBER_ID, "+1 555 200 0001", WABA_ID)
            api = Api(installation.url, workspace, "optout@example.com", PASSWORD)
            publish(api, "Echo", "echo")

            def make(number):
                return Customer(installation, api, f"+4915201{number:06}")

            check_stop_and_start(make(1))
            check_own_words(api, make(2))
            check_kill(installation, [make(10 + number) for number in range(5)])
            types = {event["type"] for event in api.get("/api/events?after=0&limit=1000")["items"]}
            must({"contact.opted_out", "contact.opted_in"} <= types, "both are events", types)


if __name__ == "__main__":
    run_test(test)
