// TempStore: a migrated store of its own on the engine of the tests, with one workspace and one channel, and a folder
// for what else a test keeps. Test thread only.

#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "base/clock.h"
#include "sql/database.h"
#include "store/channels.h"
#include "store/event_numbers.h"
#include "store/tenants.h"
#include "tests/support/store_place.h"
#include "tests/support/temp_folder.h"

namespace waypost::test {

inline constexpr const char* kNumber = "106540352242922";  // the channel's phone number id
inline constexpr const char* kWaba = "102290129340398";

class TempStore {
 public:
  // Runs a unit on the write lane, and gives its value; throws what it answers instead.
  template <class Unit>
  auto run(Unit unit) {
    auto result = database->write_and_wait(0, std::move(unit));
    if (!result) throw std::runtime_error(result.error().words());
    if constexpr (!std::is_void_v<typename decltype(result)::value_type>) return *std::move(result);
  }
  TempStore() {
    open();
    tenant =
        run([this](sql::Connection& connection) { return store::create_tenant(connection, "one", clock.now()); }).id;
    channel = add_channel(tenant, kNumber);
  }

  // Behind the stamper's work: events have their numbers.
  std::int64_t number(std::string_view text) {
    return run([text](sql::Connection& connection) {
      store::number_events(connection, 10'000);
      return connection.run(text).front().number(0);
    });
  }
  ChannelId add_channel(TenantId of, const std::string& phone_number_id) {
    store::Channel fresh{.tenant = of,
                         .name = "number",
                         .app = "default",
                         .phone_number_id = phone_number_id,
                         .waba_id = kWaba,
                         .display_phone_number = "15550783881",
                         .sealed_access_token = "-"};
    return run([&](sql::Connection& connection) { return store::create_channel(connection, fresh, clock.now()); }).id;
  }
  void close() { database.reset(); }
  void open() { database = place.open(); }

  TempFolder folder{Storage::Memory};
  StorePlace place{folder.file("store.db")};
  FakeClock clock;
  std::unique_ptr<sql::Database> database;
  TenantId tenant{};
  ChannelId channel{};
};

}  // namespace waypost::test
