// The payload files against the facts: what Meta documents never ends as a dead letter, and what Meta has not thought
// of yet is kept, shown and counted.

#include <gtest/gtest.h>

#include <set>

#include "base/metrics.h"
#include "store/events.h"
#include "store/message_json.h"
#include "store/messages.h"
#include "tests/webhook/gateway.h"
#include "tests/webhook/payload_files.h"

namespace waypost {
namespace {

// Section 1.7 of the facts.
const std::set<std::string> kFields{"messages",
                                    "message_template_status_update",
                                    "message_template_quality_update",
                                    "message_template_components_update",
                                    "template_category_update",
                                    "template_correct_category_detection",
                                    "phone_number_quality_update",
                                    "phone_number_name_update",
                                    "business_capability_update",
                                    "account_update",
                                    "account_alerts",
                                    "account_review_update",
                                    "account_settings_update",
                                    "security",
                                    "business_username_updates",
                                    "user_preferences",
                                    "user_id_update",
                                    "flows",
                                    "smb_message_echoes",
                                    "smb_app_state_sync",
                                    "history",
                                    "calls",
                                    "standby",
                                    "automatic_events",
                                    "payment_configuration_update",
                                    "partner_solutions",
                                    "message_echoes",
                                    "group_lifecycle_update",
                                    "group_participants_update",
                                    "group_participant_update",
                                    "group_settings_update",
                                    "group_status_update",
                                    "messaging_handovers",
                                    "tracking_events"};
// Section 2.3; media_placeholder comes in history only.
const std::set<std::string> kTypes{"text",        "image",       "video",    "document",       "sticker",
                                   "audio",       "voice",       "location", "contacts",       "button",
                                   "interactive", "order",       "system",   "reaction",       "edit",
                                   "revoke",      "unsupported", "unknown",  "request_welcome"};

struct File {
  std::string name{};
  std::string body{};
  std::size_t malformed = 0;  // by its expectation
};

std::vector<File> files() {
  std::vector<File> all;
  for (const auto& path : test::payload_files()) {
    File file{.name = path.stem().string(), .body = test::content_of(path)};
    file.malformed = parse_json(test::content_of(test::expectation_beside(path)))->at("malformed").size();
    all.push_back(std::move(file));
  }
  return all;
}

// Of each change of the file.
void for_each_change(const File& file, const std::function<void(const Json&)>& take) {
  const auto json = parse_json(file.body);
  const Json* entries = json ? find_array(*json, "entry") : nullptr;
  for (const auto& entry : entries ? *entries : Json::array()) {
    const Json* changes = find_array(entry, "changes");
    for (const auto& change : changes ? *changes : Json::array()) take(change);
  }
}

TEST(Corpus, HoldsEachFieldAndEachTypeThatMetaDocuments) {
  std::set<std::string> fields;
  std::set<std::string> types;
  for (const auto& file : files()) {
    if (file.malformed > 0) continue;
    for_each_change(file, [&](const Json& change) {
      const auto field = text_or_empty(change, "field");
      fields.insert(field);
      const Json* value = find_object(change, "value");
      const Json* messages = value && field == "messages" ? find_array(*value, "messages") : nullptr;
      for (const auto& message : messages ? *messages : Json::array()) types.insert(text_or_empty(message, "type"));
    });
  }
  for (const auto& field : kFields) EXPECT_TRUE(fields.contains(field)) << field;
  for (const auto& type : kTypes) EXPECT_TRUE(types.contains(type)) << type;
}

class CorpusInTheStore : public testing::Test {
 protected:
  std::int64_t count(const std::string& of) { return gateway.store.number("SELECT count(*) FROM " + of); }
  void post_file(const std::string& name) {
    gateway.post_and_settle(test::content_of(std::filesystem::path(WAYPOST_TEST_DATA) / "webhook" / (name + ".json")));
  }

  test::Gateway gateway;
};

TEST_F(CorpusInTheStore, NothingThatMetaDocumentsIsADeadLetter) {
  gateway.start();
  std::int64_t expected = 0;
  for (const auto& file : files()) {
    gateway.post_and_settle(file.body);
    expected += static_cast<std::int64_t>(file.malformed);
    EXPECT_EQ(count("dead_letter"), expected) << file.name;
    expected = count("dead_letter");
  }
}

TEST_F(CorpusInTheStore, AMessageOfTomorrowIsKeptWholeShownAsUnsupportedAndCounted) {
  auto& counted = counter("waypost_webhook_unknown_kinds_total", "");
  const double before = counted.Value();
  gateway.start();
  post_file("type_of_tomorrow");
  EXPECT_EQ(count("message WHERE type = 'hologram'"), 1);
  EXPECT_EQ(counted.Value(), before + 1);
  const auto shown = gateway.store.run([&](sql::Connection& connection) {
    const auto id = connection.run("SELECT id FROM message").front().id<MessageId>(0);
    return store::to_json(*store::find_message(connection, gateway.store.tenant, id));
  });
  EXPECT_EQ(shown["type"], "unsupported");
  EXPECT_EQ(shown["content"]["type"], "hologram");
  EXPECT_TRUE(shown["content"].contains("hologram"));
  EXPECT_EQ(count("event WHERE type = 'message.received' AND payload LIKE '%\"type\":\"unsupported\"%'"), 1);
}

TEST_F(CorpusInTheStore, AFieldOrAStatusOfTomorrowIsAnEventWholeAndCounted) {
  auto& counted = counter("waypost_webhook_unhandled_total", "");
  const double before = counted.Value();
  gateway.start();
  post_file("field_of_tomorrow");
  post_file("status_of_tomorrow");
  EXPECT_EQ(counted.Value(), before + 2);
  EXPECT_EQ(count("event WHERE type = 'webhook.unhandled'"), 2);
  EXPECT_EQ(count("event WHERE payload LIKE '%telepathy_updates%'"), 1);
  EXPECT_EQ(count("event WHERE payload LIKE '%in_orbit%'"), 1);
  EXPECT_EQ(count("dead_letter"), 0);
}

TEST_F(CorpusInTheStore, AnAnswerOfTomorrowIsAMessageWhole) {
  gateway.start();
  post_file("interactive_unknown_subtype");
  EXPECT_EQ(count("message WHERE type = 'interactive'"), 1);
  EXPECT_EQ(count("dead_letter"), 0);
}

}  // namespace
}  // namespace waypost
