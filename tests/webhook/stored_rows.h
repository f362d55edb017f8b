// What the webhook's updates left in a store, as JSON that is the same wherever and whenever it is read: by table, each
// row's members that are not null. Ids stand as what they mean: a contact as an alias of theirs, a message as its
// wamid, a channel as Meta's id of it. Left out: our own times, and the texts of dead letters. Test thread only.

#pragma once

#include "base/json.h"
#include "tests/support/temp_store.h"

namespace waypost::test {

// {"contact": [{…}, …], …}: the rows sorted; tables without rows left out.
Json stored_rows(TempStore& store);

// The rows of `after` that are not in `before`, table by table.
Json rows_since(const Json& before, const Json& after);

}  // namespace waypost::test
