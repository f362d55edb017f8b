// The queue's Lua scripts. Each does one atomic thing to one queue; KEYS[1] is the queue's prefix
// ("{waypost}:queue:runs"), the keys below it share its hash tag.
//
//   <q>:ready:<owner>  zset   member → place in the line; a Bulk member stands 2^52 behind every Reply member
//   <q>:turn           zset   owner whose first ready member is a Reply → keys in flight · 2^42 + that member's place
//   <q>:bulk           zset   owner whose first ready member is Bulk → the same
//   <q>:waiting        zset   member → due time, ms
//   <q>:leases         zset   member → end of the lease, ms
//   <q>:tokens         hash   leased member → token of its lease
//   <q>:dirty          hash   leased member that was offered again → due time, ms (0: at once)
//   <q>:flight         hash   owner → leased members
//   <q>:place          count  the last place given out
//   <q>:token          count  the last token given out
//   <q>:count          count  ready members
//
// A member is "<owner>:<r or b>:<key>": 36, 1 and 36 characters. It is ready, waiting or leased, never two of them.
// Places and tokens stay below 2^42 and 2^53, so that a double holds them exactly: Lua and zsets know no other number.
// Every step is O(log n).

#pragma once

#include <string>
#include <string_view>

namespace waypost::scripts {

// What the scripts say again and again.
inline constexpr std::string_view kWords = R"lua(
local q = KEYS[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function owner_of(member) return string.sub(member, 1, 36) end
local function ready_of(owner) return q .. ':ready:' .. owner end
local function whole(number) return string.format('%.0f', number) end

-- Puts the owner where its first ready key and its keys in flight want it; out of the turn without a ready key.
local function rank(owner)
  local first = redis.call('ZRANGE', ready_of(owner), 0, 0, 'WITHSCORES')
  local place = tonumber(first[2])
  local line = place and (place >= 2^52 and ':bulk' or ':turn')
  if line ~= ':turn' then redis.call('ZREM', q .. ':turn', owner) end
  if line ~= ':bulk' then redis.call('ZREM', q .. ':bulk', owner) end
  if not line then return end
  local flight = math.min(tonumber(redis.call('HGET', q .. ':flight', owner) or '0'), 2047)
  redis.call('ZADD', q .. line, whole(flight * 2^42 + place % 2^42), owner)
end

local function make_ready(member)
  local owner = owner_of(member)
  local place = redis.call('INCR', q .. ':place')
  if string.sub(member, 38, 38) == 'b' then place = place + 2^52 end
  redis.call('ZADD', ready_of(owner), whole(place), member)
  redis.call('INCR', q .. ':count')
  rank(owner)
end

local function place_by(member, due)
  if due <= now then make_ready(member) else redis.call('ZADD', q .. ':waiting', whole(due), member) end
end

-- Ends the lease; gives the due time of an offer that came meanwhile, nil without one.
local function end_lease(member)
  local owner = owner_of(member)
  local dirty = redis.call('HGET', q .. ':dirty', member)
  redis.call('ZREM', q .. ':leases', member)
  redis.call('HDEL', q .. ':tokens', member)
  redis.call('HDEL', q .. ':dirty', member)
  if redis.call('HINCRBY', q .. ':flight', owner, -1) <= 0 then redis.call('HDEL', q .. ':flight', owner) end
  rank(owner)
  return dirty and tonumber(dirty) or nil
end
)lua";

// ARGV: member, due in ms (0: at once), member, due … Adds what is nowhere; brings a due time forward; marks what is
// leased dirty; leaves what is ready where it stands.
inline const std::string kOffer = std::string(kWords) + R"lua(
for i = 1, #ARGV, 2 do
  local member, due = ARGV[i], tonumber(ARGV[i + 1])
  if redis.call('HEXISTS', q .. ':tokens', member) == 1 then
    local dirty = redis.call('HGET', q .. ':dirty', member)
    if not dirty or due < tonumber(dirty) then redis.call('HSET', q .. ':dirty', member, whole(due)) end
  elseif not redis.call('ZSCORE', ready_of(owner_of(member)), member) then
    local waits = redis.call('ZSCORE', q .. ':waiting', member)
    if not waits or due < tonumber(waits) then
      if waits then redis.call('ZREM', q .. ':waiting', member) end
      place_by(member, due)
    end
  end
end
return 0
)lua";

// ARGV: how many at most, how many of them may be Bulk, lease in ms; then what the caller gives back: member, token,
// due in ms (-1: none), member … A key given back waits for the earlier of its due time and the dirty mark's, is ready
// when that has come, and gone without either. Then takes back expired leases and arrived due times, and leases, so
// many times, the first key of the owner whose turn it is: of those with a Reply; when there is none, of those with
// Bulk. Returns {1 or 0 for each key given back, 0: its lease was lost; member, token, member … of those taken; ms
// until the next due time or lease end, -1: there is none}.
inline const std::string kTurn = std::string(kWords) + R"lua(
local most, bulk, lease = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local returned = {}
for i = 4, #ARGV, 3 do
  local member, due = ARGV[i], tonumber(ARGV[i + 2])
  local stands = redis.call('HGET', q .. ':tokens', member) == ARGV[i + 1]
  if stands then
    local dirty = end_lease(member)
    if due < 0 then due = dirty elseif dirty then due = math.min(due, dirty) end
    if due then place_by(member, due) end
  end
  returned[#returned + 1] = stands and 1 or 0
end
local taken = {}
if most > 0 then
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', q .. ':leases', '-inf', whole(now), 'LIMIT', 0, 1000)) do
    end_lease(member)
    make_ready(member)
  end
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', q .. ':waiting', '-inf', whole(now), 'LIMIT', 0, 1000)) do
    redis.call('ZREM', q .. ':waiting', member)
    make_ready(member)
  end
  -- Tokens begin at the time in microseconds, so that a lease from before a FLUSHALL fits no later one.
  redis.call('SETNX', q .. ':token', whole(time[1] * 1000000 + time[2]))
end
for _ = 1, most do
  local owner = redis.call('ZRANGE', q .. ':turn', 0, 0)[1]
  if not owner and bulk > 0 then
    owner = redis.call('ZRANGE', q .. ':bulk', 0, 0)[1]
    bulk = bulk - 1
  end
  if not owner then break end
  local member = redis.call('ZPOPMIN', ready_of(owner))[1]
  local token = redis.call('INCR', q .. ':token')
  redis.call('DECR', q .. ':count')
  redis.call('ZADD', q .. ':leases', whole(now + lease), member)
  redis.call('HSET', q .. ':tokens', member, whole(token))
  redis.call('HINCRBY', q .. ':flight', owner, 1)
  rank(owner)
  taken[#taken + 1] = member
  taken[#taken + 1] = token
end
local first
for _, name in ipairs({':waiting', ':leases'}) do
  local at = tonumber(redis.call('ZRANGE', q .. name, 0, 0, 'WITHSCORES')[2])
  if at and (not first or at < first) then first = at end
end
return {returned, taken, first and math.max(first - now, 0) or -1}
)lua";

// ARGV: lease in ms, member, token, member, token … Renews the leases that still stand. Returns 1 or 0 for each.
inline const std::string kExtend = std::string(kWords) + R"lua(
local stands = {}
for i = 2, #ARGV, 2 do
  local held = redis.call('HGET', q .. ':tokens', ARGV[i]) == ARGV[i + 1]
  if held then redis.call('ZADD', q .. ':leases', whole(now + tonumber(ARGV[1])), ARGV[i]) end
  stands[#stands + 1] = held and 1 or 0
end
return stands
)lua";

// Returns how many keys are ready, leased, waiting.
inline const std::string kStats = R"lua(
local q = KEYS[1]
return {tonumber(redis.call('GET', q .. ':count') or '0'), redis.call('ZCARD', q .. ':leases'),
        redis.call('ZCARD', q .. ':waiting')}
)lua";

// KEYS: the epoch, a sweep's own mark. ARGV: the new epoch's name. Ends a full sweep: the epoch is set when it is
// missing, but only if the mark, set before the first page, still stands; else keys were lost on the way. Returns 1 or
// 0.
inline const std::string kBeginEpoch = R"lua(
if redis.call('DEL', KEYS[2]) == 0 then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'NX')
return 1
)lua";

}  // namespace waypost::scripts
