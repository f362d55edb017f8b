// Database: the lanes to one store. `co_await database.write(key, unit)` runs the unit on the write lane of its key,
// together with all that waits there, in ONE transaction, and resumes after its commit.
//
//   loops ──▶ mailbox (urgent, bulk) ──▶ lane's thread: BEGIN, units, COMMIT ──▶ callers resume on their own executor
//
// A unit is called with the lane's Connection and touches nothing else, because it may run twice. It returns a value
// (or nothing), or a Result: an Error is a business answer, and what the unit wrote is undone. It throws sql::Fault,
// and lets it through. On a Data fault, and on an Error after writes, the batch is rolled back and runs again with a
// savepoint around each unit, so that a bad one undoes only its own. Contention runs again; Unavailable fails every
// caller with ErrorKind::Unavailable after the lane's patience; when it was Contention that lasted, with code
// kContended: the store answers, but what these units want is held by others. A commit of which nobody can say whether
// it happened (the server died with its answer) fails them with ErrorKind::Unavailable and code "commit_unknown", and
// is the one Unavailable whose writes may be there. Any thread.

#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/error.h"
#include "net/asio.h"
#include "sql/connection.h"

namespace waypost::sql {

// Where a write runs. Writes of one key and urgency run in the order they were submitted (a conversation's id, a
// workspace's …); an urgent one may overtake bulk ones. Owners take turns in a lane, so that what one of them wants
// written does not hold up the others; the writes of a key have one owner.
struct LaneKey {
  std::uint64_t value = 0;
  std::uint64_t owner = 0;  // a workspace; 0: the installation

  constexpr LaneKey(std::uint64_t a_value = 0, std::uint64_t an_owner = 0) : value(a_value), owner(an_owner) {}
};
template <class Tag>
LaneKey lane_key(const Id<Tag>& id, const TenantId& owner) {
  return {std::hash<Uuid>()(id.uuid), std::hash<Uuid>()(owner.uuid)};
}
// Of what is an owner itself: a workspace, a person, a journal.
template <class Tag>
LaneKey lane_key(const Id<Tag>& id) {
  static_assert(!std::is_same_v<Id<Tag>, ConversationId>, "a conversation's writes are its workspace's");
  return {std::hash<Uuid>()(id.uuid), std::hash<Uuid>()(id.uuid)};
}

inline constexpr std::string_view kContended = "store_contended";

enum class Urgency { Urgent, Bulk };  // replies and API calls; retention, imports, the applier's backlog

// What the lane runs. `unit` returns an Error to have its own writes undone; `done` is called once, after the commit or
// with the reason there was none: on the lane's thread, or at once on the submitting one when the mailbox is full. It
// must not block or throw.
struct Job {
  std::move_only_function<std::optional<Error>(Connection&)> unit;
  std::move_only_function<void(std::optional<Error>)> done;
  std::uint64_t owner = 0;  // submit_write() sets it
};

template <class Value>
struct UnwrappedResult {
  using Type = Value;
  static constexpr bool kIsResult = false;
};
template <class Value>
struct UnwrappedResult<Result<Value>> {
  using Type = Value;
  static constexpr bool kIsResult = true;
};

class Database {
 public:
  Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  // Finishes what is queued, then joins the lanes.
  virtual ~Database() = default;

  virtual Engine engine() const = 0;

  template <class Unit>
  auto write(LaneKey key, Unit unit, Urgency urgency = Urgency::Urgent) {
    return ask(std::move(unit), [this, key, urgency](Job job) { submit_write(key, urgency, std::move(job)); });
  }
  // On a read lane: a consistent snapshot, no writes (they are a Data fault).
  template <class Unit>
  auto read(Unit unit) {
    return ask(std::move(unit), [this](Job job) { submit_read(std::move(job)); });
  }

  // The same without coroutines, for the applier and for threads that may block.
  virtual void submit_write(LaneKey key, Urgency urgency, Job job) = 0;
  virtual void submit_read(Job job) = 0;

  // How many write lanes there are; and a job for one of them, for the watchdog, which wants to see each of them move.
  virtual std::size_t write_lanes() const { return 1; }
  // The one that runs the writes of this key.
  virtual std::size_t lane_of(LaneKey) const { return 0; }
  virtual void submit_to_write_lane(std::size_t lane, Job job) { submit_write(lane, Urgency::Urgent, std::move(job)); }

  // Blocks the calling thread; never from a loop or a lane.
  template <class Unit>
  auto write_and_wait(LaneKey key, Unit unit, Urgency urgency = Urgency::Urgent) {
    return wait(std::move(unit), [this, key, urgency](Job job) { submit_write(key, urgency, std::move(job)); });
  }
  template <class Unit>
  auto read_and_wait(Unit unit) {
    return wait(std::move(unit), [this](Job job) { submit_read(std::move(job)); });
  }

 private:
  template <class Unit>
  using ValueOf = typename UnwrappedResult<std::invoke_result_t<Unit&, Connection&>>::Type;

  // Runs the unit and keeps its value for the caller. A unit that runs twice overwrites its first value.
  template <class T, class Unit>
  static std::optional<Error> run_into(std::optional<Result<T>>& kept, Unit& unit, Connection& connection) {
    using Returned = std::invoke_result_t<Unit&, Connection&>;
    if constexpr (UnwrappedResult<Returned>::kIsResult) {
      kept.emplace(unit(connection));
      if (!kept->has_value()) return kept->error();
    } else if constexpr (std::is_void_v<Returned>) {
      unit(connection);
      kept.emplace();
    } else {
      kept.emplace(unit(connection));
    }
    return std::nullopt;
  }

  // A Job's `done` that resumes the coroutine on its own executor, which does not run out of work meanwhile. The guard
  // leaves with the post: when the coroutine has resumed, its loop may end before the Job does.
  template <class Handler>
  static auto resuming(Handler handler) {
    auto executor = asio::get_associated_executor(handler);
    return [executor, alive = asio::make_work_guard(executor),
            handler = std::move(handler)](std::optional<Error> error) mutable {
      asio::post(executor, [alive = std::move(alive), handler = std::move(handler),
                            error = std::move(error)]() mutable { std::move(handler)(std::move(error)); });
    };
  }

  template <class Unit, class Submit>
  static awaitable<Result<ValueOf<Unit>>> ask(Unit unit, Submit submit) {
    using T = ValueOf<Unit>;
    auto kept = std::make_shared<std::optional<Result<T>>>();
    auto work = [kept, unit = std::move(unit)](Connection& connection) mutable {
      return run_into<T>(*kept, unit, connection);
    };
    auto failed = co_await asio::async_initiate<decltype(asio::use_awaitable), void(std::optional<Error>)>(
        [&](auto handler) { submit(Job{.unit = std::move(work), .done = resuming(std::move(handler))}); },
        asio::use_awaitable);
    if (failed) co_return Result<T>(std::unexpected(std::move(*failed)));
    co_return std::move(**kept);
  }

  template <class Unit, class Submit>
  static Result<ValueOf<Unit>> wait(Unit unit, Submit submit) {
    using T = ValueOf<Unit>;
    auto kept = std::make_shared<std::optional<Result<T>>>();
    std::promise<std::optional<Error>> promise;
    auto failed = promise.get_future();
    submit(Job{.unit = [kept, &unit](Connection& connection) { return run_into<T>(*kept, unit, connection); },
               .done = [promise = std::move(promise)](
                           std::optional<Error> error) mutable { promise.set_value(std::move(error)); }});
    if (auto error = failed.get()) return Result<T>(std::unexpected(std::move(*error)));
    return std::move(**kept);
  }
};

}  // namespace waypost::sql
