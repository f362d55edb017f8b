#include "webhook/apply_task.h"

#include <functional>
#include <string_view>
#include <utility>

#include "base/crypto.h"
#include "store/account_news.h"
#include "store/channels.h"
#include "store/conversations.h"
#include "store/seen.h"

namespace waypost {
namespace {

using store::DeadReason;

// Meta's have 15 or 16 digits. No channel has a longer one to wait for, and an index of PostgreSQL could not take it.
constexpr std::size_t kLongestNumberId = 128;

void bury(sql::Connection& connection, ApplyTask& task, store::DeadLetter letter, Time now) {
  const RecordPlace& record = *task.record;
  const UpdateOrigin& origin = origin_of(task);
  letter.app = record.app;
  letter.journal = record.journal;
  letter.position = record.position;
  letter.received_at = record.received_at;
  letter.place = origin.place;
  if (auto number = number_waited_for(origin)) letter.phone_number_id = std::move(number);
  store::insert_dead_letter(connection, letter, now);
  task.outcome.dead = letter.reason;
}

// Whose the number is: as the task knows, or as the store says in this very transaction.
std::optional<ChannelOwner> find_owner(sql::Connection& connection, ApplyTask& task) {
  if (task.owner) return task.owner;
  const auto channel = store::channel_of_number(connection, origin_of(task).phone_number_id);
  if (!channel) return std::nullopt;
  task.outcome.owner = ChannelOwner{.tenant = channel->tenant, .channel = channel->id};
  return task.outcome.owner;
}

void without_channel(sql::Connection& connection, ApplyTask& task, Origins from, Time now) {
  task.outcome.dead = DeadReason::NoChannel;
  if (from == Origins::Letter) return;
  bury(connection, task, {.reason = DeadReason::NoChannel, .words = std::string(kNoChannelWords), .raw = raw_of(task)},
       now);
}

const store::Inbound& inbound_of(ApplyTask& task, const ChannelOwner& owner) {
  auto& inbound = std::get<MessageUpdate>(task.update).inbound;
  inbound.message.tenant = owner.tenant;
  inbound.message.channel = owner.channel;
  inbound.message.received_at = task.record->received_at;
  inbound.message.journal = task.record->journal;
  return inbound;
}

// A merge touches conversations on the workspace's other numbers, too.
void add_signals(sql::Connection& connection, ApplyTask& task, TenantId tenant, const store::Received& received) {
  task.outcome.fresh |= received.fresh;
  for (const auto& conversation : received.runs) {
    task.outcome.signals.push_back({.queue = QueueName::Runs, .key = {.owner = tenant, .key = conversation}});
  }
  for (const auto& conversation : received.media) {
    task.outcome.signals.push_back({.queue = QueueName::Media, .key = {.owner = tenant, .key = conversation}});
  }
  for (const auto& conversation : received.sends) {
    const auto found = store::find_conversation(connection, tenant, conversation);
    if (!found) continue;
    for (const auto stream : {Stream::Reply, Stream::Bulk}) {
      task.outcome.signals.push_back(
          {.queue = QueueName::Sends,
           .key = {.owner = tenant, .key = conversation, .stream = stream, .channel = found->channel}});
    }
  }
}

void apply_one_status(sql::Connection& connection, ApplyTask& task, const ChannelOwner& owner, Time now) {
  const store::StatusContext context{.tenant = owner.tenant, .channel = owner.channel, .rules = task.rules};
  const auto settled = store::apply_status(connection, context, std::get<StatusUpdate>(task.update).status, now);
  task.outcome.fresh = settled.changed || settled.parked;
  if (!settled.sends) return;
  const auto stream = settled.stream == "bulk" ? Stream::Bulk : Stream::Reply;
  task.outcome.signals.push_back(
      {.queue = QueueName::Sends,
       .key = {.owner = owner.tenant, .key = *settled.sends, .stream = stream, .channel = owner.channel}});
}

// Whose news it is; of a business account no one number's.
struct NewsOwner {
  TenantId tenant{};
  std::optional<ChannelId> channel{};
};

// What two people who turned out to be one wrote is looked at again.
void apply_news(sql::Connection& connection, ApplyTask& task, const NewsOwner& owner, Time now) {
  const auto& update = std::get<OtherUpdate>(task.update);
  const auto& origin = update.origin;
  if (!store::first_seen(connection, {owner.tenant, origin.phone_number_id, fingerprint(update)}, now)) return;
  auto touched = store::apply_account_news(connection,
                                           {.tenant = owner.tenant,
                                            .waba_id = origin.waba_id,
                                            .phone_number_id = origin.phone_number_id,
                                            .channel = owner.channel,
                                            .field = update.field,
                                            .value = update.value,
                                            .at = update.time.value_or(task.record->received_at)},
                                           now);
  add_signals(connection, task, owner.tenant, {.fresh = true, .runs = touched, .sends = touched, .media = touched});
}

// News of a number are its workspace's; news of a business account are for each workspace that has a number of it.
void apply_other(sql::Connection& connection, ApplyTask& task, Origins from, Time now) {
  const auto& update = std::get<OtherUpdate>(task.update);
  if (update.origin.phone_number_id.empty()) {
    for (const auto& tenant : store::tenants_of_waba(connection, update.origin.waba_id)) {
      apply_news(connection, task, {.tenant = tenant}, now);
    }
    return;
  }
  const auto owner = find_owner(connection, task);
  if (!owner) return without_channel(connection, task, from, now);
  apply_news(connection, task, {.tenant = owner->tenant, .channel = owner->channel}, now);
}

void apply_update(sql::Connection& connection, ApplyTask& task, Origins from, Time now) {
  if (std::holds_alternative<OtherUpdate>(task.update)) return apply_other(connection, task, from, now);
  const auto owner = find_owner(connection, task);
  if (!owner) return without_channel(connection, task, from, now);
  if (std::holds_alternative<MessageUpdate>(task.update)) {
    return add_signals(connection, task, owner->tenant,
                       store::receive_message(connection, inbound_of(task, *owner), now));
  }
  apply_one_status(connection, task, *owner, now);
}

// Messages that nothing is known against; they are received together.
class Together {
 public:
  static bool takes(const ApplyTask& task) {
    return task.owner && !task.fault && std::holds_alternative<MessageUpdate>(task.update);
  }
  void add(ApplyTask& task) {
    task.outcome = {};
    tasks_.push_back(&task);
  }
  void receive(sql::Connection& connection, Time now) {
    std::vector<const store::Inbound*> inbounds;
    for (auto* task : tasks_) inbounds.push_back(&inbound_of(*task, *task->owner));
    const auto received = store::receive_messages(connection, inbounds, now);
    for (std::size_t at = 0; at < tasks_.size(); ++at)
      add_signals(connection, *tasks_[at], tasks_[at]->owner->tenant, received[at]);
    tasks_.clear();
  }

 private:
  std::vector<ApplyTask*> tasks_;
};

}  // namespace

std::optional<std::string> number_waited_for(const UpdateOrigin& origin) {
  const auto& number = origin.phone_number_id;
  if (number.empty() || number.size() > kLongestNumberId) return std::nullopt;
  return number;
}

std::string raw_of(const ApplyTask& task) {
  return std::visit(
      [](const auto& update) -> std::string {
        if constexpr (requires { update.raw; }) {
          return update.raw;
        } else {
          return slice_of(update);
        }
      },
      task.update);
}

std::string fingerprint(const OtherUpdate& update) {
  const auto time = update.time ? to_millis(*update.time) / 1000 : 0;
  return hex(
      sha256(update.origin.waba_id + "\n" + update.field + "\n" + std::to_string(time) + "\n" + dump(update.value)));
}

const UpdateOrigin& origin_of(const ApplyTask& task) {
  return std::visit([](const auto& update) -> const UpdateOrigin& { return update.origin; }, task.update);
}

sql::LaneKey lane_key_of(const ApplyTask& task) {
  const std::hash<std::string> hash;
  const auto number = hash(origin_of(task).phone_number_id);
  if (const auto* message = std::get_if<MessageUpdate>(&task.update)) {
    const auto& sender = message->inbound.sender;
    return {number ^ hash(sender.user_id.value_or(sender.phone.value_or(""))), number};
  }
  if (const auto* status = std::get_if<StatusUpdate>(&task.update)) {
    return {number ^ hash(status->status.wamid), number};
  }
  return {number, number};
}

void apply(sql::Connection& connection, ApplyTask& task, Origins from, Time now) {
  task.outcome = {};
  if (task.fault) {
    return bury(connection, task, {.reason = DeadReason::WrongShape, .words = *task.fault, .raw = raw_of(task)}, now);
  }
  const auto* unreadable = std::get_if<Malformed>(&task.update);
  if (!unreadable) return apply_update(connection, task, from, now);
  bury(connection, task, {.reason = unreadable->reason, .words = unreadable->words, .raw = unreadable->raw}, now);
}

void apply(sql::Connection& connection, const ApplyGroup& tasks, Time now) {
  Together together;
  for (const auto& task : tasks) {
    if (Together::takes(*task)) {
      together.add(*task);
    } else {
      together.receive(connection, now);
      apply(connection, *task, Origins::Journal, now);
    }
  }
  together.receive(connection, now);
}

}  // namespace waypost
