#include "daemon/fault_keeper.h"

#include <utility>

#include "base/log.h"
#include "store/work_failures.h"

namespace waypost {
namespace {

store::WorkKey work_key_of(const ReadyKey& key, store::WorkQueue queue) {
  return {.tenant = key.owner,
          .queue = queue,
          .conversation = key.key,
          .stream = key.stream == Stream::Bulk ? "bulk" : "reply"};
}

awaitable<WorkOutcome> keep(sql::Database& database, store::FailedTry failed, store::FailureRules rules, Time now) {
  const auto key = failed.key;
  const auto next = co_await database.write(sql::lane_key(key.conversation, key.tenant),
                                            [failed = std::move(failed), rules, now](sql::Connection& connection) {
                                              return store::record_failure(connection, failed, rules, now);
                                            });
  if (!next) co_return fail(next.error());
  if (!*next) {
    log::error("{} of conversation {} are buried after {} faults: see waypost queue buried", name_of(key.queue),
               key.conversation.text(), rules.attempts);
  }
  co_return *next;
}

awaitable<Result<void>> forget(sql::Database& database, store::WorkKey key) {
  co_return co_await database.write(sql::lane_key(key.conversation, key.tenant),
                                    [key](sql::Connection& connection) { store::forget_failure(connection, key); });
}

}  // namespace

FaultKeeper keep_faults(sql::Database& database, const Clock& clock, store::WorkQueue queue, int attempts) {
  return {.count =
              [&database, &clock, queue, attempts](ReadyKey key, std::string words) {
                return keep(database, {.key = work_key_of(key, queue), .words = std::move(words)},
                            {.attempts = attempts}, clock.now());
              },
          .forget = [&database, queue](ReadyKey key) { return forget(database, work_key_of(key, queue)); }};
}

}  // namespace waypost
