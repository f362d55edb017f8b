#include "store/message_story.h"

namespace waypost::store {
namespace {

std::optional<std::string> node_of(sql::Connection& connection, const Message& message) {
  if (!message.journal) return std::nullopt;
  const auto rows =
      connection.run("SELECT name FROM node WHERE journal_id = $1 ORDER BY name LIMIT 1", {*message.journal});
  return rows.empty() ? std::nullopt : std::optional(rows.front().text(0));
}

bool waits_for_run(sql::Connection& connection, const Message& message) {
  return !connection
              .run("SELECT 1 FROM run_trigger WHERE tenant_id = $1 AND conversation_id = $2 AND seq = $3",
                   {message.tenant, message.conversation, message.seq})
              .empty();
}

std::optional<RunId> run_started_by(sql::Connection& connection, const Message& message) {
  const auto rows = connection.run("SELECT id FROM run WHERE tenant_id = $1 AND message_id = $2 AND replay_of IS NULL",
                                   {message.tenant, message.id});
  return rows.empty() ? std::nullopt : std::optional(rows.front().id<RunId>(0));
}

std::vector<Exchange> exchanges_of(sql::Connection& connection, const Message& message) {
  std::vector<Exchange> exchanges;
  const auto rows = connection.run(
      "SELECT attempt, started_at, ended_at, exchange FROM message_exchange WHERE tenant_id = $1 AND message_id = $2 "
      "ORDER BY attempt",
      {message.tenant, message.id});
  for (const auto row : rows) {
    exchanges.push_back(
        {.attempt = row.number(0), .started_at = row.time(1), .ended_at = row.time(2), .trace = row.json(3)});
  }
  return exchanges;
}

void read_of_outbound(sql::Connection& connection, MessageStory& story) {
  const Message& message = story.message;
  story.exchanges = exchanges_of(connection, message);
  story.recipients = progress_of(connection, message.tenant, message.id);
  if (message.replaced_by) story.replacement = find_message(connection, message.tenant, *message.replaced_by);
}

void read_of_inbound(sql::Connection& connection, MessageStory& story) {
  story.node = node_of(connection, story.message);
  story.waits_for_run = waits_for_run(connection, story.message);
  story.media = media_of_message(connection, story.message.tenant, story.message.id);
}

}  // namespace

std::optional<MessageStory> read_story(sql::Connection& connection, TenantId tenant, MessageId id) {
  auto message = find_message(connection, tenant, id);
  if (!message) return std::nullopt;
  MessageStory story{.message = *std::move(message)};
  if (story.message.outbound) {
    read_of_outbound(connection, story);
  } else {
    read_of_inbound(connection, story);
  }
  const auto run = story.message.outbound ? story.message.run : run_started_by(connection, story.message);
  if (run) story.run = find_run(connection, tenant, *run);
  if (story.run && !story.message.outbound) story.steps = list_steps(connection, tenant, story.run->id);
  story.marks = marks_of(connection, story.message);
  return story;
}

}  // namespace waypost::store
