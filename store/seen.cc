#include "store/seen.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <unordered_set>

#include "base/crypto.h"

namespace waypost::store {
namespace {

std::int64_t day_of(Time at) { return std::chrono::floor<std::chrono::days>(at).time_since_epoch().count(); }

void move_horizon(sql::Connection& connection, std::int64_t day) {
  connection.run(
      "INSERT INTO seen_horizon (name, day) VALUES ('seen_message', $1) ON CONFLICT (name) DO UPDATE SET day = "
      "excluded.day WHERE seen_horizon.day < excluded.day",
      {day});
}

}  // namespace

// The number's length stands before it, so that no two keys are one text.
Uuid seen_hash(const SeenKey& key) {
  const auto& tenant = key.tenant.uuid.bytes;
  std::string text(reinterpret_cast<const char*>(tenant.data()), tenant.size());
  text += std::to_string(key.phone_number_id.size());
  text += '/';
  text += key.phone_number_id;
  text += key.wamid;
  const Digest digest = sha256(text);
  Uuid hash;
  std::copy_n(digest.begin(), hash.bytes.size(), hash.bytes.begin());
  return hash;
}

bool first_seen(sql::Connection& connection, const SeenKey& key, Time now) {
  return connection
             .run("INSERT INTO seen_message (hash, day) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING",
                  {seen_hash(key), day_of(now)})
             .changed() > 0;
}

std::vector<bool> first_seen(sql::Connection& connection, std::span<const SeenKey> keys, Time now) {
  std::vector<sql::Value> hashes;
  for (const auto& key : keys) hashes.emplace_back(seen_hash(key));
  std::unordered_set<Uuid> fresh;
  for (const auto row : connection.run("INSERT INTO seen_message (hash, day) SELECT asked.hash, $2 FROM unnest($1) AS "
                                       "asked(hash) ORDER BY asked.hash ON CONFLICT (hash) DO NOTHING RETURNING hash",
                                       {sql::Value::array(sql::Type::Uuid, hashes), day_of(now)})) {
    fresh.insert(row.uuid(0));
  }
  std::vector<bool> first;
  for (const auto& hash : hashes) first.push_back(fresh.erase(hash.uuid()) > 0);  // of equal ones the first
  return first;
}

bool is_seen(sql::Connection& connection, const SeenKey& key) {
  return !connection.run("SELECT 1 FROM seen_message WHERE hash = $1", {seen_hash(key)}).empty();
}

std::optional<Time> seen_horizon(sql::Connection& connection) {
  const auto rows = connection.run("SELECT day FROM seen_horizon WHERE name = 'seen_message'");
  if (rows.empty()) return std::nullopt;
  return Time(std::chrono::days(rows.front().number(0)));
}

SeenPage drop_seen(sql::Connection& connection, const SeenWalk& walk) {
  const auto rows = connection.run("SELECT hash FROM seen_message WHERE hash > $1 ORDER BY hash LIMIT $2",
                                   {walk.behind, static_cast<std::int64_t>(walk.rows)});
  if (rows.empty()) return {};
  const Uuid last = rows[rows.size() - 1].uuid(0);
  const auto dropped = connection.run("DELETE FROM seen_message WHERE hash > $1 AND hash <= $2 AND day < $3",
                                      {walk.behind, last, day_of(walk.before)});
  if (dropped.changed() > 0) move_horizon(connection, day_of(walk.before));
  return {.dropped = static_cast<std::size_t>(dropped.changed()), .next = last};
}

}  // namespace waypost::store
