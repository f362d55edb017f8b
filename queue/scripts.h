// The queue's Lua scripts. Each does one atomic thing to one queue, whose keys are all declared and share a hash tag,
// so that a Redis cluster takes them, too:
//
//   KEYS[1]  <q>:line     zset  ready entries, all of score 0: sorted by their bytes, each line stands together
//   KEYS[2]  <q>:state    hash  member → "r" when it is ready; its lease's token when it is leased, and behind a colon
//                               the due time, ms, of an offer that came meanwhile (0: at once)
//   KEYS[3]  <q>:turn     zset  owner with a ready key → 2^52 if the first of them is Bulk + keys in flight · 2^42 +
//                               the place of the first
//   KEYS[4]  <q>:waiting  zset  member → due time, ms
//   KEYS[5]  <q>:leases   zset  member → end of the lease, ms
//   KEYS[6]  <q>:owners   hash  owner → keys in flight and keys ready, four bytes each, and the head of the first of
//                               these, eight bytes
//   KEYS[7]  <q>:lanes    zset  lanes with a ready key, all of score 0: owner, stream, keys in flight, place, channel
//   KEYS[8]  <q>:ranks    hash  lane → keys in flight, four bytes, and its text in <q>:lanes
//   KEYS[9]  <q>:paused   set   owners that have no turn
//   KEYS[10] <q>:numbers  hash  the last place and the last token given out, and the number of ready keys
//   KEYS[11] the bell     stream  queue → the node that offered: tells other nodes' idle pools (queue/bell.h)
//
// Ids are their 16 bytes. A line is an owner's keys, or in a queue by channel those of one of its channels: the owner
// and 0, or the owner, 1 and the channel (a lane). A member is its line, its stream (0 Reply, 1 Bulk) and the key; an
// entry has the place, six bytes, before the key. A member is ready, waiting or leased, never two of them. Places stay
// below 2^42 and scores and tokens below 2^53, so that a double holds them: Lua and zsets know no other number. Beyond
// 1,023 keys in flight owners count as equal. Commands take many words at once: what is done to n keys costs a few
// calls of O(n log N).

#pragma once

#include <string>
#include <string_view>

namespace waypost::scripts {

// What the scripts say again and again.
inline constexpr std::string_view kWords = R"lua(
local LINE, STATE, TURN, WAITING, LEASES, OWNERS, LANES, RANKS, PAUSED, NUMBERS, BELL = unpack(KEYS)
local call, sub, byte, pack, unpacked = redis.call, string.sub, string.byte, struct.pack, struct.unpack
local format, match, min, max = string.format, string.match, math.min, math.max
local BULK, FLIGHT = 2^52, 2^42
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- Redis writes Lua's numbers out as fractions, slowly; this is quick, and right below 2^53.
local function whole(number) return format('%d', number) end
local function line_of(member) return sub(member, 1, -18) end
local function entry_of(member, place) return sub(member, 1, -17) .. pack('>I6', place) .. sub(member, -16) end
local function member_of(entry) return sub(entry, 1, -23) .. sub(entry, -16) end
local function is_lane(line) return byte(line, 17) == 1 end
-- A head says how early a key stands in its line: its place, behind 2^52 for Bulk.
local function head_of(entry) return byte(entry, -23) * BULK + unpacked('>I6', entry, #entry - 21) end
local function lane_text(line, flight, head)
  local stream = head >= BULK and 1 or 0
  return sub(line, 1, 16) .. pack('>BI2I6', stream, min(flight, 1023), head % FLIGHT) .. sub(line, 18)
end
local function head_of_lane(text) return byte(text, 17) * BULK + unpacked('>I6', text, 20) end
local function score_of(flight, head) return whole(head + min(flight, 1023) * FLIGHT) end

-- One command with all the words, in several calls where Lua's stack is too short; gives the replies of a reading one.
local function all(name, key, words)
  if #words == 0 then return words end
  if #words <= 4000 then return call(name, key, unpack(words)) end
  local replies = {}
  for from = 1, #words, 4000 do
    local part = call(name, key, unpack(words, from, min(from + 3999, #words)))
    if type(part) == 'table' then for _, reply in ipairs(part) do replies[#replies + 1] = reply end end
  end
  return replies
end

-- What becomes of owners and lanes: collected, then settled at once. By name: how many more are in flight and ready, and
-- the first head among the latter.
local fresh = {}
local function changes() return {names = {}, flight = {}, ready = {}, head = {}} end
local owners, lanes = changes(), changes()
local function add(changes, name, flight, ready, head)
  local before = changes.flight[name]
  if not before then changes.names[#changes.names + 1] = name end
  changes.flight[name] = (before or 0) + flight
  if ready > 0 then
    changes.ready[name] = (changes.ready[name] or 0) + ready
    local first = changes.head[name]
    if not first or head < first then changes.head[name] = head end
  end
end
local function make_ready(member) fresh[#fresh + 1] = member end
local function leave_flight(member)
  add(owners, sub(member, 1, 16), -1, 0)
  if is_lane(member) then add(lanes, line_of(member), -1, 0) end
end
local function join_lines()
  if #fresh == 0 then return end
  local place = call('HINCRBY', NUMBERS, 'place', whole(#fresh)) - #fresh
  call('HINCRBY', NUMBERS, 'ready', whole(#fresh))
  local entries, states = {}, {}
  for _, member in ipairs(fresh) do
    place = place + 1
    local entry, head = entry_of(member, place % FLIGHT), byte(member, -17) * BULK + place % FLIGHT
    entries[#entries + 1], entries[#entries + 2] = '0', entry
    states[#states + 1], states[#states + 2] = member, 'r'
    add(owners, sub(member, 1, 16), 0, 1, head)
    if is_lane(member) then add(lanes, line_of(member), 0, 1, head) end
  end
  all('ZADD', LINE, entries)
  all('HSET', STATE, states)
end

local function first_lane(owner)
  return call('ZRANGEBYLEX', LANES, '[' .. owner, '(' .. owner .. '\2', 'LIMIT', '0', '1')[1]
end
local function write_lane(line, old, flight, head)
  local text = head and lane_text(line, flight, head) or ''
  if old ~= text then
    if old ~= '' then call('ZREM', LANES, old) end
    if text ~= '' then call('ZADD', LANES, '0', text) end
  end
  if flight > 0 or head then
    call('HSET', RANKS, line, pack('>I4', flight) .. text)
  else
    call('HDEL', RANKS, line)
  end
end
local function read_lane(rank)
  if not rank then return 0, '', nil end
  local text = sub(rank, 5)
  return unpacked('>I4', rank), text, text ~= '' and head_of_lane(text) or nil
end
local function settle_lanes()
  for at, rank in ipairs(all('HMGET', RANKS, lanes.names)) do
    local line = lanes.names[at]
    local flight, text, head = read_lane(rank)
    local first = lanes.head[line]
    if first and (not head or first < head) then head = first end
    write_lane(line, text, max(flight + lanes.flight[line], 0), head)
  end
end

-- An owner's keys in flight, keys ready, and the head of the first of these.
local function counts_of(text) if text then return unpacked('>I4I4I8', text) end return 0, 0, 0 end
local function keep_counts(counts, gone, owner, flight, ready, head)
  if flight > 0 or ready > 0 then
    local count = #counts
    counts[count + 1], counts[count + 2] = owner, pack('>I4I4I8', flight, ready, head)
  else
    gone[#gone + 1] = owner
  end
end

local function settle()
  join_lines()
  settle_lanes()
  local paused = {}
  if call('SCARD', PAUSED) > 0 then paused = all('SMISMEMBER', PAUSED, owners.names) end
  local turns, counts, gone = {}, {}, {}
  local names, flights, readies, heads, by_lane = owners.names, owners.flight, owners.ready, owners.head, lanes.names[1]
  local known = all('HMGET', OWNERS, names)
  for at = 1, #names do
    local owner = names[at]
    local flight, ready, head = counts_of(known[at])
    local stands = ready > 0 and flights[owner] == 0  -- in the turn, as long as its head is the same
    local lane = by_lane and first_lane(owner)
    local first = lane and head_of_lane(lane) or heads[owner]
    if first and (lane or ready == 0 or first < head) then head, stands = first, stands and first == head end
    flight, ready = max(flight + flights[owner], 0), ready + (readies[owner] or 0)
    if ready > 0 and not stands and paused[at] ~= 1 then
      turns[#turns + 1], turns[#turns + 2] = score_of(flight, head), owner
    end
    keep_counts(counts, gone, owner, flight, ready, head)
  end
  all('ZADD', TURN, turns)
  all('HSET', OWNERS, counts)
  all('HDEL', OWNERS, gone)
end
)lua";

// ARGV: the queue's name, the node's (empty: nobody else listens), member, due in ms (0: at once), member, due … Adds
// what is nowhere; brings a due time forward; marks what is leased dirty; leaves what is ready where it stands.
inline const std::string kOffer = std::string(kWords) + R"lua(
local members, unknown = {}, {}
for i = 3, #ARGV, 2 do members[#members + 1] = ARGV[i] end
local states, waits = {}, {}
for at, state in ipairs(all('HMGET', STATE, members)) do
  states[members[at]] = state
  if not state then unknown[#unknown + 1] = members[at] end
end
for at, due in ipairs(all('ZMSCORE', WAITING, unknown)) do waits[unknown[at]] = due and tonumber(due) end
local dirty, waiting, come, soonest = {}, {}, {}, math.huge
for i = 3, #ARGV, 2 do
  local member, due = ARGV[i], tonumber(ARGV[i + 1])
  local state, waits_for = states[member], waits[member]
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
local function is_first(due) return due < math.huge and tonumber(call('ZRANGE', WAITING, '0', '0', 'WITHSCORES')[2]) == due end
if ARGV[2] ~= '' and (#fresh > 0 or is_first(soonest)) then call('XADD', BELL, 'MAXLEN', '64', '*', ARGV[1], ARGV[2]) end
return 0
)lua";

// ARGV: 1 for a queue by channel, else 0; how many at most; how many of them may be Bulk; lease in ms; the share of all
// keys in flight, in percent, that an owner may have while another waits; how many keys an owner may have in flight at
// all; how many more at most of owners with few in flight; how few; then what the caller gives back: member, token, due
// in ms (-1: none), member …
// A key given back waits for the earlier of its due time and the dirty mark's, is ready when that has come, and gone
// without either. Takes back expired leases and arrived due times. Then leases, so many times, the first key of the
// owner whose turn it is: those of replies below their share, bulk below its share, then either above it; and then, as
// many times as are kept for them, of owners with few in flight, replies first. Returns {1 or 0 for each key given
// back, 0: its lease was lost; member, token, member … of those taken; ms until the next due time or lease end, -1:
// there is none}.
inline const std::string kTurn = std::string(kWords) + R"lua(
local by_channel = ARGV[1] == '1'
local most, bulk, lease = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local percent, owner_most = tonumber(ARGV[5]), tonumber(ARGV[6])
local kept, few = tonumber(ARGV[7]), tonumber(ARGV[8])

local returned = {}
local function give_back()
  local members, states, waiting, leases, gone = {}, {}, {}, {}, {}
  for i = 9, #ARGV, 3 do members[#members + 1] = ARGV[i] end
  for at, state in ipairs(all('HMGET', STATE, members)) do states[members[at]] = state end
  for i = 9, #ARGV, 3 do
    local member, due = ARGV[i], tonumber(ARGV[i + 2])
    local token, mark = states[member], ''
    if token and token ~= ARGV[i + 1] then token, mark = match(token, '^(%d+):(%d+)$') end
    local stands = token == ARGV[i + 1]
    returned[#returned + 1] = stands and 1 or 0
    if stands then
      states[member] = nil
      leases[#leases + 1] = member
      leave_flight(member)
      if mark ~= '' and (due < 0 or tonumber(mark) < due) then due = tonumber(mark) end
      if due >= 0 and due <= now then
        make_ready(member)
      else
        gone[#gone + 1] = member
        if due >= 0 then waiting[#waiting + 1], waiting[#waiting + 2] = whole(due), member end
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
-- Up to n entries of a stream from one line, and the head of what stands behind them.
local function first_entries(line, n, stream)
  local entries = call('ZRANGEBYLEX', LINE, '[' .. line, '(' .. line .. '\2', 'LIMIT', '0', n == 1 and '2' or whole(n + 1))
  local fitting, at = 0, #line + 1
  while fitting < n and entries[fitting + 1] and byte(entries[fitting + 1], at) == stream do fitting = fitting + 1 end
  local behind = entries[fitting + 1]
  if not behind then return entries, nil end
  for last = #entries, fitting + 1, -1 do entries[last] = nil end
  return entries, head_of(behind)
end
local function take_from_lanes(owner, n, stream)
  local got = {}
  while #got < n do
    local text = first_lane(owner)
    if not text or byte(text, 17) ~= stream then break end
    local line = owner .. '\1' .. sub(text, 26)
    local flight = read_lane(call('HGET', RANKS, line))
    local entries, head = first_entries(line, 1, stream)
    if entries[1] then
      call('ZREM', LINE, entries[1])
      got[#got + 1] = entries[1]
    end
    write_lane(line, text, flight + #entries, head)
  end
  local first = first_lane(owner)
  return got, first and head_of_lane(first)
end

-- Takes n keys of each of the first owners; gives how many there were.
local function take_from(names, flights, readies, count, n, stream)
  local entries, turns, without, counts, gone, total = {}, {}, {}, {}, {}, 0
  for at = 1, count do
    local owner, got, head = names[at], nil, nil
    if by_channel then
      got, head = take_from_lanes(owner, n, stream)
    else
      got, head = first_entries(owner .. '\0', n, stream)
    end
    local flight, ready = flights[at] + #got, head and max(readies[at] - #got, 1) or 0
    for nth = 1, #got do
      total = total + 1
      entries[total] = got[nth]
      taken[#taken + 1] = member_of(got[nth])
    end
    if head then
      turns[#turns + 1], turns[#turns + 2] = score_of(flight, head), owner
    else
      without[#without + 1] = owner
    end
    keep_counts(counts, gone, owner, flight, ready, head or 0)
  end
  if not by_channel then all('ZREM', LINE, entries) end
  all('ZADD', TURN, turns)
  all('ZREM', TURN, without)
  all('HSET', OWNERS, counts)
  all('HDEL', OWNERS, gone)
  return total
end

-- Takes from those who wait with this stream, fewest in flight first, while they have less than `limit`.
local function pass(stream, limit, places)
  local from, to = whole(stream * BULK), whole(stream * BULK + BULK - 1)
  while places > 0 do
    local names = call('ZRANGEBYSCORE', TURN, from, to, 'LIMIT', '0', whole(min(places, 1000) + 1))
    local flights, readies = {}, {}
    for at, known in ipairs(all('HMGET', OWNERS, names)) do flights[at], readies[at] = counts_of(known) end
    local least, count = flights[1], 1
    if not least or least >= limit then break end
    local function is_equal(at) return flights[at] and min(flights[at], 1023) == min(least, 1023) end
    while count < places and is_equal(count + 1) do count = count + 1 end
    local n = 1
    if count == 1 then n = max(min(places, limit - least, (flights[2] or math.huge) - least), 1) end
    places = places - take_from(names, flights, readies, count, n, stream)
  end
  return places
end

give_back()
local next_end = come_from(LEASES, leave_flight)
local next_due = come_from(WAITING)
settle()
if most > 0 then
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
  next_end = min(next_end or math.huge, now + lease)
end
local first = min(next_end or math.huge, next_due or math.huge)
return {returned, answer, first < math.huge and max(first - now, 0) or -1}
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
local wanted = {}
for _, owner in ipairs(ARGV) do wanted[owner] = true end
for _, owner in ipairs(call('SMEMBERS', PAUSED)) do
  if not wanted[owner] then
    call('SREM', PAUSED, owner)
    local flight, ready, head = counts_of(call('HGET', OWNERS, owner))
    if ready > 0 then call('ZADD', TURN, score_of(flight, head), owner) end
  end
end
all('SADD', PAUSED, ARGV)
all('ZREM', TURN, ARGV)
return 0
)lua";

// Returns how many keys are ready, leased, waiting.
inline const std::string kStats = std::string(kWords) + R"lua(
return {tonumber(call('HGET', NUMBERS, 'ready') or '0'), call('ZCARD', LEASES), call('ZCARD', WAITING)}
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
