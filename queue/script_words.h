// What the queue's Lua scripts say again and again (queue/scripts.h, queue/turn_script.h), and the keys that they all
// declare. These share a hash tag, so that a Redis cluster takes them, too:
//
//   KEYS[1]  <q>:line     zset  ready entries, all of score 0: sorted by their bytes, each line stands together
//   KEYS[2]  <q>:state    hash  member → "r" when it is ready; its lease's token when it is leased, and behind a colon
//                               the due time, ms, of an offer that came meanwhile (0: at once)
//   KEYS[3]  <q>:turn     zset  owner with a ready key → 2^52 if the first of them is Bulk + keys in flight · 2^42 +
//                               the place of the first
//   KEYS[4]  <q>:waiting  zset  member → due time, ms
//   KEYS[5]  <q>:leases   zset  member → end of the lease, ms
//   KEYS[6]  <q>:flights  hash  owner that is not in the turn → keys in flight
//   KEYS[7]  <q>:lanes    zset  lanes with a ready key, all of score 0: owner, stream, keys in flight, place, channel
//   KEYS[8]  <q>:ranks    hash  lane → keys in flight, four bytes, and its text in <q>:lanes
//   KEYS[9]  <q>:paused   set   owners that have no turn
//   KEYS[10] <q>:numbers  hash  the last place and the last token given out, and the number of ready keys
//   KEYS[11] the bell     stream  queue → the node that offered: tells other nodes' idle pools (queue/bell.h)
//
// Ids are their 16 bytes. A line is an owner's keys, or in a queue by channel those of one of its channels: the owner
// and 0, or the owner, 1 and the channel (a lane). A member is its line, its stream (0 Reply, 1 Bulk) and the key; an
// entry has the place, six bytes, before the key. A member is ready, waiting or leased, never two of them. Places stay
// below 2^42, an owner's keys in flight below 2^10, and scores and tokens below 2^53, so that a double holds them: Lua
// and zsets know no other number. Commands take many words at once: what is done to n keys costs a few calls of
// O(n log N). What an owner costs beyond its keys is kept low: its counts stand once, in its score in the turn while it
// has one, else in <q>:flights.

#pragma once

#include <string_view>

namespace waypost::scripts {

inline constexpr std::string_view kWords = R"lua(
local LINE, STATE, TURN, WAITING, LEASES, FLIGHTS, LANES, RANKS, PAUSED, NUMBERS, BELL = unpack(KEYS)
local call, sub, byte, pack, unpacked = redis.call, string.sub, string.byte, struct.pack, struct.unpack
local format, match, min, max, floor = string.format, string.match, math.min, math.max, math.floor
local BULK, FLIGHT, NONE = 2^52, 2^42, math.huge
local time = call('TIME')
local now = time[1] * 1000 + floor(time[2] / 1000)

-- Redis writes Lua's numbers out as fractions, slowly; this is quick, and right below 2^53.
local function whole(number) return format('%d', number) end
local function line_of(member) return sub(member, 1, -18) end
local function entry_of(member, place) return sub(member, 1, -17) .. pack('>I6', place) .. sub(member, -16) end
local function member_of(entry) return sub(entry, 1, -23) .. sub(entry, -16) end
local function is_in_lane(member) return #member > 34 end
-- A head says how early a key stands in its line: its place, behind 2^52 for Bulk.
local function head_of(entry) return byte(entry, -23) * BULK + unpacked('>I6', entry, #entry - 21) end
local function lane_text(line, flight, head)
  local stream = head >= BULK and 1 or 0
  return sub(line, 1, 16) .. pack('>BI2I6', stream, min(flight, 1023), head % FLIGHT) .. sub(line, 18)
end
local function head_of_lane(text) return byte(text, 17) * BULK + unpacked('>I6', text, 20) end
-- A score in the turn: an owner's keys in flight, and the head of its first key.
local function score_of(flight, head) return whole(head + flight * FLIGHT) end
local function read_score(text)
  local score = tonumber(text)
  local head = score % FLIGHT + (score < BULK and 0 or BULK)
  return (score - head) / FLIGHT, head
end

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

-- What becomes of owners and lanes: collected, then settled at once. Each has one place in the lists: its name, how many
-- of its keys have left flight, and the first head among its fresh keys.
local fresh = {}
local function changes() return {names = {}, places = {}, left = {}, heads = {}} end
local owners, lanes = changes(), changes()
local function place_of(changes, name)
  local places = changes.places
  local at = places[name]
  if not at then
    at = #changes.names + 1
    changes.names[at], places[name] = name, at
  end
  return at
end
local function leave(changes, name)
  local at, left = place_of(changes, name), changes.left
  left[at] = (left[at] or 0) + 1
end
local function join(changes, name, head)
  local at, heads = place_of(changes, name), changes.heads
  if head < (heads[at] or NONE) then heads[at] = head end
end
local function make_ready(member) fresh[#fresh + 1] = member end
local function leave_flight(member)
  leave(owners, sub(member, 1, 16))
  if is_in_lane(member) then leave(lanes, line_of(member)) end
end
local function join_lines()
  if #fresh == 0 then return end
  local place = call('HINCRBY', NUMBERS, 'place', whole(#fresh)) - #fresh
  call('HINCRBY', NUMBERS, 'ready', whole(#fresh))
  local entries, states = {}, {}
  for at, member in ipairs(fresh) do
    place = place + 1
    local entry, head = entry_of(member, place % FLIGHT), byte(member, -17) * BULK + place % FLIGHT
    entries[2 * at - 1], entries[2 * at] = '0', entry
    states[2 * at - 1], states[2 * at] = member, 'r'
    join(owners, sub(member, 1, 16), head)
    if is_in_lane(member) then join(lanes, line_of(member), head) end
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
    local fresh = lanes.heads[at]
    if fresh and fresh < (head or NONE) then head = fresh end
    write_lane(line, text, max(flight - (lanes.left[at] or 0), 0), head)
  end
end

-- The head of an owner's first key; nil: it has none that is ready. In a queue by channel its first lane says it.
local function first_head(owner)
  local lane = first_lane(owner)
  if lane then return head_of_lane(lane) end
  local entry = call('ZRANGEBYLEX', LINE, '[' .. owner, '(' .. owner .. '\2', 'LIMIT', '0', '1')[1]
  return entry and head_of(entry)
end

-- Owners that have no turn, by their places in the changes: those with a first key get one, but for the paused.
local function settle_idle(idle)
  local names, turns, flights, gone = {}, {}, {}, {}
  for nth, at in ipairs(idle) do names[nth] = owners.names[at] end
  local paused = call('SCARD', PAUSED) > 0 and all('SMISMEMBER', PAUSED, names) or {}
  for nth, known in ipairs(all('HMGET', FLIGHTS, names)) do
    local owner, left, head = names[nth], owners.left[idle[nth]] or 0, owners.heads[idle[nth]]
    local flight = max(tonumber(known or '0') - left, 0)
    local has_turn = head and paused[nth] ~= 1
    if has_turn then turns[#turns + 1], turns[#turns + 2] = score_of(flight, head), owner end
    if known and (has_turn or flight == 0) then
      gone[#gone + 1] = owner
    elseif left > 0 and flight > 0 then
      flights[#flights + 1], flights[#flights + 2] = owner, whole(flight)
    end
  end
  all('ZADD', TURN, turns)
  all('HSET', FLIGHTS, flights)
  all('HDEL', FLIGHTS, gone)
end

-- Writes only the scores that have changed: most offers find their owner in the turn, and change nothing of it.
local function settle()
  join_lines()
  settle_lanes()
  local names, left, heads, by_lane = owners.names, owners.left, owners.heads, lanes.names[1]
  local turns, idle, count = {}, {}, 0
  local scores = all('ZMSCORE', TURN, names)
  for at = 1, #names do
    if by_lane then heads[at] = first_head(names[at]) end
    if scores[at] then
      local flight, head = read_score(scores[at])
      local first = heads[at]
      local moves = first and (first < head or by_lane and first ~= head)
      if moves or left[at] then
        turns[count + 1] = score_of(max(flight - (left[at] or 0), 0), moves and first or head)
        turns[count + 2] = names[at]
        count = count + 2
      end
    else
      idle[#idle + 1] = at
    end
  end
  all('ZADD', TURN, turns)
  if #idle > 0 then settle_idle(idle) end
end
)lua";

}  // namespace waypost::scripts
