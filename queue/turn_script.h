// The turn: all that a worker pool says to a queue, in one script.

#pragma once

#include <string>

#include "queue/script_words.h"

namespace waypost::scripts {

// ARGV: 1 for a queue by channel, else 0; how many at most; how many of them may be Bulk; lease in ms; the share of all
// keys in flight, in percent, that an owner may have while another waits; how many keys an owner may have in flight at
// all, up to 1,000; how many more at most of owners with few in flight; how few; then what the caller gives back:
// member, token, in how many ms it is due (-1: never), member …
// A key given back waits for the earlier of its due time and the dirty mark's, is ready when that has come, and gone
// without either. It is due by the clock of its holder, who says how long that is: by a time of day a holder whose
// clock is behind Redis' would have the key again at once, and find it not due. Takes back expired leases and arrived
// due times. Then leases, so many times, the first key of the owner whose turn it is: those of replies below their
// share, bulk below its share, then either above it; and then, as many times as are kept for them, of owners with few
// in flight, replies first. Returns {1 or 0 for each key given back, 0: its lease was lost; member, token, member … of
// those taken; ms until the next due time or lease end, -1: there is none}.
inline const std::string kTurn = std::string(kWords) + R"lua(
local by_channel = ARGV[1] == '1'
local most, bulk, lease = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local percent, owner_most = tonumber(ARGV[5]), min(tonumber(ARGV[6]), 1000)
local kept, few = tonumber(ARGV[7]), tonumber(ARGV[8])

local returned = {}
local function give_back()
  local members, states, waiting, leases, gone = {}, {}, {}, {}, {}
  for i = 9, #ARGV, 3 do members[#members + 1] = ARGV[i] end
  for at, state in ipairs(all('HMGET', STATE, members)) do states[members[at]] = state end
  for i = 9, #ARGV, 3 do
    local member, wait, due = ARGV[i], tonumber(ARGV[i + 2]), NONE
    local token, mark = states[member], ''
    if token and token ~= ARGV[i + 1] then token, mark = match(token, '^(%d+):(%d+)$') end
    local stands = token == ARGV[i + 1]
    returned[#returned + 1] = stands and 1 or 0
    if stands then
      states[member] = nil
      leases[#leases + 1] = member
      leave_flight(member)
      if wait >= 0 then due = wait > 0 and now + wait + 1 or now end  -- `now` may be a millisecond early
      if mark ~= '' then due = min(due, tonumber(mark)) end
      if due <= now then
        make_ready(member)
      else
        gone[#gone + 1] = member
        if due < NONE then waiting[#waiting + 1], waiting[#waiting + 2] = whole(due), member end
      end
    end
  end
  all('ZREM', LEASES, leases)
  all('HDEL', STATE, gone)
  all('ZADD', WAITING, waiting)
end

local function first_in(set)
  local first = call('ZRANGE', set, '0', '0', 'WITHSCORES')[2]
  return first and tonumber(first)
end
-- Makes ready what has come in a set of times; gives the first that has not.
local function come_from(set, each)
  local first = first_in(set)
  if not first or first > now then return first end
  local come = call('ZRANGEBYSCORE', set, '-inf', whole(now), 'LIMIT', '0', '1000')
  all('ZREM', set, come)
  for _, member in ipairs(come) do
    if each then each(member) end
    make_ready(member)
  end
  return first_in(set)
end

local taken = {}
local in_turn = 0  -- owners in the turn
-- Up to n entries of a stream from the front of what begins so (a line, or an owner with one line), and the head of what
-- stands behind them.
local function first_entries(line, n, stream)
  local entries = call('ZRANGEBYLEX', LINE, '[' .. line, '(' .. line .. '\2', 'LIMIT', '0', whole(n + 1))
  local fitting = 0
  while fitting < n and entries[fitting + 1] and byte(entries[fitting + 1], -23) == stream do fitting = fitting + 1 end
  local behind = entries[fitting + 1]
  if not behind then return entries, nil end
  for last = #entries, fitting + 1, -1 do entries[last] = nil end
  return entries, head_of(behind)
end
-- The same of one: most often there are two entries, one to take and one behind it.
local function first_entry(line, _, stream)
  local entries = call('ZRANGEBYLEX', LINE, '[' .. line, '(' .. line .. '\2', 'LIMIT', '0', '2')
  local behind = entries[2]
  if not entries[1] then return entries, nil end
  if byte(entries[1], -23) ~= stream then return {}, head_of(entries[1]) end
  entries[2] = nil
  return entries, behind and head_of(behind)
end
local function take_from_lanes(owner, n, stream)
  local got = {}
  while #got < n do
    local text = first_lane(owner)
    if not text or byte(text, 17) ~= stream then break end
    local line = owner .. '\1' .. sub(text, 26)
    local flight = read_lane(call('HGET', RANKS, line))
    local entries, head = first_entry(line, 1, stream)
    if entries[1] then
      call('ZREM', LINE, entries[1])
      got[#got + 1] = entries[1]
    end
    write_lane(line, text, flight + #entries, head)
  end
  local first = first_lane(owner)
  return got, first and head_of_lane(first)
end

-- Takes n keys of each of these owners, who have so many in flight; gives how many there were.
local function take_from(names, flight, n, stream)
  local entries, turns, without, flights, total, count = {}, {}, {}, {}, 0, 0
  local take = by_channel and take_from_lanes or n == 1 and first_entry or first_entries
  for at = 1, #names do
    local owner = names[at]
    local got, head = take(owner, n, stream)
    for nth = 1, #got do
      total = total + 1
      entries[total] = got[nth]
      taken[#taken + 1] = member_of(got[nth])
    end
    if head then
      turns[count + 1], turns[count + 2] = score_of(flight + #got, head), owner
      count = count + 2
    else
      without[#without + 1] = owner
      flights[#flights + 1], flights[#flights + 2] = owner, whole(flight + #got)
    end
  end
  if not by_channel then all('ZREM', LINE, entries) end
  all('ZADD', TURN, turns)
  all('ZREM', TURN, without)
  in_turn = in_turn - #without
  all('HSET', FLIGHTS, flights)
  return total
end

-- Takes from those who wait with this stream, fewest in flight first, while they have less than `limit`: one key of each
-- of those who have equally few, or of one who has the fewest as many as make it equal to the next.
local function pass(stream, limit, places)
  local from, to = stream * BULK, whole(stream * BULK + BULK - 1)
  while places > 0 and in_turn > 0 do
    local first = call('ZRANGEBYSCORE', TURN, whole(from), to, 'WITHSCORES', 'LIMIT', '0', '2')
    if not first[1] then break end
    local least, second = read_score(first[2]), first[4] and read_score(first[4]) or NONE
    if least >= limit then break end
    local names, n = {first[1]}, max(min(places, limit - least, second - least), 1)
    if least == second then
      local above = '(' .. score_of(least + 1, from)
      names = call('ZRANGEBYSCORE', TURN, whole(from), above, 'LIMIT', '0', whole(min(places, 1000)))
    end
    places = places - take_from(names, least, n, stream)
  end
  return places
end

give_back()
local next_end = come_from(LEASES, leave_flight)
local next_due = come_from(WAITING)
settle()
if most + kept > 0 then in_turn = call('ZCARD', TURN) end
if most > 0 and in_turn > 0 then
  local share = max(math.ceil((call('ZCARD', LEASES) + most) * percent / 100), 1)
  for _, limit in ipairs({min(share, owner_most), owner_most}) do
    most = pass(0, limit, most)
    local places = min(bulk, most)
    local taken_bulk = places - pass(1, limit, places)
    most, bulk = most - taken_bulk, bulk - taken_bulk
  end
end
if kept > 0 then
  kept = pass(0, min(few, owner_most), kept)
  pass(1, min(few, owner_most), min(bulk, kept))
end
local answer = {}
if #taken > 0 then
  -- Tokens begin at the time in microseconds, so that a lease from before a FLUSHALL fits no later one.
  local token = call('HINCRBY', NUMBERS, 'token', whole(#taken))
  if token == #taken then token = call('HINCRBY', NUMBERS, 'token', whole(time[1] * 1000000 + time[2])) end
  call('HINCRBY', NUMBERS, 'ready', whole(-#taken))
  token = token - #taken
  local leases, states, lease_end = {}, {}, whole(now + lease)
  for _, member in ipairs(taken) do
    token = token + 1
    leases[#leases + 1], leases[#leases + 2] = lease_end, member
    states[#states + 1], states[#states + 2] = member, whole(token)
    answer[#answer + 1], answer[#answer + 2] = member, token
  end
  all('ZADD', LEASES, leases)
  all('HSET', STATE, states)
  next_end = min(next_end or NONE, now + lease)
end
local first = min(next_end or NONE, next_due or NONE)
return {returned, answer, first < NONE and max(first - now, 0) or -1}
)lua";

}  // namespace waypost::scripts
