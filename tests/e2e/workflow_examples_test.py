"""The three workflows of docs/workflows, imported into one workspace and published: what customers get of them, with a chat
server and a shop of the test. Only the shop's address and the delay of hours are another."""
import json
import tempfile
import urllib.parse

from chat_server import ChatServer
from support import DATA, Api, Installation, Store, must, run_test, settings, wait_for
from workflow_stage import CountingServer, choices, imported, pressed

PASSWORD = "correct horse battery"
PHONE_NUMBER_ID = "64300001"
FILES = DATA.parent.parent / "docs" / "workflows"
SHOP = "https://shop.example.com"
ORDERS = {"A-1001": {"number": "A-1001", "state": "shipped", "arrives": "2026-12-24"},
          "A-1002": {"number": "A-1002", "state": "packing"},
          "A-1003": {"number": "A-1003", "state": "returned"}}
# What the model says, in the order of the stories.
SAID = ['{"category": "technical"}', "Is the battery charged?", "Then please bring it to us.",
        '{"category": "billing"}', "A refund takes five working days.",
        "I would rather not say", "I would rather not say"]


def shop(request):
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(request["path"]).query)
    order = ORDERS.get(query["number"][0])
    return (200, order) if order else (404, {"error": "there is no such order"})


class Customer:
    """One phone: writes, and gets the next message."""

    def __init__(self, installation, phone, name):
        self.installation, self.phone, self.name, self.seen = installation, phone, name, 0

    def write(self, message):
        message = {"text": message} if isinstance(message, str) else message
        self.installation.control("POST", f"/control/customers/+{self.phone}/messages",
                                  {**message, "phone_number_id": PHONE_NUMBER_ID, "profile_name": self.name})

    def inbox(self):
        return self.installation.control("GET", f"/control/customers/+{self.phone}/inbox")["bubbles"]

    def gets(self, *texts):
        """The next messages have these texts; gives the last one."""
        bubbles = wait_for(f"{self.name} to get {texts[0]!r}", lambda: found if len(found := self.inbox()) >= self.seen + len(texts) else None)
        got = [bubble["text"] for bubble in bubbles[self.seen:self.seen + len(texts)]]
        must(got == list(texts), f"what {self.name} gets", got)
        self.seen += len(texts)
        return bubbles[self.seen - 1]

    def presses(self, bubble, name):
        self.write(pressed(bubble, next(choice for choice in choices(bubble) if choice["id"] == name)))

    def gets_no_more(self):
        must(len(self.inbox()) == self.seen, f"{self.name} gets no more", [bubble["text"] for bubble in self.inbox()[self.seen:]])


def appointment(installation, store):
    ana = Customer(installation, "4917100000001", "Ana")
    ana.write("Hello, I need a repair")
    question = "Hello Ana! On which day shall we repair your bicycle?"
    ana.gets(question)
    ana.write("as soon as you can")
    bubble = ana.gets("Please press one of the buttons.", question)
    must([choice["title"] for choice in choices(bubble)] == ["Monday", "Wednesday", "Neither"], "the buttons", bubble)
    ana.presses(bubble, "mon")
    ana.gets("Monday it is. What is broken? A few words, or a photo.")
    ana.write("the chain")
    ana.gets("Booked: Monday, the chain.", "We expect your bicycle on Monday.")
    fields, tags = contact_of(store, ana)
    must(fields == {"repair_day": "Monday", "repair_what": "the chain"} and tags == ["repair"], "what is kept of her", (fields, tags))
    ben = Customer(installation, "4917100000002", "Ben")
    ben.write("appointment")
    ben.presses(ben.gets("Hello Ben! On which day shall we repair your bicycle?"), "none")
    ben.gets("Then write to us when you know more.")
    wait_for("the event of the booking", lambda: [told["payload"] for told in events(store) if told["name"] == "repair.booked"] ==
             [{"day": "Monday", "what": "the chain"}])
    return [ana, ben]


def order_status(installation, store, server):
    cleo = Customer(installation, "4917100000003", "Cleo")
    cleo.write("Where is my parcel?")
    cleo.gets("Which order is it? Please write its number, for example A-1001.")
    cleo.write({"type": "image"})
    cleo.gets("I can only read text. Please write the number of your order.")
    cleo.write(" a-1001 ")
    cleo.gets("Order A-1001 left us and arrives on 24.12.2026.")
    others = [order_of(installation, place, number, answer) for place, (number, answer) in enumerate((
        ("A-1002", "Order A-1002 is being packed."), ("A-1003", "Order A-1003: returned."),
        ("B-7", "I cannot find order B-7. A colleague will look.")))]
    must([request["method"] for request in server.requests] == ["GET"] * 4, "the shop was asked once for each", server.requests)
    wait_for("the order that was not found to be a person's", lambda: status_of(store, others[-1]) == "handoff")
    must(json.loads(conversation_of(store, cleo, "fields")) == {"last_order": "A-1001"}, "the order is kept")
    return [cleo, *others]


def order_of(installation, place, number, answer):
    customer = Customer(installation, f"491710000001{place}", f"Customer {place}")
    customer.write("my order, please")
    customer.gets("Which order is it? Please write its number, for example A-1001.")
    customer.write(number)
    customer.gets(answer)
    return customer


def support_triage(installation, store, chat):
    fay = Customer(installation, "4917100000005", "Fay")
    fay.write("My lamp does not shine")
    fay.gets("Is the battery charged?", "Did that help?")
    fay.write("it is, and still dark")
    fay.presses(fay.gets("Then please bring it to us.", "Did that help?"), "no")
    fay.gets("A colleague will answer you here, Fay.")
    wait_for("her conversation to be a person's", lambda: status_of(store, fay) == "handoff")
    gus = Customer(installation, "4917100000006", "Gus")
    gus.write("You took my money twice")
    gus.presses(gus.gets("A refund takes five working days.", "Did that help?"), "yes")
    gus.gets("Glad to hear it. Ride safely!")
    must(contact_of(store, gus)[0] == {"last_topic": "billing"}, "his topic is kept")
    ida = Customer(installation, "4917100000007", "Ida")
    ida.write("hmm")
    ida.gets("A colleague will answer you here, Ida.")
    must(len(chat.requests) == len(SAID), "the model was asked so often", len(chat.requests))
    fay.write("anybody there?")  # starts nothing: a person has her conversation
    return [fay, gus, ida]


def contact_of(store, customer):
    fields, tags = store.rows(f"SELECT fields, tags FROM contact WHERE phone = '{customer.phone}'")[0]
    return json.loads(fields), json.loads(tags)


def conversation_of(store, customer, column):
    return store.one(f"SELECT v.{column} FROM conversation AS v JOIN contact AS c ON c.tenant_id = v.tenant_id AND c.id = v.contact_id "
                     f"WHERE c.phone = '{customer.phone}'")


def status_of(store, customer):
    return conversation_of(store, customer, "status")


def events(store):
    return [json.loads(payload) for (payload,) in store.rows("SELECT payload FROM event WHERE type = 'workflow.event'")]


def graph_of(name, server):
    """As the file has it, but for the two places that are not the test's."""
    file = json.loads((FILES / f"{name}.json").read_text().replace(SHOP, server.url))
    for node in file["graph"]["nodes"]:
        if node["type"] == "logic.delay":
            node["data"]["duration"] = {"value": 1, "unit": "seconds"}
    return file


def set_up(installation, server, chat):
    installation.add_app()
    workspace = installation.add_workspace("Bicycles", "shop@example.com", PASSWORD)
    installation.add_number(workspace, PHONE_NUMBER_ID, "+1 555 643 0001", "64309001")
    api = Api(installation.url, workspace, "shop@example.com", PASSWORD)
    answer = api.call("PATCH", "/api/workspace", {"settings": {"ai": {"baseUrl": chat.base_url, "model": "small", "apiKey": "of-the-test"}}})
    must(answer.status == 200 and b"of-the-test" not in answer.body, "the model is set, and its key not shown", answer.body)
    for file in sorted(FILES.glob("*.json")):
        told = graph_of(file.stem, server)
        workflow = imported(api, told["name"], told["graph"], told["priority"])
        again = api.get(f"/api/workflows/{workflow}/export")
        must(again == told, f"{file.name} comes out as it went in", again)
    return api


def check_runs(api, runs):
    def ended():
        shown = api.get("/api/runs?limit=100")["items"]
        return shown if all(run["endedAt"] for run in shown) else None

    told = wait_for("every run to end", ended)
    must(len(told) == runs and {run["status"] for run in told} == {"completed"}, "each customer has one completed run",
         [(run["workflowName"], run["status"], run["error"]) for run in told])


def test():
    chat = ChatServer()
    for said in SAID:
        chat.will_say(said)
    chat.start()
    try:
        with tempfile.TemporaryDirectory(prefix="waypost-examples-") as folder, CountingServer(shop) as server:
            tuned = settings(outside={"allow": ["127.0.0.1"]}, log={"level": "warning"})
            with Installation(folder, settings=tuned) as installation:
                api, store = set_up(installation, server, chat), Store(installation)
                customers = appointment(installation, store) + order_status(installation, store, server) + support_triage(installation, store, chat)
                check_runs(api, len(customers))
                for customer in customers:
                    customer.gets_no_more()
    finally:
        chat.stop()


if __name__ == "__main__":
    run_test(test)
