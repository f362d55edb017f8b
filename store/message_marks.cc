#include "store/message_marks.h"

#include "base/check.h"

namespace waypost::store {
namespace {

Mark read_mark(const sql::Row& row) {
  const auto kind = mark_kind(row.text(1));
  WAYPOST_CHECK(kind.has_value());
  return {.says = {.kind = *kind, .wamid = row.text(0), .text = row.maybe_text(3)},
          .author = row.text(2),
          .at = row.time(4)};
}

void show_reaction(Json& shown, const Mark& mark) {
  if (!mark.says.text) return;
  shown["reactions"].push_back({{"emoji", *mark.says.text}, {"author", mark.author}, {"at", iso8601(mark.at)}});
}

void show_edit(Json& shown, const Mark& mark) {
  shown["editedText"] = mark.says.text ? Json(*mark.says.text) : Json();
  shown["editedAt"] = iso8601(mark.at);
}

// A participant's ($2, as the author $3) in the conversations of their groups.
constexpr std::string_view kWordsInGroups =
    "FROM message_mark WHERE tenant_id = $1 AND author = $3 AND conversation_id IN (SELECT c.id FROM group_participant "
    "AS p JOIN chat_group AS g ON g.tenant_id = p.tenant_id AND g.group_id = p.group_id JOIN conversation AS c ON "
    "c.tenant_id = g.tenant_id AND c.contact_id = g.contact_id WHERE p.tenant_id = $1 AND p.contact_id = $2)";

}  // namespace

std::string mark_author(const Message& message) {
  if (message.outbound) return "business";
  return message.participant ? message.participant->text() : "contact";
}

void note_mark(sql::Connection& connection, const Message& message, const MessageMark& mark) {
  connection.run(
      "INSERT INTO message_mark (tenant_id, channel_id, wamid, kind, author, conversation_id, text, happened_at) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (tenant_id, channel_id, wamid, kind, author) DO UPDATE SET "
      "conversation_id = excluded.conversation_id, text = excluded.text, happened_at = excluded.happened_at "
      "WHERE message_mark.happened_at <= excluded.happened_at",
      {message.tenant, message.channel, mark.wamid, name_of(mark.kind), mark_author(message), message.conversation,
       mark.text, message.happened_at});
}

void bring_words_in_groups(sql::Connection& connection, TenantId tenant, ContactId from, ContactId to) {
  static const std::string bring =
      "INSERT INTO message_mark (tenant_id, channel_id, wamid, kind, author, conversation_id, text, happened_at) "
      "SELECT "
      "tenant_id, channel_id, wamid, kind, $4, conversation_id, text, happened_at " +
      std::string(kWordsInGroups) +
      " ON CONFLICT (tenant_id, channel_id, wamid, kind, author) DO UPDATE SET text = excluded.text, happened_at = "
      "excluded.happened_at WHERE message_mark.happened_at < excluded.happened_at";
  connection.run(bring, {tenant, from, from.text(), to.text()});
  drop_words_in_groups(connection, tenant, from);
}

void drop_words_in_groups(sql::Connection& connection, TenantId tenant, ContactId participant) {
  static const std::string drop = "DELETE " + std::string(kWordsInGroups);
  connection.run(drop, {tenant, participant, participant.text()});
}

std::map<std::string, std::vector<Mark>> marks_of_page(sql::Connection& connection, const Conversation& conversation,
                                                       const Page& page) {
  const auto rows = connection.run(
      "SELECT wamid, kind, author, text, happened_at FROM message_mark WHERE tenant_id = $1 AND channel_id = $2 AND "
      "conversation_id = $3 AND wamid IN (SELECT wamid FROM (SELECT wamid FROM message WHERE tenant_id = $1 AND "
      "conversation_id = $3 ORDER BY happened_at DESC, seq DESC LIMIT $4 OFFSET $5) AS shown WHERE wamid IS NOT NULL) "
      "ORDER BY wamid, author",
      {conversation.tenant, conversation.channel, conversation.id, page.limit, page.offset});
  std::map<std::string, std::vector<Mark>> marks;
  for (const auto row : rows) {
    auto mark = read_mark(row);
    marks[mark.says.wamid].push_back(std::move(mark));
  }
  return marks;
}

std::vector<Mark> marks_of(sql::Connection& connection, const Message& message) {
  std::vector<Mark> marks;
  if (!message.wamid) return marks;
  const auto rows = connection.run(
      "SELECT wamid, kind, author, text, happened_at FROM message_mark WHERE tenant_id = $1 AND channel_id = $2 AND "
      "wamid = $3 AND conversation_id = $4 ORDER BY author",
      {message.tenant, message.channel, *message.wamid, message.conversation});
  for (const auto row : rows) marks.push_back(read_mark(row));
  return marks;
}

Json to_json(const std::vector<Mark>& marks) {
  Json shown{{"reactions", Json::array()}, {"editedText", nullptr}, {"editedAt", nullptr}, {"revokedAt", nullptr}};
  for (const auto& mark : marks) {
    switch (mark.says.kind) {
      case MarkKind::Reaction:
        show_reaction(shown, mark);
        break;
      case MarkKind::Edit:
        show_edit(shown, mark);
        break;
      case MarkKind::Revoke:
        shown["revokedAt"] = iso8601(mark.at);
        break;
    }
  }
  return shown;
}

}  // namespace waypost::store
