#include "store/broadcast_feed.h"

#include <algorithm>
#include <utility>

#include "conversation/broadcast_content.h"
#include "conversation/market.h"
#include "store/broadcast_audience.h"
#include "store/budgets.h"
#include "store/channels.h"
#include "store/contacts.h"
#include "store/conversations.h"
#include "store/locks.h"
#include "store/templates.h"

namespace waypost::store {
namespace {

// In the words of the index message_ahead.
constexpr std::string_view kAhead =
    "FROM message WHERE tenant_id = $1 AND channel_id = $2 AND broadcast_id IS NOT NULL AND stream = 'bulk' AND (state "
    "= 'queued' OR state = 'sending' OR state = 'unknown' OR state = 'held')";

std::int64_t count_ahead(sql::Connection& connection, const Broadcast& broadcast) {
  static const std::string kText = "SELECT count(*) " + std::string(kAhead);
  return connection.run(kText, {broadcast.tenant, broadcast.channel}).front().number(0);
}

bool has_messages_ahead(sql::Connection& connection, const Broadcast& broadcast) {
  static const std::string kText = "SELECT 1 " + std::string(kAhead) + " AND broadcast_id = $3 LIMIT 1";
  return !connection.run(kText, {broadcast.tenant, broadcast.channel, broadcast.id}).empty();
}

bool has_waiting(sql::Connection& connection, const Broadcast& broadcast) {
  return !connection
              .run(
                  "SELECT 1 FROM broadcast_recipient WHERE tenant_id = $1 AND broadcast_id = $2 AND state = 'waiting' "
                  "LIMIT 1",
                  {broadcast.tenant, broadcast.id})
              .empty();
}

std::vector<FeedPlan::Next> read_next(sql::Connection& connection, const Broadcast& broadcast, std::int64_t most) {
  std::vector<FeedPlan::Next> next;
  const auto rows = connection.run(
      "SELECT r.contact_id, c.id FROM broadcast_recipient AS r LEFT JOIN conversation AS c ON c.tenant_id = "
      "r.tenant_id AND c.contact_id = r.contact_id AND c.channel_id = $3 AND c.merged_into IS NULL WHERE r.tenant_id = "
      "$1 AND r.broadcast_id = $2 AND r.state = 'waiting' ORDER BY r.contact_id LIMIT $4",
      {broadcast.tenant, broadcast.id, broadcast.channel, most});
  for (const auto row : rows)
    next.push_back({.contact = row.id<ContactId>(0), .conversation = row.maybe_id<ConversationId>(1)});
  return next;
}

std::optional<Template> template_of(sql::Connection& connection, const Broadcast& broadcast, const Channel& channel) {
  return find_template(
      connection, broadcast.tenant,
      {.waba_id = channel.waba_id, .name = broadcast.template_name, .language = broadcast.template_language});
}

std::optional<BroadcastStop> stop_of_surroundings(sql::Connection& connection, const Broadcast& broadcast, Time now) {
  BroadcastSurroundings surroundings{.now = now};
  if (const auto channel = find_channel(connection, broadcast.tenant, broadcast.channel)) {
    surroundings.channel_state = channel->state;
    surroundings.standing = channel->standing;
    if (const auto known = template_of(connection, broadcast, *channel)) surroundings.template_status = known->status;
  }
  const auto tenant = find_tenant(connection, broadcast.tenant);
  if (tenant) surroundings.stops_at_low_quality = stops_at_low_quality(tenant->settings);
  return stop_of(surroundings);
}

// The channel's budget, if broadcasts stop where it ends.
std::optional<BudgetStanding> stopping_budget(sql::Connection& connection, const Broadcast& broadcast, Time now) {
  const BudgetKey key{.tenant = broadcast.tenant, .channel = broadcast.channel};
  const auto budget = find_budget(connection, key);
  return budget && budget->stops ? budget_standing(connection, key, now) : std::nullopt;
}

// Of messages to these people, in the budget's currency; where no rate is set, nothing.
std::vector<Amount> prices_of(sql::Connection& connection, const Broadcast& broadcast, const BudgetStanding& standing,
                              const std::vector<FeedPlan::Next>& people) {
  const auto category = category_of_broadcast(connection, broadcast);
  std::vector<Amount> prices;
  for (const auto& person : people) {
    const auto contact = find_contact(connection, broadcast.tenant, person.contact);
    const auto market = market_of(contact ? contact->phone.value_or("") : std::string());
    const auto* rate = standing.rates.find(market, category, standing.today);
    const bool counts = rate && rate->currency == standing.budget.currency;
    prices.push_back(counts ? rate->price : Amount{});
  }
  return prices;
}

// Nobody whose message would cost more than what is left. When that is already the first, the broadcast stops, once its
// messages that are paid for are out: those of a paused one rest.
void keep_within(sql::Connection& connection, const Broadcast& broadcast, const BudgetStanding& standing,
                 FeedPlan& plan) {
  const auto left = standing.budget.amount.less(used_of(standing.budget, standing.spending));
  const bool is_spent = left <= Amount{};
  plan.next.resize(is_spent ? 0 : fitting(left, prices_of(connection, broadcast, standing, plan.next)));
  if (plan.next.empty() && !has_messages_ahead(connection, broadcast))
    plan.stop = budget_stop(standing.budget, standing.spending);
}

struct RecipientRow {
  std::string state{};
  Json parameters{};
  std::optional<MessageId> message{};
};
std::optional<RecipientRow> find_recipient(sql::Connection& connection, const Broadcast& broadcast, ContactId contact) {
  const auto rows = connection.run(
      "SELECT state, parameters, message_id FROM broadcast_recipient WHERE tenant_id = $1 AND broadcast_id = $2 AND "
      "contact_id = $3",
      {broadcast.tenant, broadcast.id, contact});
  if (rows.empty()) return std::nullopt;
  const auto row = rows.front();
  return RecipientRow{
      .state = row.text(0), .parameters = row.is_null(1) ? Json() : row.json(1), .message = row.maybe_id<MessageId>(2)};
}

void delete_recipient(sql::Connection& connection, const Broadcast& broadcast, ContactId contact) {
  connection.run("DELETE FROM broadcast_recipient WHERE tenant_id = $1 AND broadcast_id = $2 AND contact_id = $3",
                 {broadcast.tenant, broadcast.id, contact});
}

// A merge that this row escaped, because it was frozen meanwhile. False: the person has a row that counts.
bool follow_merge(sql::Connection& connection, const Broadcast& broadcast, ContactId lost, ContactId survivor) {
  const auto other = find_recipient(connection, broadcast, survivor);
  if (other && other->state != "excluded") {
    delete_recipient(connection, broadcast, lost);
    return false;
  }
  if (other) delete_recipient(connection, broadcast, survivor);
  connection.run(
      "UPDATE broadcast_recipient SET contact_id = $4 WHERE tenant_id = $1 AND broadcast_id = $2 AND contact_id = $3",
      {broadcast.tenant, broadcast.id, lost, survivor});
  return true;
}

void take(sql::Connection& connection, const RecipientKey& key, MessageId message, Time now) {
  const auto taken = connection.run(
      "UPDATE broadcast_recipient SET state = 'taken', reason = NULL, message_id = $4, updated_at = $5 WHERE tenant_id "
      "= $1 AND broadcast_id = $2 AND contact_id = $3 AND state = 'waiting'",
      {key.tenant, key.broadcast, key.contact, message, now});
  if (taken.changed() == 0) run_again("a recipient was taken by another transaction");
}

RecipientValues values_of(const Contact& contact, const Json& row) {
  RecipientValues values{{"contact.name", contact.shown_name()},
                         {"contact.phone", contact.phone ? "+" + *contact.phone : std::string()},
                         {"contact.language", contact.language.value_or("")}};
  for (const auto& [key, value] : contact.fields.items()) {
    if (value.is_null() || value.is_structured()) continue;
    values["contact.fields." + key] = value.is_string() ? value.get<std::string>() : dump(value);
  }
  add_row_values(values, row);
  return values;
}

std::string_view left_out_at_once(const Contact& contact) {
  if (contact.group_id) return "group";
  if (contact.opted_out) return "opted_out";
  if (!contact.phone && !contact.user_id) return "no_address";
  return "";
}

TemplateShape shape_of(const Template& known) {
  return {.name = known.name,
          .language = known.language,
          .parameter_format = known.parameter_format,
          .components = known.components};
}

// One recipient's way to a message.
class Feed {
 public:
  Feed(sql::Connection& connection, const Broadcast& broadcast, const AcceptRules& rules, Time now)
      : connection_(connection), broadcast_(broadcast), rules_(rules), now_(now) {}

  FedRecipient run(ContactId asked) {
    const auto contact = lock_contact(connection_, broadcast_.tenant, asked);
    const auto row = find_recipient(connection_, broadcast_, asked);
    if (!row || row->state != "waiting") return {};
    if (!contact) return left_out(asked, "no_contact");
    if (contact->id != asked && !follow_merge(connection_, broadcast_, asked, contact->id)) return {};
    if (const auto why = left_out_at_once(*contact); !why.empty()) return left_out(contact->id, why);
    return send_to(*contact, *row);
  }

 private:
  RecipientKey key_of(ContactId contact) const {
    return {.tenant = broadcast_.tenant, .broadcast = broadcast_.id, .contact = contact};
  }

  FedRecipient left_out(ContactId contact, std::string_view reason) {
    leave_out(connection_, key_of(contact), reason, now_);
    return {};
  }

  FedRecipient send_to(const Contact& contact, const RecipientRow& row) {
    const auto channel = find_channel(connection_, broadcast_.tenant, broadcast_.channel);
    const auto known = channel ? template_of(connection_, broadcast_, *channel) : std::nullopt;
    if (!known) return {};  // the broadcast stops by itself
    auto content = broadcast_content(shape_of(*known), broadcast_.parameters, values_of(contact, row.parameters));
    if (!content) return left_out(contact.id, "missing_parameter");
    const auto conversation = open_conversation(connection_, broadcast_.tenant, contact.id, broadcast_.channel, now_);
    if (row.message) find_conversation(connection_, broadcast_.tenant, conversation.id, Lock::UntilCommit);
    const auto failed = row.message ? lock_message(connection_, broadcast_.tenant, *row.message) : std::nullopt;
    if (failed && !may_go_again(*failed)) {
      take(connection_, key_of(contact.id), failed->id, now_);
      return {};
    }
    auto accepted = accept_message(connection_, conversation, message_of(*content, failed), rules_, now_);
    if (!accepted) return refused(contact.id, accepted.error());
    take(connection_, key_of(contact.id), accepted->id, now_);
    if (failed) mark_replaced(*failed, accepted->id);
    return {.message = *std::move(accepted)};
  }

  // A status that came meanwhile may have lifted it, and somebody may have sent it again by hand.
  static bool may_go_again(const Message& message) {
    return !message.replaced_by && (message.state == MessageState::Failed || message.state == MessageState::Expired);
  }

  Message message_of(const TemplateContent& content, const std::optional<Message>& failed) const {
    Message message{.type = "template", .content = content.content};
    message.text = content.text.empty() ? broadcast_.template_name : content.text;
    message.author = kBroadcastAuthor;
    message.author_id = broadcast_.created_by;
    message.stream = "bulk";
    message.broadcast = broadcast_.id;
    if (failed) message.replaces = failed->id;
    return message;
  }

  FedRecipient refused(ContactId contact, const Error& why) {
    if (why.code() == "no_channel") return {};  // the broadcast stops by itself
    return left_out(contact, why.code().empty() ? std::string_view("no_contact") : std::string_view(why.code()));
  }

  void mark_replaced(const Message& failed, MessageId by) {
    connection_.run("UPDATE message SET replaced_by = $3, updated_at = $4 WHERE tenant_id = $1 AND id = $2",
                    {failed.tenant, failed.id, by, now_});
  }

  sql::Connection& connection_;
  const Broadcast& broadcast_;
  const AcceptRules& rules_;
  const Time now_;
};

}  // namespace

std::optional<BroadcastStop> stop_of_broadcast(sql::Connection& connection, const Broadcast& broadcast, Time now) {
  auto stop = stop_of_surroundings(connection, broadcast, now);
  if (stop || has_messages_ahead(connection, broadcast)) return stop;
  const auto standing = stopping_budget(connection, broadcast, now);
  return standing ? stop_of_budget(standing->budget, standing->spending) : std::nullopt;
}

FeedPlan plan_feed(sql::Connection& connection, const Broadcast& broadcast, std::int64_t most, Time now) {
  FeedPlan plan{.stop = stop_of_surroundings(connection, broadcast, now)};
  if (plan.stop) return plan;
  const auto room = std::min(most, kMostAhead - count_ahead(connection, broadcast));
  if (room > 0) plan.next = read_next(connection, broadcast, room);
  plan.is_over = plan.next.empty() && room > 0 && !has_messages_ahead(connection, broadcast);
  if (plan.next.empty()) return plan;
  if (const auto standing = stopping_budget(connection, broadcast, now))
    keep_within(connection, broadcast, *standing, plan);
  return plan;
}

FedRecipient feed_recipient(sql::Connection& connection, const RecipientKey& key, const AcceptRules& rules, Time now) {
  const auto broadcast = find_broadcast(connection, key.tenant, key.broadcast);
  if (!broadcast || broadcast->status != BroadcastStatus::Sending) return {};
  return Feed(connection, *broadcast, rules, now).run(key.contact);
}

void leave_out(sql::Connection& connection, const RecipientKey& key, std::string_view reason, Time now) {
  connection.run(
      "UPDATE broadcast_recipient SET state = 'excluded', reason = $4, updated_at = $5 WHERE tenant_id = $1 AND "
      "broadcast_id = $2 AND contact_id = $3 AND state = 'waiting'",
      {key.tenant, key.broadcast, key.contact, reason, now});
}

// In this order: whoever was taken between the two looks has a message ahead at the second.
bool finish_broadcast(sql::Connection& connection, const Broadcast& seen, Time now) {
  const auto broadcast = find_broadcast(connection, seen.tenant, seen.id, Lock::UntilCommit);
  if (!broadcast || broadcast->status != BroadcastStatus::Sending) return false;
  if (has_waiting(connection, *broadcast) || has_messages_ahead(connection, *broadcast)) return false;
  move_broadcast(connection, *broadcast, BroadcastStatus::Completed, now);
  return true;
}

bool stop_broadcast(sql::Connection& connection, const Broadcast& seen, const BroadcastStop& stop, Time now) {
  auto broadcast = find_broadcast(connection, seen.tenant, seen.id, Lock::UntilCommit);
  if (!broadcast) return false;
  const auto next = after(broadcast->status, BroadcastWish::Pause, broadcast->prepared_at.has_value());
  if (!next) return false;
  broadcast->stop = stop;
  move_broadcast(connection, *broadcast, *next, now);
  return true;
}

bool start_scheduled(sql::Connection& connection, const Broadcast& seen, Time now) {
  const auto broadcast = find_broadcast(connection, seen.tenant, seen.id, Lock::UntilCommit);
  if (!broadcast || broadcast->status != BroadcastStatus::Scheduled || !broadcast->scheduled_at ||
      *broadcast->scheduled_at > now)
    return false;
  move_broadcast(connection, *broadcast, BroadcastStatus::Preparing, now);
  return true;
}

std::vector<ConversationId> conversations_ahead(sql::Connection& connection, const Broadcast& broadcast) {
  static const std::string kText = "SELECT DISTINCT conversation_id " + std::string(kAhead) + " AND broadcast_id = $3";
  std::vector<ConversationId> conversations;
  for (const auto row : connection.run(kText, {broadcast.tenant, broadcast.channel, broadcast.id}))
    conversations.push_back(row.id<ConversationId>(0));
  return conversations;
}

void renew_validity(sql::Connection& connection, const Broadcast& broadcast, milliseconds validity, Time now) {
  connection.run(
      "UPDATE message SET expires_at = $4 WHERE tenant_id = $1 AND channel_id = $2 AND broadcast_id = $3 AND "
      "broadcast_id IS NOT NULL AND stream = 'bulk' AND (state = 'queued' OR state = 'sending' OR state = 'unknown' OR "
      "state = 'held') AND state = "
      "'queued'",
      {broadcast.tenant, broadcast.channel, broadcast.id, now + validity});
}

}  // namespace waypost::store
