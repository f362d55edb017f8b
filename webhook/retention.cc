#include "webhook/retention.h"

#include <algorithm>
#include <utility>

#include "store/dead_letters.h"
#include "store/seen.h"
#include "store/statuses.h"

namespace waypost {
namespace {

constexpr std::chrono::days kRepeats{8};  // Meta repeats a webhook for seven
constexpr sql::LaneKey kKey = 0;

// One small unit, behind everything that is urgent. Blocks.
template <class Unit>
auto run_bulk(sql::Database& database, Unit unit) {
  return database.write_and_wait(kKey, std::move(unit), sql::Urgency::Bulk);
}

Result<std::size_t> drop_all_seen(sql::Database& database, store::SeenWalk walk) {
  std::size_t all = 0;
  while (true) {
    const auto page =
        run_bulk(database, [&](sql::Connection& connection) { return store::drop_seen(connection, walk); });
    if (!page) return fail(page.error());
    all += page->dropped;
    if (!page->next) return all;
    walk.behind = *page->next;
  }
}

using Drop = std::size_t (*)(sql::Connection&, Time, std::size_t);

Result<std::size_t> drop_all(sql::Database& database, Drop drop, Time before, std::size_t most) {
  std::size_t all = 0;
  while (true) {
    const auto dropped =
        run_bulk(database, [&](sql::Connection& connection) { return drop(connection, before, most); });
    if (!dropped) return dropped;
    all += *dropped;
    if (*dropped < most) return all;
  }
}

}  // namespace

Result<Dropped> drop_outlived(const RetentionParts& parts, JournalPosition applied, const RetentionSettings& settings,
                              Time now) {
  auto& [database, journal] = parts;
  const auto seen_for = std::max(kRepeats, settings.journal + std::chrono::days(1));
  const auto seen = drop_all_seen(database, {.before = now - seen_for, .rows = settings.rows});
  if (!seen) return fail(seen.error());
  const auto parked = drop_all(database, store::drop_parked, now, settings.rows);
  if (!parked) return fail(parked.error());
  const auto letters = drop_all(database, store::drop_applied_letters, now - settings.dead_letters, settings.rows);
  if (!letters) return fail(letters.error());
  const auto files = journal.drop_old(applied);
  if (!files) return fail(files.error());
  return Dropped{.seen = *seen, .parked = *parked, .dead_letters = *letters, .day_files = *files};
}

}  // namespace waypost
