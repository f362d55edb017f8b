// A whole store written to a file and read again, between the engine of the tests and both of them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <regex>
#include <set>

#include "sql/dialect.h"
#include "sql/open.h"
#include "store/copy_row.h"
#include "store/credentials.h"
#include "store/event_numbers.h"
#include "store/export.h"
#include "store/import.h"
#include "store/inbound.h"
#include "store/migrate.h"
#include "store/restored_sends.h"
#include "store/webhook_apps.h"
#include "tests/support/temp_store.h"

namespace waypost::store {
namespace {

using test::TempStore;
using testing::HasSubstr;

void write_file(const std::string& path, std::string_view text) { std::ofstream(path, std::ios::trunc) << text; }

// With a foot that fits: what somebody could write who means it.
std::string with_foot(const std::string& body, const Json& rows) {
  return body + dump({{"rows", rows}, {"sha256", hex(sha256(body))}}) + "\n";
}

// A value of the type that no other row of the column has.
sql::Cell made_up(sql::Type type, int row) {
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte.push_back(static_cast<char>(byte));
  const auto text = [](std::string given) {
    return sql::Cell{.kind = sql::Cell::Kind::Text, .number = 0, .text = std::move(given)};
  };
  switch (type) {
    case sql::Type::Bigint:
      return {.kind = sql::Cell::Kind::Number, .number = row == 0 ? INT64_MAX : row, .text = {}};
    case sql::Type::Boolean:
      return {.kind = sql::Cell::Kind::Number, .number = row % 2, .text = {}};
    case sql::Type::Text:
      return text("\"Ünï\\cödé\"\n🙂 " + std::to_string(row));
    case sql::Type::Uuid:
      return text(std::string(15, static_cast<char>(200)) + static_cast<char>(row));
    case sql::Type::Json:
      return text("{\"n\": " + std::to_string(row) + "}");
    case sql::Type::Bytes:
      return text(every_byte + std::to_string(row));
  }
}

class Copy : public ::testing::Test {
 protected:
  std::string file() const { return store_.folder.file("waypost.export"); }

  // What an export of the database says; also in file().
  std::string exported(sql::Database& database, Taken taken = Taken::Offline) {
    const auto text = database.read_and_wait([&](sql::Connection& connection) -> Result<std::string> {
      Exporter exporter(connection, taken, store_.clock.now());
      std::string whole;
      while (true) {
        auto piece = exporter.next();
        if (!piece) return fail(piece.error());
        if (!*piece) return whole;
        EXPECT_LT((*piece)->size(), std::size_t{4} << 20);
        whole += **piece;
      }
    });
    EXPECT_TRUE(text) << (text ? "" : text.error().words());
    write_file(file(), text.value_or(""));
    return text.value_or("");
  }
  // Rows of every table, of every type.
  void given_rows_everywhere(int rows) {
    store_.run([&](sql::Connection& connection) {
      const auto tables = read_catalogue(connection);
      for (const auto& table : *tables) {
        for (int row = 0; row < rows; ++row) insert_made_up(connection, table, row);
      }
      connection.run("DELETE FROM event_pending");  // an import into SQLite numbers what is in it
    });
  }
  static void insert_made_up(sql::Connection& connection, const CatalogueTable& table, int row) {
    std::vector<sql::Cell> cells;
    std::vector<sql::Value> values;
    std::string names, places;
    for (const auto& column : table.columns) {
      cells.push_back(made_up(column.type, row));
      names += (names.empty() ? "" : ", ") + in_quotes(column.name);
      places += (places.empty() ? "$" : ", $") + std::to_string(cells.size());
    }
    for (std::size_t at = 0; at < cells.size(); ++at) values.push_back(value_of(cells[at], table.columns[at].type));
    const bool numbered = table.identity && connection.engine() == sql::Engine::Postgres;
    connection.run("INSERT INTO " + in_quotes(table.name) + " (" + names + ")" +
                       (numbered ? " OVERRIDING SYSTEM VALUE" : "") + " VALUES (" + places + ")",
                   values);
  }
  MessageId receive(const std::string& wamid) {
    return store_.run([&](sql::Connection& connection) {
      Inbound inbound{.phone_number_id = test::kNumber, .sender = {.phone = "491701234567"}};
      inbound.message.tenant = store_.tenant;
      inbound.message.channel = store_.channel;
      inbound.message.text = "hello";
      inbound.message.wamid = wamid;
      inbound.message.happened_at = store_.clock.now();
      receive_message(connection, inbound, store_.clock.now());
      return MessageId{connection.run("SELECT id FROM message WHERE wamid = $1", {wamid}).front().uuid(0)};
    });
  }

  Result<ExportFile> checked(const Keyring* keyring = nullptr) { return check_export(file(), keyring); }
  Result<Imported> imported(sql::Database& into, const ImportProgress& progress = {}) {
    const auto file = checked();
    if (!file) return fail(file.error());
    return import_store(into, *file, store_.clock.now(), progress);
  }
  static std::string without_head(const std::string& text) { return text.substr(text.find('\n')); }
  // All but head and foot, and the last numbers given out, of which the engines know different things.
  static std::string rows_of(const std::string& text) {
    const auto body = without_head(text);
    static const std::regex kLastNumber("\"identity\":\\[\"id\",[0-9]+\\],");
    return std::regex_replace(body.substr(0, body.find("{\"rows\"")), kLastNumber, "");
  }
  static std::int64_t number(sql::Database& database, std::string_view text) {
    return *database.read_and_wait(
        [text](sql::Connection& connection) { return connection.run(text).front().number(0); });
  }

  // A second, empty store of the same engine; and one of SQLite, whatever the engine of the tests.
  std::unique_ptr<sql::Database> target() { return place_.open(); }
  std::unique_ptr<sql::Database> sqlite() {
    auto opened = sql::open(Secret("sqlite:" + store_.folder.file("other.db")), {});
    const auto migrated = migrate(**opened, sql::Engine::Sqlite, store_.clock.now());
    EXPECT_TRUE(migrated);
    return *std::move(opened);
  }

  TempStore store_;
  test::StorePlace place_{store_.folder.file("target.db")};
};

TEST_F(Copy, EveryTableThatAMigrationMakesIsExported) {
  std::set<std::string> made;
  const std::regex create("CREATE TABLE (\\w+)");
  for (const auto& migration : migrations()) {
    const std::string ddl(migration.ddl);
    for (auto at = std::sregex_iterator(ddl.begin(), ddl.end(), create); at != std::sregex_iterator(); ++at)
      made.insert((*at)[1]);
  }
  exported(*store_.database);
  const auto file = checked();
  ASSERT_TRUE(file) << file.error().words();
  std::set<std::string> copied;
  for (const auto& table : file->tables) copied.insert(table.table.name);
  EXPECT_EQ(copied, made);
}

// On PostgreSQL the catalogue's own types are compared with what SQLite is told by the migrations.
TEST_F(Copy, BothEnginesNameTheSameTypes) {
  const auto read = [](sql::Connection& connection) { return read_catalogue(connection); };
  const auto ours = store_.database->read_and_wait(read);
  const auto theirs = sqlite()->read_and_wait(read);
  ASSERT_TRUE(ours) << ours.error().words();
  ASSERT_TRUE(theirs) << theirs.error().words();
  ASSERT_EQ(ours->size(), theirs->size());
  for (std::size_t at = 0; at < ours->size(); ++at) {
    EXPECT_EQ((*ours)[at].name, (*theirs)[at].name);
    EXPECT_TRUE((*ours)[at].columns == (*theirs)[at].columns) << (*ours)[at].name;
    EXPECT_EQ((*ours)[at].key, (*theirs)[at].key) << (*ours)[at].name;
    EXPECT_EQ((*ours)[at].identity, (*theirs)[at].identity) << (*ours)[at].name;
  }
}

TEST_F(Copy, AStoreIsTheSameOnTheOtherSideAndBack) {
  given_rows_everywhere(3);
  receive("wamid.1");
  store_.run([](sql::Connection& connection) { number_events(connection, 100); });
  const auto before = exported(*store_.database);
  const auto other = sqlite();
  const auto there = imported(*other);
  ASSERT_TRUE(there) << there.error().words();
  EXPECT_TRUE(there->is_complete());
  EXPECT_FALSE(there->went_on);
  EXPECT_EQ(rows_of(exported(*other)), rows_of(before));
  const auto back = target();
  const auto here = imported(*back);
  ASSERT_TRUE(here) << here.error().words();
  EXPECT_TRUE(here->is_complete());
  EXPECT_EQ(rows_of(exported(*back)), rows_of(before));
}

TEST_F(Copy, ManyRowsComeInPages) {
  store_.run([](sql::Connection& connection) {
    for (int n = 0; n < 1'234; ++n)
      connection.run("INSERT INTO seen_message (hash, day) VALUES ($1, $2)", {new_uuid(from_millis(n)), n});
  });
  exported(*store_.database);
  const auto into = target();
  std::vector<std::int64_t> told;
  const auto done = imported(*into, [&](const std::string&, std::int64_t rows) { told.push_back(rows); });
  ASSERT_TRUE(done) << done.error().words();
  EXPECT_EQ(number(*into, "SELECT count(*) FROM seen_message"), 1'234);
  ASSERT_GE(told.size(), 3U);
  for (std::size_t at = 1; at < told.size(); ++at) EXPECT_LE(told[at] - told[at - 1], 500);
}

TEST_F(Copy, WhatCommitsMeanwhileIsNotInIt) {
  const auto text = store_.database->read_and_wait([&](sql::Connection& connection) -> Result<std::string> {
    Exporter exporter(connection, Taken::Online, store_.clock.now());
    std::string whole = (*exporter.next()).value_or("");
    receive("wamid.later");
    while (const auto piece = *exporter.next()) whole += *piece;
    return whole;
  });
  ASSERT_TRUE(text);
  EXPECT_FALSE(text->contains("wamid.later"));
}

TEST_F(Copy, AStoreInUseIsRefused) {
  exported(*store_.database);
  const auto done = imported(*store_.database);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind(), ErrorKind::Conflict);
  EXPECT_THAT(done.error().words(), HasSubstr("holds rows"));
}

TEST_F(Copy, AFileCutAnywhereIsRefusedBeforeTheFirstRow) {
  receive("wamid.1");
  const auto text = exported(*store_.database);
  const auto into = target();
  for (std::size_t size = 0; size < text.size(); size += text.size() / 97 + 1) {
    write_file(file(), std::string_view(text).substr(0, size));
    const auto done = imported(*into);
    ASSERT_FALSE(done) << size;
    EXPECT_EQ(done.error().kind(), ErrorKind::InvalidInput);
  }
  EXPECT_EQ(number(*into, "SELECT count(*) FROM tenant"), 0);
}

TEST_F(Copy, AFileAlteredAnywhereIsRefusedBeforeTheFirstRow) {
  receive("wamid.1");
  const auto text = exported(*store_.database);
  const auto into = target();
  for (std::size_t at = 0; at < text.size(); at += text.size() / 97 + 1) {
    std::string altered = text;
    altered[at] = altered[at] == 'x' ? 'y' : 'x';
    write_file(file(), altered);
    EXPECT_FALSE(imported(*into)) << at;
  }
  write_file(file(), text + "more\n");
  EXPECT_FALSE(imported(*into));
  EXPECT_EQ(number(*into, "SELECT count(*) FROM tenant"), 0);
}

TEST_F(Copy, WhatIsNoExportIsNamedSo) {
  for (const char* text : {"", "hello\n", "{\"waypost\":\"import\"}\n", "[1,2]\n"}) {
    write_file(file(), text);
    const auto file = checked();
    ASSERT_FALSE(file);
    EXPECT_THAT(file.error().words(), HasSubstr("no export of Waypost")) << text;
  }
  EXPECT_EQ(check_export(store_.folder.file("absent"), nullptr).error().kind(), ErrorKind::NotFound);
}

TEST_F(Copy, AnotherSchemaIsRefused) {
  write_file(file(),
             with_foot("{\"waypost\":\"export\",\"format\":1,\"schema\":99,\"taken\":\"offline\"}\n", Json::object()));
  const auto done = imported(*target());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind(), ErrorKind::Rejected);
  EXPECT_THAT(done.error().words(), HasSubstr("schema 99"));
}

TEST_F(Copy, AnotherSetOfTablesIsRefused) {
  const auto schema = std::to_string(migrations().size());
  write_file(file(), with_foot("{\"waypost\":\"export\",\"format\":1,\"schema\":" + schema + "}\n", Json::object()));
  EXPECT_EQ(imported(*target()).error().kind(), ErrorKind::Rejected);
}

struct Killed {};

TEST_F(Copy, AnImportThatWasCutShortGoesOn) {
  given_rows_everywhere(2);
  const auto before = exported(*store_.database);
  const auto into = target();
  for (int units = 0; units < 4; ++units) {
    int left = units * 4;
    const auto die = [&](const std::string&, std::int64_t) {
      if (left-- == 0) throw Killed();
    };
    EXPECT_THROW((void)imported(*into, die), Killed);
    const auto refused =
        into->read_and_wait([](sql::Connection& connection) { return refuse_half_import(connection); });
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().words(), HasSubstr("run the same waypost import again"));
  }
  const auto done = imported(*into);
  ASSERT_TRUE(done) << done.error().words();
  EXPECT_TRUE(done->went_on);
  EXPECT_TRUE(done->is_complete());
  EXPECT_TRUE(into->read_and_wait([](sql::Connection& connection) { return refuse_half_import(connection); }));
  EXPECT_EQ(rows_of(exported(*into)), rows_of(before));
}

TEST_F(Copy, AHalfImportTakesNoOtherFile) {
  exported(*store_.database);
  const auto into = target();
  EXPECT_THROW((void)imported(*into, [](const std::string&, std::int64_t) { throw Killed(); }), Killed);
  receive("wamid.1");
  exported(*store_.database);
  EXPECT_EQ(imported(*into).error().kind(), ErrorKind::Conflict);
}

TEST_F(Copy, CountsThatDifferAreToldAndTheStoreStaysClosed) {
  exported(*store_.database);
  const auto into = target();
  const auto spoil = [&](const std::string& table, std::int64_t) {
    if (table != "tenant") return;
    (void)into->write_and_wait(0, [](sql::Connection& connection) { connection.run("DELETE FROM tenant"); });
  };
  const auto done = imported(*into, spoil);
  ASSERT_TRUE(done) << done.error().words();
  EXPECT_FALSE(done->is_complete());
  EXPECT_FALSE(into->read_and_wait([](sql::Connection& connection) { return refuse_half_import(connection); }));
}

TEST_F(Copy, SealedSecretsStaySealedAndTellWhetherTheKeyFits) {
  const Keyring ours({{"k1", Secret(std::string(32, 'a'))}}, "k1");
  const Keyring other({{"k1", Secret(std::string(32, 'b'))}}, "k1");
  store_.run([&](sql::Connection& connection) {
    connection.run("UPDATE channel SET access_token = $1", {ours.seal(Secret("token-in-clear"), kAccessTokenPurpose)});
    EXPECT_TRUE(create_credential(
        connection,
        {.tenant = store_.tenant, .name = "crm", .sealed_secret = ours.seal(Secret("in-clear-2"), kCredentialPurpose)},
        store_.clock.now()));
    const auto key = ours.seal(Secret("in-clear-3"), "tenant_secret.secret");
    connection.run("INSERT INTO tenant_secret (tenant_id, name, secret, updated_at) VALUES ($1, 'ai', $2, 1)",
                   {store_.tenant, sql::Bytes{key}});
  });
  const auto text = exported(*store_.database);
  EXPECT_FALSE(text.contains("token-in-clear") || text.contains("in-clear-2") || text.contains("in-clear-3"));
  EXPECT_EQ(checked(&ours)->unopened, 0);
  EXPECT_EQ(checked(&ours)->sealed, 3);
  EXPECT_EQ(checked(&other)->unopened, 3);
}

TEST_F(Copy, ANumberedTableGoesOnBehindItsHighest) {
  const CatalogueTable table{.name = "numbered", .columns = {}, .key = {"id"}, .identity = "id"};
  store_.run([&](sql::Connection& connection) {
    connection.script(
        sql::in_dialect(connection.engine(), "CREATE TABLE numbered (id {identity} PRIMARY KEY, n {bigint}) {heap}"));
    EXPECT_EQ(last_identity(connection, table), 0);
    const bool sqlite = connection.engine() == sql::Engine::Sqlite;
    connection.run(sqlite ? "INSERT INTO numbered (id, n) VALUES (41, 1)"
                          : "INSERT INTO numbered (id, n) OVERRIDING SYSTEM VALUE VALUES (41, 1)");
    set_identity(connection, table, 41);
    EXPECT_EQ(connection.run("INSERT INTO numbered (n) VALUES (2) RETURNING id").front().number(0), 42);
    EXPECT_EQ(last_identity(connection, table), 42);
  });
}

TEST_F(Copy, EventsThatHadNoNumberYetHaveOneOnSqlite) {
  const auto other_tenant = TenantId::make(store_.clock.now());
  store_.run([&](sql::Connection& connection) {
    connection.run("DELETE FROM event");
    connection.run("INSERT INTO event (tenant_id, number, type, payload, created_at) VALUES ($1, 7, 'seen', $2, 0)",
                   {store_.tenant, "{}"});
    for (const auto& [tenant, type] :
         {std::pair(store_.tenant, "first"), {other_tenant, "alone"}, {store_.tenant, "second"}})
      connection.run("INSERT INTO event_pending (tenant_id, type, payload, created_at) VALUES ($1, $2, $3, 0)",
                     {tenant, type, "{}"});
  });
  exported(*store_.database);
  const auto other = sqlite();
  const auto done = imported(*other);
  ASSERT_TRUE(done) << done.error().words();
  EXPECT_TRUE(done->is_complete());
  EXPECT_EQ(number(*other, "SELECT count(*) FROM event_pending"), 0);
  EXPECT_EQ(number(*other, "SELECT number FROM event WHERE type = 'first'"), 8);
  EXPECT_EQ(number(*other, "SELECT number FROM event WHERE type = 'second'"), 9);
  EXPECT_EQ(number(*other, "SELECT number FROM event WHERE type = 'alone'"), 1);
}

TEST_F(Copy, OfABackupWhatWaitedIsHeld) {
  receive("wamid.1");
  const auto queue = [&](sql::Connection& connection) {
    const auto conversation = ConversationId{connection.run("SELECT id FROM conversation").front().uuid(0)};
    Message message{.text = "hi", .content = {{"body", "hi"}}};
    message.author = "api";
    queue_message(connection, *find_conversation(connection, store_.tenant, conversation), message, store_.clock.now());
  };
  store_.run(queue);
  exported(*store_.database, Taken::Online);
  const auto into = target();
  const auto done = imported(*into);
  ASSERT_TRUE(done) << done.error().words();
  EXPECT_EQ(done->held, 1);
  const auto held = into->read_and_wait([](sql::Connection& connection) { return held_sends(connection); });
  ASSERT_EQ(held->size(), 1U);
  EXPECT_EQ(held->front().held, 1);
}

}  // namespace
}  // namespace waypost::store
