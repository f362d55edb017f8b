// Letter filter: which dead letters a request means, and what became of those that were tried. Pure; any thread.

#pragma once

#include "api/input.h"
#include "base/json.h"
#include "store/letter_list.h"
#include "webhook/letter_retry.h"

namespace waypost::api {

// ?state=waiting|applied|all&reason=&app=&phoneNumberId=&since=
Result<store::LetterFilter> read_filter(const RequestHead& head);
// The same of a body, of letters that wait: {"reason"?, "app"?, "phoneNumberId"?, "since"?, "all"?}. With none of them
// a complaint, so that nobody tries everything by an empty body.
store::LetterFilter read_filter(Input& input);

// {"startRuns"?: false}
LateRuns read_late_runs(Input& input);

// {"fresh", "alreadyApplied", "dead"}
Json to_json(const ReplayCounts& counts);

}  // namespace waypost::api
