// Groups: a group is a contact of its own, and its conversation is the group's; those who write in it are contacts,
// too. Lane only.

#pragma once

#include <string_view>
#include <vector>

#include "conversation/group_news.h"
#include "store/channels.h"
#include "store/contacts.h"
#include "store/inbound.h"

namespace waypost::store {

// The contact that stands for the group, made where there is none.
ContactId group_contact(sql::Connection& connection, const Channel& channel, std::string_view group_id, Time now);
// Who wrote in it is in it, until a later word says otherwise.
struct Presence {
  TenantId tenant{};
  std::string_view group_id{};
  ContactId contact{};
  bool is_in = true;
  Time at{};  // Meta's
};
// Of the person as they are when this has their row: the contact that they were merged into, which is given.
ContactId note_presence(sql::Connection& connection, const Presence& presence);

// Each part by Meta's time, so that the order in which news comes does not matter. The conversations that a merge of
// people has touched.
std::vector<ConversationId> apply_group_news(sql::Connection& connection, const Channel& channel, const GroupNews& news,
                                             Time now);

struct ChatGroup {
  std::string group_id{};
  ContactId contact{};
  std::string state = "active";
  std::optional<std::string> subject{};
  std::optional<std::string> description{};
  std::optional<std::string> invite_link{};
  std::vector<ContactId> participants{};
};
std::optional<ChatGroup> group_of_contact(sql::Connection& connection, TenantId tenant, ContactId contact);
// {"id","state","subject","description","inviteLink","participants":[contact ids]}
Json to_json(const ChatGroup& group);

}  // namespace waypost::store
