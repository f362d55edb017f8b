#include <algorithm>

#include "api/conversation_view.h"
#include "api/door.h"
#include "api/paging.h"
#include "api/routes.h"
#include "store/locks.h"
#include "store/media.h"
#include "store/message_json.h"
#include "store/message_marks.h"
#include "store/messages.h"
#include "store/recipients.h"

namespace waypost::api {
namespace {

// What is known of a page's messages beside their rows.
struct Besides {
  std::map<std::string, std::vector<store::Mark>> marks{};  // what later messages say about them, by wamid
  std::map<MessageId, store::Media> media{};
  std::map<MessageId, Json> recipients{};  // of a group's
};

Json shown_in_page(const store::Message& message, const Besides& besides) {
  const auto& marks = besides.marks;
  const auto of_it = message.wamid ? marks.find(*message.wamid) : marks.end();
  Json json = store::to_json(message);
  json.update(store::to_json(of_it == marks.end() ? std::vector<store::Mark>() : of_it->second));
  const auto media = besides.media.find(message.id);
  if (media != besides.media.end()) json["media"] = store::to_json(media->second);
  const auto recipients = besides.recipients.find(message.id);
  if (recipients != besides.recipients.end()) json["recipients"] = recipients->second;
  return json;
}

Besides read_besides(sql::Connection& connection, const store::Conversation& conversation, const store::Page& page,
                     const std::vector<store::Message>& rows) {
  Besides besides{.marks = store::marks_of_page(connection, conversation, page),
                  .media = store::media_of_page(connection, conversation.tenant, conversation.id, page)};
  const auto contact = store::find_contact(connection, conversation.tenant, conversation.contact);
  if (contact && contact->group_id) besides.recipients = store::recipients_of(connection, conversation.tenant, rows);
  return besides;
}

// The newest page, in the order people read.
Result<Json> page_json(sql::Connection& connection, TenantId tenant, ConversationId id, const store::Page& page) {
  const auto conversation = store::surviving_conversation(connection, tenant, id);
  if (!conversation) return not_found();
  auto rows = store::list_messages(connection, tenant, conversation->id, {page.limit + 1, page.offset});
  const bool more = std::ssize(rows) > page.limit;
  if (more) rows.pop_back();
  const auto besides = read_besides(connection, *conversation, page, rows);
  Json messages = Json::array();
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) messages.push_back(shown_in_page(*row, besides));
  return Json{{"messages", std::move(messages)}, {"hasMore", more}};
}

awaitable<Result<Response>> list(Shared& shared, Call call) {
  const auto id = path_id<ConversationId>(call.request);
  if (!id) co_return fail(id.error());
  const auto page = read_page(call.request, {.usual = 100, .most = 100});
  if (!page) co_return fail(page.error());
  co_return respond(
      200, co_await shared.database.read([tenant = call.caller.tenant, id = *id, page = *page](auto& connection) {
        return page_json(connection, tenant, id, page);
      }));
}

}  // namespace

void add_message_routes(Router& router, Shared& shared) {
  add_entries(router, shared,
              std::initializer_list<Entry>{
                  {"GET", "/api/conversations/{id}/messages", list},
              });
}

}  // namespace waypost::api
