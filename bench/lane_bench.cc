// How many units a second the write lane takes: units like the applier's (a unique seen id, two updates, two inserts, a
// look-up), 256 in flight. lane_bench FILE [SECONDS] [bulk]

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "sql/sqlite_database.h"

namespace waypost::sql {
namespace {

using std::chrono::steady_clock;

void make_tables(Connection& connection) {
  connection.script(
      "CREATE TABLE IF NOT EXISTS seen(tenant BLOB NOT NULL, hash INTEGER NOT NULL, PRIMARY KEY (tenant, hash)) "
      "STRICT, "
      "WITHOUT ROWID;"
      "CREATE TABLE IF NOT EXISTS conversation(tenant BLOB NOT NULL, id BLOB NOT NULL, sequence INTEGER NOT NULL, "
      "opened INTEGER NOT NULL, PRIMARY KEY (tenant, id)) STRICT, WITHOUT ROWID;"
      "CREATE TABLE IF NOT EXISTS message(tenant BLOB NOT NULL, conversation BLOB NOT NULL, sequence INTEGER NOT NULL, "
      "id BLOB NOT NULL, body TEXT NOT NULL, PRIMARY KEY (tenant, conversation, sequence)) STRICT, WITHOUT ROWID;"
      "CREATE TABLE IF NOT EXISTS event(number INTEGER PRIMARY KEY, tenant BLOB NOT NULL, body TEXT NOT NULL) STRICT;");
}

struct Work {
  TenantId tenant;
  ConversationId conversation;
  MessageId message;
  std::int64_t hash = 0;
};

std::optional<Error> apply(Connection& connection, const Work& work) {
  const auto fresh =
      connection.run("INSERT INTO seen(tenant, hash) VALUES ($1, $2) ON CONFLICT DO NOTHING", {work.tenant, work.hash});
  if (fresh.changed() == 0) return std::nullopt;
  const auto sequence = connection.run(
      "INSERT INTO conversation(tenant, id, sequence, opened) VALUES ($1, $2, 1, $3) ON CONFLICT (tenant, id) DO "
      "UPDATE "
      "SET sequence = conversation.sequence + 1 RETURNING sequence",
      {work.tenant, work.conversation, work.hash});
  connection.run("INSERT INTO message(tenant, conversation, sequence, id, body) VALUES ($1, $2, $3, $4, $5)",
                 {work.tenant, work.conversation, sequence.front().number(0), work.message,
                  "a message of some sixty characters, as customers write them"});
  connection.run("UPDATE conversation SET opened = $3 WHERE tenant = $1 AND id = $2",
                 {work.tenant, work.conversation, work.hash});
  connection.run("INSERT INTO event(tenant, body) VALUES ($1, $2)",
                 {work.tenant, JsonText{R"({"type":"message.received","conversation":"0192","message":"0193"})"}});
  connection.run("SELECT sequence, opened FROM conversation WHERE tenant = $1 AND id = $2",
                 {work.tenant, work.conversation});
  return std::nullopt;
}

// Lets so many units be in flight, and tells when all are back.
class Gate {
 public:
  void enter() {
    std::unique_lock lock(mutex_);
    free_.wait(lock, [this] { return inside_ < 256; });
    ++inside_;
  }
  void leave() {
    const std::scoped_lock lock(mutex_);
    --inside_;
    free_.notify_one();
  }
  void wait_for_all() {
    std::unique_lock lock(mutex_);
    free_.wait(lock, [this] { return inside_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable free_;
  int inside_ = 0;
};

int measure(const std::string& path, int run_seconds, Urgency urgency) {
  auto database = open_sqlite({.path = path});
  if (!database) return std::fprintf(stderr, "%s\n", database.error().words().c_str()), 1;
  const auto made = (*database)->write_and_wait(0, make_tables);
  if (!made) return std::fprintf(stderr, "%s\n", made.error().words().c_str()), 1;
  Gate gate;
  std::atomic<int> failed = 0;
  const TenantId tenant = TenantId::make(from_millis(1));
  std::vector<ConversationId> conversations(5000);
  for (auto& id : conversations) id = ConversationId::make(from_millis(2));
  std::size_t count = 0;
  const auto end = steady_clock::now() + seconds(run_seconds);
  for (; steady_clock::now() < end; ++count) {
    gate.enter();
    const MessageId message = MessageId::make(from_millis(3));
    Work work{.tenant = tenant, .conversation = conversations[count % 5000], .message = message};
    work.hash = static_cast<std::int64_t>(std::hash<Uuid>()(message.uuid));
    (*database)->submit_write(0, urgency,
                              {.unit = [work](Connection& connection) { return apply(connection, work); },
                               .done =
                                   [&](std::optional<Error> error) {
                                     if (error) ++failed;
                                     gate.leave();
                                   }});
  }
  gate.wait_for_all();
  std::printf("%.0f units/s, %d failed\n", static_cast<double>(count) / run_seconds, failed.load());
  return 0;
}

}  // namespace
}  // namespace waypost::sql

int main(int count, char** words) {
  if (count < 2) return std::fprintf(stderr, "lane_bench FILE [SECONDS] [bulk]\n"), 2;
  const auto urgency = count > 3 ? waypost::sql::Urgency::Bulk : waypost::sql::Urgency::Urgent;
  return waypost::sql::measure(words[1], count > 2 ? std::atoi(words[2]) : 5, urgency);
}
