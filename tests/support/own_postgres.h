// OwnPostgres: a PostgreSQL server of one test, with PostgreSQL's own defaults, that may be crashed. Test thread only.

#pragma once

#include <string>

#include "base/secret.h"
#include "tests/support/temp_folder.h"

namespace waypost::test {

class OwnPostgres {
 public:
  OwnPostgres() { cluster("start-durable"); }
  OwnPostgres(const OwnPostgres&) = delete;
  OwnPostgres& operator=(const OwnPostgres&) = delete;
  ~OwnPostgres() { cluster("stop"); }

  Secret url() const;
  // At once, as by a loss of power: what it had committed stays, what it had not written to its log is gone.
  void crash() const { cluster("crash"); }
  void start_again() const { cluster("again"); }

 private:
  void cluster(const std::string& action) const;

  TempFolder folder_;
};

}  // namespace waypost::test
