#include "sql/postgres_database.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "sql/lanes.h"
#include "sql/postgres_connect.h"
#include "sql/postgres_session.h"

namespace waypost::sql {
namespace {

class PostgresDatabase final : public Database {
 public:
  explicit PostgresDatabase(const PostgresSettings& settings);
  PostgresDatabase(const PostgresDatabase&) = delete;
  PostgresDatabase& operator=(const PostgresDatabase&) = delete;
  ~PostgresDatabase() override {
    for (const auto& writer : writers_) writer->close();
    readers_.close();
  }

  Engine engine() const override { return Engine::Postgres; }
  void submit_write(LaneKey key, Urgency urgency, Job job) override {
    job.owner = key.owner;
    writers_[lane_of(key)]->submit(urgency, std::move(job));
  }
  std::size_t write_lanes() const override { return writers_.size(); }
  void submit_to_write_lane(std::size_t lane, Job job) override {
    writers_.at(lane)->submit(Urgency::Urgent, std::move(job));
  }
  // Keys may be counters or halves of ids: multiplied by 2^64 / golden ratio they spread over the high bits.
  std::size_t lane_of(LaneKey key) const override {
    const std::uint64_t spread = (key.value * 0x9e3779b97f4a7c15U) >> 32;
    return spread * writers_.size() >> 32;
  }
  void submit_read(Job job) override { readers_.submit(Urgency::Urgent, std::move(job)); }

 private:
  std::unique_ptr<Session> session(const PostgresSettings& settings, SessionUse use);
  void add_writer(const PostgresSettings& settings, std::size_t mailbox_units);
  void add_reader(const PostgresSettings& settings);

  std::vector<std::unique_ptr<Lanes>> writers_;
  Lanes readers_;
  std::size_t readers_made_ = 0;
};

PostgresDatabase::PostgresDatabase(const PostgresSettings& settings) : readers_(settings.mailbox_units) {
  const std::size_t writers = std::max<std::size_t>(settings.writers, 1);
  for (std::size_t at = 0; at < writers; ++at) add_writer(settings, settings.mailbox_units / writers);
  for (std::size_t at = 0; at < std::max<std::size_t>(settings.readers, 1); ++at) add_reader(settings);
}

std::unique_ptr<Session> PostgresDatabase::session(const PostgresSettings& settings, SessionUse use) {
  return *make_postgres_session({.url = settings.url,
                                 .use = use,
                                 .application_name = settings.application_name,
                                 .timeouts = settings.timeouts,
                                 .settling = settings.settling});
}

void PostgresDatabase::add_writer(const PostgresSettings& settings, std::size_t mailbox_units) {
  LaneSettings lane{.name = "sql-write-" + std::to_string(writers_.size()),
                    .batch_units = std::max<std::size_t>(settings.batch_units, 8),
                    .limits = {.patience = settings.patience},
                    .priority = Priority::Last};
  auto writer = session(settings, SessionUse::Write);
  writer->belong_to_lane(writers_.size());
  writers_.push_back(std::make_unique<Lanes>(mailbox_units));
  writers_.back()->add(std::move(lane), std::move(writer));
}

// One unit a transaction: a slow read holds up no other, and each sees all that was committed when it began.
void PostgresDatabase::add_reader(const PostgresSettings& settings) {
  LaneSettings lane{.name = "sql-read-" + std::to_string(readers_made_++),
                    .batch_units = 1,
                    .limits = {.patience = settings.patience}};
  readers_.add(std::move(lane), session(settings, SessionUse::Read));
}

}  // namespace

Result<std::unique_ptr<Database>> open_postgres(const PostgresSettings& settings) {
  if (auto readable = check_postgres_url(settings.url); !readable) return fail(std::move(readable.error()));
  return std::make_unique<PostgresDatabase>(settings);
}

}  // namespace waypost::sql
