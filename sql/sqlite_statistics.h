// What SQLite's planner is told of the tables' shape.
//
// Without statistics it believes that one tenant has about ten rows, and walks all of a tenant's messages rather than
// take the index of a conversation. Statistics gathered from data would make plans differ from one installation to the
// next, and gather nothing on an empty one; so every index gets the same figures: a tenant has many rows, each further
// column narrows them down, a unique key to one. Lane only.

#pragma once

#include "sql/connection.h"

namespace waypost::sql {

// Writes the figures of every index and lets this connection plan by them; others do when they next load the schema.
// Call it in the transaction that changed the schema.
void write_statistics(Connection& sqlite);

}  // namespace waypost::sql
