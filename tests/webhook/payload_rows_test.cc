// What each payload file leaves in the store, against the rows written down beside it. Before it comes, the store knows
// Ann by her phone alone, a message to her that Meta has accepted, and a template.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "store/contacts.h"
#include "store/conversations.h"
#include "store/messages.h"
#include "store/templates.h"
#include "tests/webhook/gateway.h"
#include "tests/webhook/payload_files.h"
#include "tests/webhook/stored_rows.h"

namespace waypost {
namespace {

namespace fs = std::filesystem;

constexpr Time kBefore = Time(milliseconds(1'739'320'000'000));  // the files speak of the minutes behind it
constexpr Time kNow = Time(milliseconds(1'739'321'200'000));

void give_message(sql::Connection& connection, test::Gateway& gateway) {
  const auto& store = gateway.store;
  const auto ann = store::create_contact(connection, {.tenant = store.tenant, .phone = "16505551234"},
                                         {{.kind = AliasKind::Phone, .value = "16505551234"}}, kBefore);
  const auto conversation = store::open_conversation(connection, store.tenant, ann->id, store.channel, kBefore);
  const auto message = store::queue_message(
      connection, conversation,
      {.type = "template", .text = "your order", .content = {{"name", "order_update"}}, .author = "api"}, kBefore);
  // The one that the status files name.
  connection.run(
      "UPDATE message SET id = $2, state = 'accepted', wamid = 'wamid.OUT', attempt = 2, due_at = NULL, "
      "accepted_at = $3 WHERE id = $1",
      {message.id, *MessageId::parse("0192b3c4-d5e6-7f80-9a0b-1c2d3e4f5061"), kBefore});
}

void give_template(sql::Connection& connection, test::Gateway& gateway) {
  store::upsert_template(connection,
                         {.tenant = gateway.store.tenant,
                          .waba_id = test::kWaba,
                          .name = "order_update",
                          .language = "en_US",
                          .category = "UTILITY",
                          .status = "APPROVED",
                          .synced_at = kBefore},
                         kBefore);
}

class PayloadRows : public testing::TestWithParam<fs::path> {
 protected:
  PayloadRows() {
    gateway.store.clock.set(kNow);
    gateway.store.run([&](sql::Connection& connection) {
      give_message(connection, gateway);
      give_template(connection, gateway);
    });
    gateway.start();
  }
  // What the file leaves behind.
  Json left_by_file() {
    const auto before = test::stored_rows(gateway.store);
    gateway.post_and_settle(test::content_of(GetParam()));
    return test::rows_since(before, test::stored_rows(gateway.store));
  }
  // The expectation with these rows, to be read and then copied into its place.
  static std::string written_down(Json expected, const Json& rows) {
    expected["rows"] = rows;
    const auto name = fs::path(testing::TempDir()) / test::expectation_beside(GetParam()).filename();
    std::ofstream(name) << expected.dump(1) << '\n';
    return "with the rows found: " + name.string();
  }

  test::Gateway gateway;
};

TEST_P(PayloadRows, AreAsExpected) {
  const auto expected = parse_json(test::content_of(test::expectation_beside(GetParam())));
  ASSERT_TRUE(expected) << "no expectation beside " << GetParam();
  const auto rows = left_by_file();
  EXPECT_EQ(rows, expected->value("rows", Json())) << rows.dump(1) << "\n" << written_down(*expected, rows);
}

INSTANTIATE_TEST_SUITE_P(Payload, PayloadRows, testing::ValuesIn(test::payload_files()),
                         [](const auto& file) { return file.param.stem().string(); });

}  // namespace
}  // namespace waypost
