// Work failures: keys whose work ends in an error, again and again: a fault of ours, or rows that nobody can work on.
// What a handler decides itself (Meta's refusals, a closed window) is no failure here. Lane only.
//
//   record_failure ──▶ tried again at due_at, which doubles ──▶ buried: no try by itself ──┬─▶ revive: tried anew
//                                │                                   │                     └─▶ drop_first: what stands
//                                └─ a success, or nothing is due ────┴─▶ (none)                first ends, then anew
//
// Buried keys are left out by the sweep (store/due.h). A fresh signal, such as a new message's, still tries one once.

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "sql/connection.h"
#include "store/page.h"
#include "store/work_key.h"

namespace waypost::store {

struct FailureRules {
  std::int64_t attempts = 10;  // failures in a row until it is buried
  milliseconds first_pause{1'000};
  milliseconds longest_pause{300'000};
};

// When a key that has failed so often in a row is tried again; nothing: it is buried. Pure.
std::optional<Time> next_try(std::int64_t attempts, const FailureRules& rules, Time now);

struct FailedTry {
  WorkKey key{};
  std::string words{};  // the error's; the first 500 characters are kept
};
// Counts it. The next try's time; nothing: the key is buried, now or already.
std::optional<Time> record_failure(sql::Connection& connection, const FailedTry& failed, const FailureRules& rules,
                                   Time now);
// The key has succeeded: what is counted begins anew. Whoever counted the faults says so; of a success on another node
// settled_failures() tells.
void forget_failure(sql::Connection& connection, const WorkKey& key);

struct WorkFailure {
  WorkKey key{};
  std::int64_t attempts = 0;
  std::string words{};
  Time first_at{};
  Time last_at{};
  std::optional<Time> due_at{};
  std::optional<Time> buried_at{};
  std::string workspace{};  // its name; empty when it is gone
};
// {"queue", "workspaceId", "workspace", "conversationId", "stream", "attempts", "words", "firstAt", "lastAt",
// "buriedAt"}
Json to_json(const WorkFailure& failure);

// Of one queue, or of both; the latest buried first.
std::vector<WorkFailure> list_buried(sql::Connection& connection, std::optional<WorkQueue> queue, const Page& page);

// A conversation's buried keys: of one stream, or of whichever are.
struct BuriedKeys {
  TenantId tenant{};
  WorkQueue queue = WorkQueue::Runs;
  ConversationId conversation{};
  std::optional<std::string> stream{};
};
std::vector<WorkKey> buried_of(sql::Connection& connection, const BuriedKeys& of);
// They are as if they had never failed: offer them after the commit. Empty: nothing of it is buried.
std::vector<WorkKey> revive(sql::Connection& connection, const BuriedKeys& of);

struct Dropped {
  WorkKey key{};
  std::string what{};        // message | run | trigger | media | nothing: there was no work any more
  std::optional<Uuid> id{};  // of the message (also the trigger's), of the run, or of the file
};
// Ends what stands first in each of them: the message or the run as failed, reason "dropped", with its event; or an
// inbound message starts no run, or its file is unavailable. Then as revive().
std::vector<Dropped> drop_first(sql::Connection& connection, const BuriedKeys& of, Time now);

// Keys that failed and have nothing due any more: they have succeeded since, or there is nothing left.
std::vector<WorkKey> settled_failures(sql::Connection& connection, std::size_t most, Time now);
// Forgets those of them of which that still holds.
void clear_settled(sql::Connection& connection, const std::vector<WorkKey>& keys, Time now);

}  // namespace waypost::store
