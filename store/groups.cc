#include "store/groups.h"

#include "base/or_null.h"
#include "store/locks.h"

namespace waypost::store {
namespace {

struct Row {
  ContactId contact{};
  std::string state = "active";
  std::optional<std::string> subject{};
  std::optional<std::string> description{};
  std::optional<std::string> invite_link{};
  Json said = Json::object();
};

struct Made {
  std::string_view group_id{};
  ContactId contact{};  // that stands for it
};

void ensure_row(sql::Connection& connection, const Channel& channel, const Made& made, Time now) {
  connection.run(
      "INSERT INTO chat_group (tenant_id, group_id, channel_id, contact_id, state, said, created_at, updated_at) "
      "VALUES ($1, $2, $3, $4, 'active', $5, $6, $6) ON CONFLICT (tenant_id, group_id) DO NOTHING",
      {channel.tenant, made.group_id, channel.id, made.contact, sql::JsonText{"{}"}, now});
}

Row read_row(const sql::Row& row) {
  return {.contact = row.id<ContactId>(0),
          .state = row.text(1),
          .subject = row.maybe_text(2),
          .description = row.maybe_text(3),
          .invite_link = row.maybe_text(4),
          .said = row.json(5)};
}

// Takes a part that was said, unless a later word stands.
struct Taking {
  Json& said;
  Time at;

  template <class Part>
  bool operator()(std::string_view name, Part& kept, const std::optional<std::string>& now_said) const {
    if (!now_said) return false;
    const auto last = find_integer(said, name);
    if (last && *last > to_millis(at)) return false;
    said[std::string(name)] = to_millis(at);
    kept = *now_said;
    return true;
  }
};

bool takes_news(Row& row, const GroupNews& news) {
  const Taking takes{.said = row.said, .at = news.at};
  bool took = takes("state", row.state, news.state);
  took |= takes("subject", row.subject, news.subject);
  took |= takes("description", row.description, news.description);
  took |= takes("inviteLink", row.invite_link, news.invite_link);
  return took;
}

struct GroupKey {
  TenantId tenant{};
  std::string_view group_id{};
};

void write_row(sql::Connection& connection, const GroupKey& key, const Row& row, Time now) {
  connection.run(
      "UPDATE chat_group SET state = $3, subject = $4, description = $5, invite_link = $6, said = $7, updated_at = $8 "
      "WHERE tenant_id = $1 AND group_id = $2",
      {key.tenant, key.group_id, row.state, row.subject, row.description, row.invite_link,
       sql::JsonText{dump(row.said)}, now});
}

// The contact is held: the row is its own.
void update_group(sql::Connection& connection, const Channel& channel, const GroupNews& news, Time now) {
  auto contact = lock_contact(connection, channel.tenant, group_contact(connection, channel, news.group_id, now));
  if (!contact) run_again("a group was erased by another transaction");
  const auto rows = connection.run(
      "SELECT contact_id, state, subject, description, invite_link, said FROM chat_group WHERE tenant_id = $1 AND "
      "group_id = $2",
      {channel.tenant, news.group_id});
  if (rows.empty()) run_again("a group was erased by another transaction");
  Row row = read_row(rows.front());
  if (!takes_news(row, news)) return;
  write_row(connection, {.tenant = channel.tenant, .group_id = news.group_id}, row, now);
  if (contact->profile_name == row.subject) return;
  contact->profile_name = row.subject;
  update_identity(connection, *contact, now);
}

}  // namespace

ContactId group_contact(sql::Connection& connection, const Channel& channel, std::string_view group_id, Time now) {
  const Alias alias{.kind = AliasKind::Group, .value = std::string(group_id)};
  if (const auto known = contact_of_alias(connection, channel.tenant, alias)) return *known;
  const auto made = create_contact(connection, {.tenant = channel.tenant, .group_id = alias.value}, {alias}, now);
  if (!made) run_again("a group was made by another transaction");
  ensure_row(connection, channel, {.group_id = group_id, .contact = made->id}, now);
  return made->id;
}

ContactId note_presence(sql::Connection& connection, const Presence& presence) {
  const auto contact = lock_contact(connection, presence.tenant, presence.contact);
  if (!contact) run_again("a contact was erased by another transaction");
  connection.run(
      "INSERT INTO group_participant (tenant_id, group_id, contact_id, is_in, said_at) VALUES ($1, $2, $3, $4, $5) "
      "ON CONFLICT (tenant_id, group_id, contact_id) DO UPDATE SET is_in = excluded.is_in, said_at = excluded.said_at "
      "WHERE group_participant.said_at < excluded.said_at",
      {presence.tenant, presence.group_id, contact->id, presence.is_in, presence.at});
  return contact->id;
}

std::vector<ConversationId> apply_group_news(sql::Connection& connection, const Channel& channel, const GroupNews& news,
                                             Time now) {
  std::vector<ConversationId> touched;
  const auto note = [&](const Sighting& who, bool is_in) {
    const auto person = recognise(connection, {.sender = who, .message = {.tenant = channel.tenant}}, now);
    touched.insert(touched.end(), person.touched.begin(), person.touched.end());
    note_presence(connection, {.tenant = channel.tenant,
                               .group_id = news.group_id,
                               .contact = person.contact,
                               .is_in = is_in,
                               .at = news.at});
  };
  update_group(connection, channel, news, now);
  for (const auto& who : news.added) note(who, true);
  for (const auto& who : news.removed) note(who, false);
  return touched;
}

std::optional<ChatGroup> group_of_contact(sql::Connection& connection, TenantId tenant, ContactId contact) {
  const auto rows = connection.run(
      "SELECT contact_id, state, subject, description, invite_link, said, group_id FROM chat_group WHERE tenant_id = "
      "$1 AND contact_id = $2",
      {tenant, contact});
  if (rows.empty()) return std::nullopt;
  const Row row = read_row(rows.front());
  ChatGroup group{.group_id = rows.front().text(6),
                  .contact = row.contact,
                  .state = row.state,
                  .subject = row.subject,
                  .description = row.description,
                  .invite_link = row.invite_link};
  const auto people = connection.run(
      "SELECT contact_id FROM group_participant WHERE tenant_id = $1 AND group_id = $2 AND is_in ORDER BY contact_id",
      {tenant, group.group_id});
  for (const auto person : people) group.participants.push_back(person.id<ContactId>(0));
  return group;
}

Json to_json(const ChatGroup& group) {
  Json participants = Json::array();
  for (const auto& contact : group.participants) participants.push_back(contact.text());
  return {{"id", group.group_id},
          {"state", group.state},
          {"subject", or_null(group.subject)},
          {"description", or_null(group.description)},
          {"inviteLink", or_null(group.invite_link)},
          {"participants", std::move(participants)}};
}

}  // namespace waypost::store
