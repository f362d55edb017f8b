// PassingDatabase: hands everything on to another database; a test's own does otherwise where it must. Any thread.

#pragma once

#include <utility>

#include "sql/database.h"

namespace waypost::test {

class PassingDatabase : public sql::Database {
 public:
  explicit PassingDatabase(sql::Database& real) : real_(real) {}
  sql::Engine engine() const override { return real_.engine(); }
  void submit_write(sql::LaneKey key, sql::Urgency urgency, sql::Job job) override {
    real_.submit_write(key, urgency, std::move(job));
  }
  std::size_t write_lanes() const override { return real_.write_lanes(); }
  std::size_t lane_of(sql::LaneKey key) const override { return real_.lane_of(key); }
  void submit_to_write_lane(std::size_t lane, sql::Job job) override {
    real_.submit_to_write_lane(lane, std::move(job));
  }
  void submit_read(sql::Job job) override { real_.submit_read(std::move(job)); }

 protected:
  sql::Database& real() { return real_; }

 private:
  sql::Database& real_;
};

}  // namespace waypost::test
