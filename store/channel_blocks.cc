#include "store/channel_blocks.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "conversation/failure_reason.h"
#include "conversation/send_codes.h"
#include "store/events.h"

namespace waypost::store {
namespace {

bool is_of_account(std::int64_t code) {
  const auto action = action_of(code);
  return action == GraphAction::BlockAccount || action == GraphAction::BlockTemplates;
}

// What was refused waits: a free-form message that meets a block of templates blocks the number.
std::string_view state_of(const Block& block) {
  const auto action = action_of(block.code);
  const bool templates_alone = action == GraphAction::BlockInitiated || action == GraphAction::BlockTemplates;
  return templates_alone && block.of_template ? "restricted" : "blocked";
}

std::vector<Channel> lock_reached(sql::Connection& connection, const Channel& channel, std::int64_t code) {
  if (is_of_account(code)) return lock_channels_of_waba(connection, channel.tenant, channel.waba_id);
  const auto locked = lock_channel(connection, channel.tenant, channel.id);
  return locked ? std::vector{*locked} : std::vector<Channel>();
}

void tell(sql::Connection& connection, const Channel& channel, Time now) {
  Channel told = channel;
  told.updated_at = now;
  append_event(connection, channel.tenant, {.type = "channel.updated", .payload = dump({{"channel", to_json(told)}})},
               now);
}

std::string words_of(const Block& block) {
  return "Meta's code " + std::to_string(block.code) + ": " + block.words + ". " +
         std::string(advice_of(reason_of(block.code)));
}

void block_one(sql::Connection& connection, Channel channel, const Block& block, Time now) {
  if (channel.state != "active" && !is_blocked(channel)) return;
  const auto state = channel.state == "blocked" ? std::string_view("blocked") : state_of(block);
  const bool is_new = channel.state != state || channel.state_code != block.code;
  channel.state = state;
  channel.state_code = block.code;
  channel.state_words = words_of(block);
  channel.look_at = now + kBlockPause;
  channel.probed_at.reset();
  update_channel(connection, channel, now);
  if (is_new) tell(connection, channel, now);
}

}  // namespace

void block_channels(sql::Connection& connection, const Block& block, Time now) {
  const auto channel = find_channel(connection, block.tenant, block.channel);
  if (!channel) return;
  for (const auto& reached : lock_reached(connection, *channel, block.code)) block_one(connection, reached, block, now);
}

bool begin_probe(sql::Connection& connection, const Channel& seen, Time now) {
  const auto begun = connection.run(
      "UPDATE channel SET look_at = $4 WHERE tenant_id = $1 AND id = $2 AND state = $3 AND probed_at IS NULL AND "
      "(look_at IS NULL OR look_at <= $5)",
      {seen.tenant, seen.id, seen.state, now + kBlockPause, now});
  return begun.changed() > 0;
}

void probe_accepted(sql::Connection& connection, const Channel& seen, Time now) {
  connection.run(
      "UPDATE channel SET look_at = $4, probed_at = $5 WHERE tenant_id = $1 AND id = $2 AND state = $3 AND probed_at "
      "IS "
      "NULL",
      {seen.tenant, seen.id, seen.state, now + kProbeQuiet, now});
}

bool end_block(sql::Connection& connection, const Channel& seen, Time now) {
  const auto code = seen.state_code.value_or(0);
  bool ended = false;
  auto reached = lock_reached(connection, seen, code);
  const auto own = std::ranges::find(reached, seen.id, &Channel::id);
  const bool is_quiet = own != reached.end() && is_blocked(*own) && own->probed_at && own->look_at <= now;
  if (!is_quiet) return false;
  for (auto& channel : reached) {
    if (!is_blocked(channel) || channel.state_code != code) continue;
    channel.state = "active";
    channel.state_words.reset();
    channel.state_code.reset();
    channel.look_at.reset();
    channel.probed_at.reset();
    ended = update_channel(connection, channel, now) || ended;
    tell(connection, channel, now);
  }
  return ended;
}

void look_now(sql::Connection& connection, const Channel& channel, Time now) {
  connection.run(
      "UPDATE channel SET look_at = $3 WHERE tenant_id = $1 AND id = $2 AND state IN ('blocked', 'restricted') AND "
      "probed_at IS NULL AND look_at > $3",
      {channel.tenant, channel.id, now});
}

void keep_quiet(sql::Connection& connection, const Channel& channel, Time until) {
  connection.run(
      "UPDATE channel SET look_at = $3 WHERE tenant_id = $1 AND id = $2 AND (look_at IS NULL OR look_at < $3)",
      {channel.tenant, channel.id, until});
}

}  // namespace waypost::store
