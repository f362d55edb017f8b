#include "webhook/standing.h"

#include <algorithm>

#include "store/channels.h"
#include "store/seen.h"

namespace waypost {
namespace {

Standing fresh_if(bool fresh) { return fresh ? Standing::Fresh : Standing::Applied; }

bool is_new_to(sql::Connection& connection, TenantId tenant, const OtherUpdate& update) {
  return !store::is_seen(connection, {tenant, update.origin.phone_number_id, fingerprint(update)});
}

// News of an account is each workspace's that has a number of it; of none, nobody's.
Standing standing_of_account(sql::Connection& connection, const OtherUpdate& update) {
  const auto tenants = store::tenants_of_waba(connection, update.origin.waba_id);
  return fresh_if(std::ranges::any_of(tenants, [&](TenantId tenant) { return is_new_to(connection, tenant, update); }));
}

}  // namespace

Standing standing_of(sql::Connection& connection, const ApplyTask& task) {
  if (std::holds_alternative<Malformed>(task.update)) return Standing::Dead;
  const auto* other = std::get_if<OtherUpdate>(&task.update);
  const auto& number = origin_of(task).phone_number_id;
  if (other && number.empty()) return standing_of_account(connection, *other);
  const auto channel = store::channel_of_number(connection, number);
  if (!channel) return Standing::Dead;
  if (other) return fresh_if(is_new_to(connection, channel->tenant, *other));
  if (const auto* status = std::get_if<StatusUpdate>(&task.update)) {
    return fresh_if(store::is_news(connection, {.tenant = channel->tenant, .channel = channel->id}, status->status));
  }
  const auto& message = std::get<MessageUpdate>(task.update).inbound.message;
  return fresh_if(!store::is_seen(connection, {channel->tenant, number, message.wamid.value_or("")}));
}

}  // namespace waypost
