#include "graph/error_table.h"

#include <algorithm>
#include <array>

namespace waypost {
namespace {

struct CodeRange {
  constexpr CodeRange(std::int64_t from, std::int64_t to, GraphAction means) : first(from), last(to), action(means) {}

  std::int64_t first;
  std::int64_t last;
  GraphAction action;
};

// By code. The facts' section 3.10; codes of administration, calling and flows cannot come from a send and are left
// out. 131000 and 131016 may come after the message was taken: not proofs of rejection.
constexpr std::array kTable{
    CodeRange{0, 0, GraphAction::HoldForToken},
    CodeRange{1, 2, GraphAction::Unknown},
    CodeRange{3, 3, GraphAction::HoldForToken},
    CodeRange{4, 4, GraphAction::PauseApp},
    CodeRange{10, 10, GraphAction::HoldForToken},
    CodeRange{33, 33, GraphAction::Config},
    CodeRange{100, 100, GraphAction::Fail},
    CodeRange{104, 104, GraphAction::HoldForToken},
    CodeRange{190, 190, GraphAction::HoldForToken},
    CodeRange{200, 299, GraphAction::HoldForToken},
    CodeRange{368, 368, GraphAction::Config},
    CodeRange{613, 613, GraphAction::PauseApp},
    CodeRange{80007, 80007, GraphAction::PauseApp},
    CodeRange{130403, 130403, GraphAction::Fail},
    CodeRange{130429, 130429, GraphAction::PauseNumber},
    CodeRange{130472, 130472, GraphAction::Fail},
    CodeRange{130497, 130497, GraphAction::Config},
    CodeRange{131000, 131000, GraphAction::Unknown},
    CodeRange{131005, 131005, GraphAction::HoldForToken},
    CodeRange{131008, 131009, GraphAction::Fail},
    CodeRange{131016, 131016, GraphAction::Unknown},
    CodeRange{131020, 131021, GraphAction::Fail},
    CodeRange{131026, 131026, GraphAction::Fail},
    CodeRange{131030, 131031, GraphAction::Config},
    CodeRange{131037, 131037, GraphAction::Config},
    CodeRange{131041, 131041, GraphAction::Fail},
    CodeRange{131042, 131042, GraphAction::Config},
    CodeRange{131044, 131045, GraphAction::Config},
    CodeRange{131047, 131047, GraphAction::UseTemplate},
    CodeRange{131048, 131048, GraphAction::Config},
    CodeRange{131049, 131051, GraphAction::Fail},
    CodeRange{131053, 131053, GraphAction::Retry},
    CodeRange{131055, 131055, GraphAction::Fail},
    CodeRange{131056, 131056, GraphAction::PausePair},
    CodeRange{131057, 131057, GraphAction::PauseNumber},
    CodeRange{131061, 131063, GraphAction::Fail},
    CodeRange{131064, 131064, GraphAction::Config},
    CodeRange{131201, 131207, GraphAction::Fail},
    CodeRange{131208, 131208, GraphAction::PauseNumber},
    CodeRange{131209, 131215, GraphAction::Fail},
    CodeRange{132000, 132001, GraphAction::Fail},
    CodeRange{132005, 132005, GraphAction::Fail},
    CodeRange{132007, 132007, GraphAction::Fail},
    CodeRange{132012, 132012, GraphAction::Fail},
    CodeRange{132015, 132016, GraphAction::Fail},
    CodeRange{132018, 132018, GraphAction::Fail},
    CodeRange{132068, 132068, GraphAction::Fail},
    CodeRange{132069, 132069, GraphAction::Retry},
    CodeRange{133010, 133010, GraphAction::Config},
    CodeRange{134011, 134011, GraphAction::Config},
    CodeRange{134100, 134100, GraphAction::Fail},
    CodeRange{134101, 134101, GraphAction::Retry},
    CodeRange{134102, 134102, GraphAction::Fail},
    CodeRange{135000, 135000, GraphAction::Fail},
    CodeRange{137000, 137000, GraphAction::Fail},
    CodeRange{2494100, 2494100, GraphAction::Retry},
};

}  // namespace

std::optional<GraphAction> action_of(std::int64_t code) {
  const auto found = std::ranges::lower_bound(kTable, code, {}, &CodeRange::last);
  if (found == kTable.end() || code < found->first) return std::nullopt;
  return found->action;
}

GraphAction judge_error(const GraphErrorCode& error) {
  if (const auto known = action_of(error.code)) return *known;
  if (error.http_status == 429) return GraphAction::PauseNumber;
  if (error.http_status >= 500) return GraphAction::Unknown;
  return error.is_transient ? GraphAction::Retry : GraphAction::Fail;
}

}  // namespace waypost
