// Marks: what later messages say about one: reactions, an edit, a revoke (conversation/message_mark.h). Kept by the
// wamid of the message spoken of, so that it does not matter which of the two comes first; of each kind and author the
// last word stands, by Meta's time. Lane only.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "conversation/message_mark.h"
#include "sql/connection.h"
#include "store/conversations.h"
#include "store/messages.h"
#include "store/page.h"

namespace waypost::store {

struct Mark {
  MessageMark says{};
  std::string author{};  // contact | business | of a group: the participant's contact id
  Time at{};
};

// Whose word a message is about another one. Of each there is one reaction, one edit.
std::string mark_author(const Message& message);
// `message` says it, and stands in its conversation.
void note_mark(sql::Connection& connection, const Message& message, const MessageMark& mark);
// What a participant said in groups becomes another's, of two words on one message the later; before
// their places in the groups do. And is deleted.
void bring_words_in_groups(sql::Connection& connection, TenantId tenant, ContactId from, ContactId to);
void drop_words_in_groups(sql::Connection& connection, TenantId tenant, ContactId participant);
// By wamid, of the messages of a page (list_messages); within one of them by author.
std::map<std::string, std::vector<Mark>> marks_of_page(sql::Connection& connection, const Conversation& conversation,
                                                       const Page& page);
// Of one message.
std::vector<Mark> marks_of(sql::Connection& connection, const Message& message);
// As the API shows them with the message: {"reactions":[{"emoji","author","at"}],"editedText","editedAt","revokedAt"}.
Json to_json(const std::vector<Mark>& marks);

}  // namespace waypost::store
