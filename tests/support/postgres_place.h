// Databases on the cluster that scripts/postgres_cluster has started. Any thread.

#pragma once

#include <string>

#include "base/secret.h"

namespace waypost::test {

// Of a database of the cluster. Throws when no cluster was started.
Secret postgres_url(const std::string& database);

// A copy of the template, which is migrated by the first test that needs it, or an empty database; its name.
std::string make_migrated_database();
std::string make_empty_database();
void drop_database(const std::string& name);

}  // namespace waypost::test
