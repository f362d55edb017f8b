#include "api/queue_view.h"

#include <algorithm>
#include <tuple>

namespace waypost::api {

ShownOwners shown_owners(std::vector<OwnerStats> owners, std::size_t most) {
  std::ranges::sort(owners, [](const OwnerStats& a, const OwnerStats& b) {
    return std::tuple(a.ready + a.leased, b.owner) > std::tuple(b.ready + b.leased, a.owner);
  });
  ShownOwners shown;
  for (std::size_t at = most; at < owners.size(); ++at) {
    ++shown.others;
    shown.ready += owners[at].ready;
    shown.leased += owners[at].leased;
  }
  if (owners.size() > most) owners.resize(most);
  shown.top = std::move(owners);
  return shown;
}

ShownOldest shown_oldest(const std::map<TenantId, Time>& oldest, std::size_t most) {
  ShownOldest shown{.top = {oldest.begin(), oldest.end()}};
  std::ranges::sort(shown.top, {}, [](const auto& one) { return std::tuple(one.second, one.first); });
  if (shown.top.size() <= most) return shown;
  shown.others = shown.top[most].second;
  shown.top.resize(most);
  return shown;
}

}  // namespace waypost::api
