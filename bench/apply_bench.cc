// How fast the applier carries messages into SQLite: fills a journal with distinct text messages, then applies them.
//
//   apply_bench [messages] [customers] [folder]

#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include "sql/sqlite_database.h"
#include "store/channels.h"
#include "store/migrate.h"
#include "store/tenants.h"
#include "webhook/applier.h"

namespace waypost {
namespace {

constexpr const char* kNumber = "106540352242922";

class NoSignals final : public Signals {
 public:
  void offer(std::vector<Signal>) override {}
};

std::string body_of(int message, int customers) {
  const auto customer = std::to_string(16'505'550'000LL + message % customers);
  return R"({"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{)"
         R"("messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":")" +
         std::string(kNumber) + R"("},"contacts":[{"profile":{"name":"Sheena Nelson"},"wa_id":")" + customer +
         R"(","user_id":"US.)" + customer + R"("}],"messages":[{"from":")" + customer + R"(","from_user_id":"US.)" +
         customer + R"(","id":"wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA)" +
         std::to_string(message) + R"(","timestamp":"1760000000","type":"text","text":{"body":"Does it come in )" +
         std::string(300, 'x') + R"("}}]},"field":"messages"}]}]})";
}

awaitable<void> append(Journal& journal, std::string body) {
  if (!co_await journal.append("default", std::move(body))) std::abort();
}

void fill(Journal& journal, int messages, int customers) {
  asio::io_context context(1);
  for (int message = 0; message < messages; ++message) {
    asio::co_spawn(context, append(journal, body_of(message, customers)), [](const std::exception_ptr& fault) {
      if (fault) std::abort();
    });
  }
  context.run();
}

void prepare(sql::Database& database, const Clock& clock) {
  if (!store::migrate(database, sql::Engine::Sqlite, clock.now())) std::abort();
  const auto made = database.write_and_wait(0, [&](sql::Connection& connection) {
    const auto tenant = store::create_tenant(connection, "bench", clock.now());
    return store::create_channel(connection, {.tenant = tenant.id, .phone_number_id = kNumber}, clock.now());
  });
  if (!made) std::abort();
}

int run(int messages, int customers, const std::string& folder) {
  const SystemClock clock;
  auto database = *sql::open_sqlite({.path = folder + "/store.db"});
  auto journal = *Journal::open({.folder = folder + "/journal"}, clock);
  prepare(*database, clock);
  fill(*journal, messages, customers);
  NoSignals signals;
  const auto applier = Applier::make({*journal, *database, signals, clock}, {.note_file = folder + "/applying"});
  const auto began = std::chrono::steady_clock::now();
  if (!applier->start()) return 1;
  while (applier->mark() < journal->end()) std::this_thread::sleep_for(milliseconds(1));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  std::printf("%d messages of %d customers in %.2f s: %.0f a second\n", messages, customers, took.count(),
              messages / took.count());
  return 0;
}

}  // namespace
}  // namespace waypost

int main(int count, char** words) {
  const int messages = count > 1 ? std::atoi(words[1]) : 50'000;
  const int customers = count > 2 ? std::atoi(words[2]) : 2'000;
  std::string folder = (std::filesystem::path(count > 3 ? words[3] : "/tmp") / "apply-bench-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) return 1;
  const int exit = waypost::run(messages, customers, folder);
  std::filesystem::remove_all(folder);
  return exit;
}
