#include "tests/support/own_postgres.h"

#include <cstdlib>
#include <fstream>

#include "base/check.h"

namespace waypost::test {

Secret OwnPostgres::url() const {
  std::string text;
  std::getline(std::ifstream(folder_.path() + "/url"), text);
  return Secret(text);
}

void OwnPostgres::cluster(const std::string& action) const {
  const std::string command = WAYPOST_TEST_POSTGRES_CLUSTER " " + action + " " + folder_.path();
  WAYPOST_CHECK(std::system(command.c_str()) == 0);  // NOLINT(concurrency-mt-unsafe): a test's own thread
}

}  // namespace waypost::test
