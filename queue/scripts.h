// The queue's Lua scripts but for the turn (queue/turn_script.h). Each does one atomic thing to one queue; what stands
// in its keys: queue/script_words.h.

#pragma once

#include <string>
#include <string_view>

#include "queue/script_words.h"

namespace waypost::scripts {

// ARGV: the queue's name, the node's (empty: nobody else listens), member, due in ms (0: at once; below 0: a reminder),
// member, due … Adds what is nowhere, at its due time or, of a reminder, at once; brings a due time forward; marks what
// is leased dirty; leaves what is ready where it stands.
inline const std::string kOffer = std::string(kWords) + R"lua(
local members, unknown = {}, {}
for i = 3, #ARGV, 2 do members[#members + 1] = ARGV[i] end
local states, waits = {}, {}
for at, state in ipairs(all('HMGET', STATE, members)) do
  states[members[at]] = state
  if not state then unknown[#unknown + 1] = members[at] end
end
for at, due in ipairs(all('ZMSCORE', WAITING, unknown)) do waits[unknown[at]] = due and tonumber(due) end
local dirty, waiting, come, soonest = {}, {}, {}, NONE
for i = 3, #ARGV, 2 do
  local member, due = ARGV[i], tonumber(ARGV[i + 1])
  local state, waits_for = states[member], waits[member]
  if due < 0 then due = (state or waits_for) and -due or 0 end
  if state and state ~= 'r' then
    local token, mark = match(state, '^(%d+):?(%d*)$')
    if mark == '' or due < tonumber(mark) then
      states[member] = token .. ':' .. whole(due)
      dirty[#dirty + 1], dirty[#dirty + 2] = member, states[member]
    end
  elseif not state and (not waits_for or due < waits_for) then
    if due > now then
      waits[member] = due
      soonest = min(soonest, due)
      waiting[#waiting + 1], waiting[#waiting + 2] = whole(due), member
    else
      if waits_for then come[#come + 1] = member end
      states[member] = 'r'
      make_ready(member)
    end
  end
end
all('HSET', STATE, dirty)
all('ZADD', WAITING, waiting)
all('ZREM', WAITING, come)
settle()
local function is_first(due) return due < NONE and tonumber(call('ZRANGE', WAITING, '0', '0', 'WITHSCORES')[2]) == due end
if ARGV[2] ~= '' and (#fresh > 0 or is_first(soonest)) then call('XADD', BELL, 'MAXLEN', '64', '*', ARGV[1], ARGV[2]) end
return 0
)lua";

// ARGV: lease in ms, member, token, member, token … Renews the leases that still stand. Returns 1 or 0 for each.
inline const std::string kExtend = std::string(kWords) + R"lua(
local members, leases, stands = {}, {}, {}
for i = 2, #ARGV, 2 do members[#members + 1] = ARGV[i] end
for at, state in ipairs(all('HMGET', STATE, members)) do
  local held = match(state or '', '^%d+') == ARGV[2 * at + 1]
  if held then leases[#leases + 1], leases[#leases + 2] = whole(now + tonumber(ARGV[1])), members[at] end
  stands[at] = held and 1 or 0
end
all('ZADD', LEASES, leases)
return stands
)lua";

// ARGV: owners. These and no others are paused: their keys keep their places and have no turn.
inline const std::string kPause = std::string(kWords) + R"lua(
local wanted, flights = {}, {}
for _, owner in ipairs(ARGV) do wanted[owner] = true end
for _, owner in ipairs(call('SMEMBERS', PAUSED)) do
  if not wanted[owner] then
    call('SREM', PAUSED, owner)
    local head = first_head(owner)
    if head then
      call('ZADD', TURN, score_of(tonumber(call('HGET', FLIGHTS, owner) or '0'), head), owner)
      call('HDEL', FLIGHTS, owner)
    end
  end
end
for at, score in ipairs(all('ZMSCORE', TURN, ARGV)) do
  local flight = score and read_score(score) or 0
  if flight > 0 then flights[#flights + 1], flights[#flights + 2] = ARGV[at], whole(flight) end
end
all('HSET', FLIGHTS, flights)
all('SADD', PAUSED, ARGV)
all('ZREM', TURN, ARGV)
return 0
)lua";

// Returns how many keys are ready, leased, waiting.
inline const std::string kStats = std::string(kWords) + R"lua(
return {tonumber(call('HGET', NUMBERS, 'ready') or '0'), call('ZCARD', LEASES), call('ZCARD', WAITING)}
)lua";

// ARGV: an owner (empty: none), how many. Returns the next owners that have a ready key, so many at most: each with its
// keys ready and in flight. Those with none that is ready stand in <q>:flights alone.
inline const std::string kOwnerStats = std::string(kWords) + R"lua(
local told, owner = {}, ARGV[1]
for _ = 1, tonumber(ARGV[2]) do
  local entry = call('ZRANGEBYLEX', LINE, owner == '' and '-' or '(' .. owner .. '\2', '+', 'LIMIT', '0', '1')[1]
  if not entry then break end
  owner = sub(entry, 1, 16)
  local score = call('ZMSCORE', TURN, owner)[1]
  told[#told + 1] = owner
  told[#told + 1] = call('ZLEXCOUNT', LINE, '[' .. owner, '(' .. owner .. '\2')
  told[#told + 1] = score and read_score(score) or tonumber(call('HGET', FLIGHTS, owner) or '0')
end
return told
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
