#include "tests/support/postgres_place.h"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <stdexcept>

#include "base/clock.h"
#include "sql/postgres_database.h"
#include "sql/postgres_session.h"
#include "store/migrate.h"

namespace waypost::test {
namespace {

constexpr const char* kTemplate = "waypost_template";

std::unique_ptr<sql::Session> administrator() {
  sql::PostgresOptions options{.url = postgres_url("postgres")};
  options.timeouts.lock = std::chrono::minutes(1);
  return sql::make_postgres_session(options).value();
}

bool exists(sql::Session& session, const std::string& name) {
  return !session.run("SELECT 1 FROM pg_database WHERE datname = $1", {name}).empty();
}

void create(sql::Session& session, const std::string& name, const std::string& of) {
  // An empty database takes 15 ms as files; by the log, PostgreSQL's usual way since 15, 70 ms.
  const bool may_choose =
      session.run("SELECT CAST(current_setting('server_version_num') AS bigint)").front().number(0) >= 150'000;
  session.script("CREATE DATABASE " + name + " TEMPLATE " + of + (may_choose ? " STRATEGY file_copy" : ""));
}

void migrate(const std::string& name) {
  auto database = sql::open_postgres({.url = postgres_url(name), .writers = 1, .readers = 1}).value();
  const auto migrated = store::migrate(*database, sql::Engine::Postgres, FakeClock().now());
  if (!migrated) throw std::runtime_error(migrated.error().words());
}

// Several processes need it at the same time; one makes it. Only a whole one bears the name.
void make_template(sql::Session& session) {
  constexpr const char* kUnready = "waypost_unready";
  if (exists(session, kTemplate)) return;
  session.run("SELECT pg_advisory_lock(1)");
  if (!exists(session, kTemplate)) {
    session.script(std::string("DROP DATABASE IF EXISTS ") + kUnready);
    create(session, kUnready, "template0");
    migrate(kUnready);
    session.script(std::string("ALTER DATABASE ") + kUnready + " RENAME TO " + kTemplate);
  }
  session.run("SELECT pg_advisory_unlock(1)");
}

std::string fresh_name() {
  static std::atomic<int> made = 0;
  return "test_" + std::to_string(::getpid()) + "_" + std::to_string(++made);
}

}  // namespace

Secret postgres_url(const std::string& database) {
  const std::string folder = WAYPOST_TEST_POSTGRES_FOLDER;
  std::ifstream file(folder + "/url");
  std::string url;
  std::getline(file, url);
  const auto name = url.find("/postgres?");
  if (name == std::string::npos) {
    throw std::runtime_error("no PostgreSQL for tests; start one: scripts/postgres_cluster start " + folder);
  }
  return Secret(url.replace(name + 1, std::string_view("postgres").size(), database));
}

std::string make_migrated_database() {
  const auto session = administrator();
  make_template(*session);
  std::string name = fresh_name();
  create(*session, name, kTemplate);
  return name;
}

std::string make_empty_database() {
  std::string name = fresh_name();
  create(*administrator(), name, "template0");
  return name;
}

void drop_database(const std::string& name) {
  administrator()->script("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
}

}  // namespace waypost::test
