#include "store/free_entry.h"

#include <string_view>
#include <utility>
#include <vector>

namespace waypost::store {
namespace {

// What is older says nothing of a window that may still be open.
constexpr std::chrono::days kKept{8};
// An answer may have been queued before the customer came, held until then.
constexpr std::chrono::days kQueuedBefore{2};

void note(sql::Connection& connection, const Message& message, std::string_view kind, const FreeEntryWord& word) {
  connection.run(
      "INSERT INTO free_entry (tenant_id, conversation_id, kind, happened_at, ends_at) VALUES ($1, $2, $3, $4, $5) "
      "ON CONFLICT (tenant_id, conversation_id, kind, happened_at) DO UPDATE SET ends_at = excluded.ends_at "
      "WHERE free_entry.ends_at IS NULL",
      {message.tenant, message.conversation, kind, word.at, word.ends_at});
  connection.run("DELETE FROM free_entry WHERE tenant_id = $1 AND conversation_id = $2 AND happened_at < $3",
                 {message.tenant, message.conversation, word.at - kKept});
}

std::optional<Time> answer_to(sql::Connection& connection, const Conversation& conversation, Time came) {
  return connection
      .run(
          "SELECT min(sent_at) FROM message WHERE tenant_id = $1 AND conversation_id = $2 AND happened_at >= $3 AND "
          "direction = 'out' AND sent_at >= $4 AND sent_at <= $5",
          {conversation.tenant, conversation.id, came - kQueuedBefore, came, came + kFreeEntryAnswer})
      .front()
      .maybe_time(0);
}

}  // namespace

void note_referral(sql::Connection& connection, const Message& message) {
  note(connection, message, "referral", {.at = message.happened_at});
}

void note_free_entry(sql::Connection& connection, const Message& message, const FreeEntryWord& word) {
  note(connection, message, "word", word);
}

std::optional<FreeEntryWindow> free_entry_of(sql::Connection& connection, const Conversation& conversation) {
  std::vector<FreeEntryReferral> referrals;
  std::vector<FreeEntryWord> words;
  const auto rows =
      connection.run("SELECT kind, happened_at, ends_at FROM free_entry WHERE tenant_id = $1 AND conversation_id = $2",
                     {conversation.tenant, conversation.id});
  for (const auto row : rows) {
    const Time at = row.time(1);
    if (row.text(0) == "word") {
      words.push_back({.at = at, .ends_at = row.maybe_time(2)});
    } else {
      referrals.push_back({.at = at, .answered_at = answer_to(connection, conversation, at)});
    }
  }
  return free_entry_window(std::move(referrals), std::move(words));
}

void bring_free_entries(sql::Connection& connection, const Conversation& survivor, const Conversation& lost) {
  connection.run(
      "INSERT INTO free_entry (tenant_id, conversation_id, kind, happened_at, ends_at) SELECT tenant_id, $3, kind, "
      "happened_at, ends_at FROM free_entry WHERE tenant_id = $1 AND conversation_id = $2 ON CONFLICT (tenant_id, "
      "conversation_id, kind, happened_at) DO NOTHING",
      {lost.tenant, lost.id, survivor.id});
  connection.run("DELETE FROM free_entry WHERE tenant_id = $1 AND conversation_id = $2", {lost.tenant, lost.id});
}

}  // namespace waypost::store
