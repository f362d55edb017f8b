#include "tests/webhook/stored_rows.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "store/event_numbers.h"

namespace waypost::test {
namespace {

struct Table {
  std::string_view name;
  std::vector<std::string_view> members;  // one a column; "…{}" holds JSON, "…#" a number or a truth
  std::string rows;                       // the statement
};

// An alias of the contact whose id stands in `column`; their phone if it is known, because that sorts last.
std::string who(const std::string& column) {
  return "(SELECT max(a.kind || ':' || a.value) FROM contact_alias AS a WHERE a.contact_id = " + column + ")";
}
std::string whose(const std::string& conversation) {
  return "(SELECT " + who("c.contact_id") + " FROM conversation AS c WHERE c.id = " + conversation + ")";
}
std::string wamid(const std::string& message) {
  return "(SELECT g.wamid FROM message AS g WHERE g.id = " + message + ")";
}

std::vector<Table> people_and_conversations() {
  return {
      {"contact",
       {"who", "bookName", "bookSaidAt#", "profileName", "username", "phone", "userId", "groupId", "language",
        "optedOut#", "optSaidAt#", "marketingStopped#", "marketingSaidAt#", "embargoUntil#"},
       "SELECT " + who("t.id") +
           ", book_name, book_said_at, profile_name, username, phone, user_id, group_id, language, opted_out, "
           "opt_said_at, marketing_stopped, marketing_said_at, embargo_until FROM contact AS t WHERE merged_into IS "
           "NULL"},
      {"contact_alias",
       {"who", "alias"},
       "SELECT " + who("t.contact_id") + ", kind || ':' || value FROM contact_alias AS t"},
      {"conversation",
       {"who", "status", "nextSeq#", "lastMessageAt#", "lastMessageText", "lastInboundAt#", "windowOpenedAt#",
        "windowExpiresAt#", "pausedUntil#", "threadOwner", "threadSaidAt#", "referral{}", "referralAt#"},
       "SELECT " + who("t.contact_id") +
           ", status, next_seq, last_message_at, last_message_text, last_inbound_at, window_opened_at, "
           "window_expires_at, automation_paused_until, thread_owner, thread_said_at, referral, referral_at FROM "
           "conversation AS t WHERE merged_into IS NULL"},
      {"free_entry",
       {"who", "kind", "at#", "endsAt#"},
       "SELECT " + whose("t.conversation_id") + ", kind, happened_at, ends_at FROM free_entry AS t"},
      {"chat_group",
       {"group", "state", "subject", "description", "inviteLink", "said{}"},
       "SELECT group_id, state, subject, description, invite_link, said FROM chat_group"},
      {"group_participant",
       {"group", "who", "isIn#", "saidAt#"},
       "SELECT group_id, " + who("t.contact_id") + ", is_in, said_at FROM group_participant AS t"},
      {"phone_call",
       {"call", "who", "direction", "state", "outcome", "startedAt#", "endedAt#", "seconds#", "said{}"},
       "SELECT call_id, " + whose("t.conversation_id") +
           ", direction, state, outcome, started_at, ended_at, duration_s, said FROM phone_call AS t"},
  };
}

std::vector<Table> messages() {
  return {
      {"message",
       {"who",          "participant",  "seq#",        "direction", "type",         "text",    "content{}",
        "state",        "wamid",        "happenedAt#", "replyTo",   "author",       "via",     "failureReason",
        "failureCode#", "failureWords", "pricing{}",   "sentAt#",   "deliveredAt#", "readAt#", "failedAt#"},
       "SELECT " + who("t.contact_id") + ", " + who("t.participant_id") +
           ", seq, direction, type, text, content, state, wamid, happened_at, reply_to, author, via, failure_reason, "
           "failure_code, failure_words, pricing, sent_at, delivered_at, read_at, failed_at FROM message AS t"},
      {"message_mark",
       {"wamid", "kind", "author", "text", "at#"},
       // A participant of a group stands as an id.
       "SELECT wamid, kind, CASE WHEN author IN ('contact', 'business') THEN author ELSE 'participant' END, text, "
       "happened_at FROM message_mark"},
      {"message_recipient",
       {"wamid", "participant", "state", "sentAt#", "deliveredAt#", "readAt#", "failedAt#", "failureCode#",
        "pricing{}"},
       "SELECT " + wamid("t.message_id") +
           ", participant, state, sent_at, delivered_at, read_at, failed_at, failure_code, pricing FROM "
           "message_recipient AS t"},
      {"pricing_day",
       {"day#", "market", "category", "type", "model", "n#"},
       "SELECT day, market, category, type, model, CAST(sum(n) AS bigint) FROM pricing_day GROUP BY channel_id, day, "
       "market, category, type, model HAVING sum(n) <> 0"},
      {"parked_status",
       {"wamid", "status", "participant", "at#", "payload{}"},
       "SELECT wamid, status, participant, happened_at, payload FROM parked_status"},
      {"media",
       {"wamid", "kind", "metaId", "saidType", "fileName", "voice#", "animated#", "state", "reason"},
       "SELECT " + wamid("t.message_id") +
           ", kind, meta_id, said_type, file_name, voice, animated, state, reason FROM media AS t"},
      {"run_trigger", {"wamid"}, "SELECT " + wamid("t.message_id") + " FROM run_trigger AS t"},
  };
}

std::vector<Table> account() {
  return {
      {"channel",
       {"number", "state", "words", "displayPhoneNumber", "standing{}"},
       "SELECT phone_number_id, state, state_words, display_phone_number, standing FROM channel"},
      {"template",
       {"name", "language", "category", "status", "quality", "rejectedReason", "components{}", "said{}"},
       "SELECT name, language, category, status, quality, rejected_reason, components, said FROM template"},
      {"event",
       {"type", "who", "payload{}"},
       "SELECT type, " + whose("t.conversation_id") + ", payload FROM event AS t"},
      {"dead_letter",
       {"reason", "place", "number", "words"},
       "SELECT reason, place, phone_number_id, words FROM dead_letter WHERE applied_at IS NULL"},
  };
}

// Ids of ours, which differ from store to store, and whole things that have a row of their own here.
Json without_ids(const Json& part) {
  if (part.is_string() && Uuid::parse(part.get_ref<const std::string&>())) return "(id)";
  if (!part.is_structured()) return part;
  Json shown = part.is_object() ? Json::object() : Json::array();
  for (const auto& [key, inner] : part.items()) {
    if (part.is_array())
      shown.push_back(without_ids(inner));
    else if (key == "message" && inner.contains("wamid"))
      shown[key] = inner["wamid"];
    else if (key == "contact" || key == "conversation")
      shown[key] = "(as stored)";
    else
      shown[key] = without_ids(inner);
  }
  return shown;
}

Json cell(const sql::Row& row, std::size_t column, std::string_view member) {
  if (member.ends_with("{}")) return without_ids(*parse_json(row.text(column)));
  if (member.ends_with("#")) return row.number(column);
  return row.text(column);
}

Json shown(const Table& table, const sql::Row& row) {
  Json json = Json::object();
  for (std::size_t column = 0; column < table.members.size(); ++column) {
    const auto member = table.members[column];
    if (!row.is_null(column))
      json[std::string(member.substr(0, member.find_first_of("{#")))] = cell(row, column, member);
  }
  return json;
}

std::vector<Table> all_tables() {
  auto all = people_and_conversations();
  for (auto&& more : {messages(), account()}) all.insert(all.end(), more.begin(), more.end());
  return all;
}

Json rows_of(sql::Connection& connection, const Table& table) {
  std::vector<Json> rows;
  for (const auto& row : connection.run(table.rows)) rows.push_back(shown(table, row));
  std::ranges::sort(rows, {}, dump);
  return rows;
}

}  // namespace

Json stored_rows(TempStore& store) {
  return store.run([](sql::Connection& connection) {
    store::number_events(connection, 10'000);
    Json found = Json::object();
    for (const auto& table : all_tables()) {
      auto rows = rows_of(connection, table);
      if (!rows.empty()) found[std::string(table.name)] = std::move(rows);
    }
    return found;
  });
}

Json rows_since(const Json& before, const Json& after) {
  Json fresh = Json::object();
  for (const auto& [table, rows] : after.items()) {
    Json old = before.value(table, Json::array());
    for (const auto& row : rows) {
      if (const auto at = std::ranges::find(old, row); at != old.end())
        old.erase(at);
      else
        fresh[table].push_back(row);
    }
  }
  return fresh;
}

}  // namespace waypost::test
