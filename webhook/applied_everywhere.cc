#include "webhook/applied_everywhere.h"

#include <algorithm>

#include "store/cursors.h"

namespace waypost {
namespace {

constexpr std::chrono::seconds kEvery{1};
constexpr std::chrono::minutes kGoneForGood{15};

}  // namespace

Time AppliedEverywhere::until() {
  if (database_.engine() == sql::Engine::Sqlite) return mine_();
  const Time now = clock_.now();
  if (now - asked_at_ >= kEvery && !others_->asked.exchange(true)) ask(now);
  return std::min(mine_(), from_millis(others_->until_ms.load()));
}

void AppliedEverywhere::ask(Time now) {
  asked_at_ = now;
  auto until = std::make_shared<Time>();
  sql::Job job{.unit = [until, now](sql::Connection& connection) -> std::optional<Error> {
                 *until = store::applied_until_of_all(connection, now - kGoneForGood).value_or(now);
                 return std::nullopt;
               },
               .done =
                   [others = others_, until](const std::optional<Error>& error) {
                     if (!error) others->until_ms.store(to_millis(*until));
                     others->asked.store(false);
                   }};
  database_.submit_read(std::move(job));
}

}  // namespace waypost
