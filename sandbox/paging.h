// Paging and fields as the Graph API has them: limit, after, cursors; ?fields=a,b. Pure; any thread.

#pragma once

#include <string_view>
#include <vector>

#include "base/json.h"
#include "net/http.h"
#include "sandbox/graph_error.h"

namespace waypost::sandbox {

// {"data": [...], "paging": {"cursors": {before, after}, "next"?}} of `all` by `limit` (25) and `after`; 131059 for a
// cursor that is none of ours, 100 for a bad limit.
Judged<Json> page_of(const std::vector<Json>& all, const RequestHead& head);

// `json` with only the named members and its id; all of it when `fields` is empty.
Json with_fields(const Json& json, std::string_view fields);

}  // namespace waypost::sandbox
