"""What a store says, without ids and in an order of its own: what must be the same however its webhooks came.

Left out, because the order of arrival rightly decides it: a message's sequence number in its conversation; which of a
person's names and numbers the contact shows (the last that came; the set of aliases is compared); our own times (created,
updated); when a conversation became ours again, and how the other app was called; the last text that a conversation shows
where we write in it, too, ours by our clock and theirs by Meta's; how often a thing was told in the feed on the way to its
end (messages received and Meta's own news are counted, each once), and when news came of which Meta says no time; what
starts a run where a person in the Business app or another app was at it, because what comes before that word has started
one; in which delivery of a repeated body a dead letter was found (each is kept, they are compared as a set)."""
import json
import sqlite3

from support import Store, psql


def table(store, text):
    """The statement's rows as dicts; bytes and ids as texts, JSON columns as they come."""
    if store.url:
        # JSON holds neither a line's end nor a tab: psql's lines and cells are safe to split.
        return [json.loads(row) for (row,) in psql(store.url, f"SELECT row_to_json(t) FROM ({text}) AS t")]
    connection = sqlite3.connect(f"file:{store.file}?mode=ro", uri=True, timeout=10)
    connection.row_factory = sqlite3.Row
    try:
        return [{key: plain(row[key]) for key in row.keys()} for row in connection.execute(text)]
    finally:
        connection.close()


def plain(cell):
    return "\\x" + cell.hex() if isinstance(cell, bytes) else cell


def of_json(cell):
    return json.loads(cell) if isinstance(cell, str) else cell


def contacts(store):
    """Each living contact's aliases, sorted, by its id."""
    found = {row["id"]: [] for row in table(store, "SELECT id FROM contact WHERE merged_into IS NULL")}
    for row in table(store, "SELECT contact_id, kind, value FROM contact_alias"):
        found[row["contact_id"]].append(f"{row['kind']}:{row['value']}")
    return {contact: " ".join(sorted(aliases)) for contact, aliases in found.items()}


def opt_outs(store, people):
    rows = table(store, "SELECT id, opted_out, marketing_stopped, marketing_said_at, embargo_until FROM contact WHERE "
                 "merged_into IS NULL")
    return [(people[row["id"]], bool(row["opted_out"]), bool(row["marketing_stopped"]), row["marketing_said_at"],
             row["embargo_until"]) for row in rows]


def conversations(store, people):
    ours = ("SELECT 1 FROM message AS m WHERE m.tenant_id = c.tenant_id AND m.conversation_id = c.id AND m.direction = 'out' "
            "AND m.author <> 'app'")
    rows = table(store, f"SELECT c.contact_id, h.phone_number_id, c.status, c.next_seq, c.last_message_at, CASE WHEN EXISTS ({ours}) "
                        "THEN NULL ELSE c.last_message_text END AS last_message_text, c.last_inbound_at, c.window_opened_at, "
                        "c.window_expires_at, c.automation_paused_until, CASE WHEN "
                        "c.thread_owner IS NOT NULL THEN c.thread_said_at END AS elsewhere_since, c.referral, c.referral_at "
                        "FROM conversation AS c JOIN channel AS h ON h.tenant_id = c.tenant_id AND h.id = c.channel_id WHERE c.merged_into IS NULL")
    for row in rows:
        row["referral"] = of_json(row["referral"])
    return [(people[row.pop("contact_id")], row) for row in rows]


def messages(store, people):
    rows = table(store, "SELECT contact_id, participant_id, direction, type, text, content, state, wamid, CASE WHEN direction = 'in' THEN "
                        "happened_at END AS happened_at, reply_to, author, via, failure_reason, failure_code, failure_words, pricing, sent_at, "
                        "delivered_at, read_at, failed_at, replaces IS NULL AS is_first FROM message")
    for row in rows:
        row["content"], row["is_first"] = of_json(row["content"]), bool(row["is_first"])
        row["participant_id"], row["pricing"] = people.get(row["participant_id"]), of_json(row["pricing"])
    return [(people[row.pop("contact_id")], row) for row in rows]


def triggers(store):
    return table(store, "SELECT m.wamid FROM run_trigger AS t JOIN message AS m ON m.tenant_id = t.tenant_id AND m.id = t.message_id "
                        "JOIN conversation AS c ON c.tenant_id = m.tenant_id AND c.id = m.conversation_id "
                        "WHERE c.automation_paused_until IS NULL AND c.thread_said_at IS NULL")


def marks(store):
    return table(store, "SELECT wamid, kind, author, text, happened_at FROM message_mark")


def recipients(store):
    rows = table(store, "SELECT m.wamid, r.participant, r.state, r.sent_at, r.delivered_at, r.read_at, r.failed_at, r.failure_code, "
                        "r.pricing FROM message_recipient AS r JOIN message AS m ON m.tenant_id = r.tenant_id AND m.id = r.message_id")
    return [{**row, "pricing": of_json(row["pricing"])} for row in rows]


def prices(store):
    return table(store, "SELECT day, market, category, type, model, CAST(sum(n) AS bigint) AS n FROM pricing_day "
                        "GROUP BY channel_id, day, market, category, type, model HAVING sum(n) <> 0")


def free_entries(store, people):
    rows = table(store, "SELECT c.contact_id, f.kind, f.happened_at, f.ends_at FROM free_entry AS f JOIN conversation AS c "
                        "ON c.tenant_id = f.tenant_id AND c.id = f.conversation_id")
    return [(people[row.pop("contact_id")], row) for row in rows]


def groups(store):
    rows = table(store, "SELECT group_id, state, subject, description, invite_link, said FROM chat_group")
    return [{**row, "said": of_json(row["said"])} for row in rows]


def participants(store, people):
    rows = table(store, "SELECT group_id, contact_id, is_in, said_at FROM group_participant")
    return [(people[row.pop("contact_id")], {**row, "is_in": bool(row["is_in"])}) for row in rows]


def calls(store, people):
    rows = table(store, "SELECT p.call_id, c.contact_id, p.direction, p.state, p.outcome, p.started_at, p.ended_at, p.duration_s, "
                        "p.said FROM phone_call AS p LEFT JOIN conversation AS c ON c.tenant_id = p.tenant_id AND c.id = p.conversation_id")
    return [(people.get(row.pop("contact_id")), {**row, "said": of_json(row["said"])}) for row in rows]


def media(store):
    rows = table(store, "SELECT m.wamid, f.kind, f.meta_id, f.url, f.said_type, f.said_hash, f.file_name, f.voice, f.animated, f.state, "
                        "f.reason FROM media AS f JOIN message AS m ON m.tenant_id = f.tenant_id AND m.id = f.message_id")
    return [{**row, "voice": bool(row["voice"]), "animated": bool(row["animated"])} for row in rows]


def parked(store):
    rows = table(store, "SELECT wamid, status, participant, happened_at, payload FROM parked_status")
    return [{**row, "payload": of_json(row["payload"])} for row in rows]


def channels(store):
    """Without what a look at Meta brought, and when, and by which of the echoes the app's use was known first."""
    rows = table(store, "SELECT phone_number_id, state, standing FROM channel")
    standings = [{key: said for key, said in of_json(row["standing"]).items() if key != "number"} for row in rows]
    return [{**row, "standing": {**standing, **({"app": True} if "app" in standing else {})}} for row, standing in zip(rows, standings)]


def templates(store):
    rows = table(store, "SELECT name, language, category, status, quality, rejected_reason, said FROM template")
    return [{**row, "said": of_json(row["said"])} for row in rows]


def told(store):
    """Of the feed what Meta told, word for word, and how many messages came."""
    events = []
    for text in ("SELECT type, payload FROM event", "SELECT type, payload FROM event_pending"):
        events += table(store, text) if store.url or "pending" not in text else []
    kept = []
    for event in events:
        payload = of_json(event["payload"])
        if event["type"] == "message.received":
            kept.append((event["type"], payload["message"]["wamid"]))
        elif "webhook" in payload:
            news = payload["webhook"]
            kept.append((event["type"], {**news, "at": None if news["field"] == "messages" else news["at"]}))
    return kept


def dead_letters(store):
    rows = table(store, "SELECT reason, place, phone_number_id, raw, applied_at IS NULL AS waits FROM dead_letter")
    return {json.dumps({**row, "waits": bool(row["waits"])}, sort_keys=True) for row in rows}


def projection(installation):
    """Each part as a sorted list of JSON texts, so that two are compared and shown line by line."""
    store = Store(installation)
    people = contacts(store)
    parts = {"aliases": people.values(), "opt-outs": opt_outs(store, people), "conversations": conversations(store, people),
             "messages": messages(store, people), "triggers": triggers(store), "marks": marks(store), "parked": parked(store),
             "recipients": recipients(store), "prices": prices(store), "free entries": free_entries(store, people),
             "groups": groups(store), "participants": participants(store, people), "calls": calls(store, people), "media": media(store),
             "channels": channels(store), "templates": templates(store), "told": told(store), "dead letters": dead_letters(store)}
    return {name: sorted(json.dumps(row, sort_keys=True) for row in rows) for name, rows in parts.items()}


def differences(wanted, found):
    """The first lines in which the two differ, by part."""
    lines = []
    for part in wanted:
        missing, extra = list(wanted[part]), []
        for row in found[part]:
            missing.remove(row) if row in missing else extra.append(row)
        lines += [f"{part}: missing {row[:600]}" for row in missing[:3]] + [f"{part}: instead {row[:600]}" for row in extra[:3]]
    return lines
