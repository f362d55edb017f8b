#include "store/seen.h"

#include <chrono>
#include <string>

namespace waypost::store {
namespace {

constexpr std::uint64_t kPrime = 0x100000001b3;

// FNV-1a. Collisions cost a comparison, no more: the whole id is part of the key.
std::uint64_t mixed(std::uint64_t hash, std::string_view bytes) {
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * kPrime;
  return (hash ^ 0xff) * kPrime;
}

std::int64_t day_of(Time at) { return std::chrono::floor<std::chrono::days>(at).time_since_epoch().count(); }

}  // namespace

std::int64_t hash_of(const SeenKey& key) {
  const auto& bytes = key.tenant.uuid.bytes;
  std::uint64_t hash = mixed(0xcbf29ce484222325, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  hash = mixed(hash, key.phone_number_id);
  return static_cast<std::int64_t>(mixed(hash, key.wamid));
}

bool first_seen(sql::Connection& connection, const SeenKey& key, Time now) {
  std::string id;
  id.reserve(key.phone_number_id.size() + 1 + key.wamid.size());
  id.append(key.phone_number_id).append("/").append(key.wamid);
  return connection
             .run(
                 "INSERT INTO seen_message (hash, tenant_id, id, day) VALUES ($1, $2, $3, $4) "
                 "ON CONFLICT (hash, tenant_id, id) DO NOTHING",
                 {hash_of(key), key.tenant, id, day_of(now)})
             .changed() > 0;
}

SeenPage drop_seen(sql::Connection& connection, const SeenWalk& walk) {
  const auto rows = connection.run(
      "SELECT max(hash) FROM (SELECT hash FROM seen_message WHERE hash > $1 ORDER BY hash LIMIT $2) AS page",
      {walk.behind, static_cast<std::int64_t>(walk.rows)});
  const auto last = rows.front().maybe_number(0);
  if (!last) return {};
  const auto dropped = connection.run("DELETE FROM seen_message WHERE hash > $1 AND hash <= $2 AND day < $3",
                                      {walk.behind, *last, day_of(walk.before)});
  return {.dropped = static_cast<std::size_t>(dropped.changed()), .next = last};
}

}  // namespace waypost::store
