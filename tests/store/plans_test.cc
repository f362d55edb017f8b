// The hot statements must find their rows by an index: one that walks all of a tenant's messages passes every other
// test and stalls an installation.

#include <gtest/gtest.h>

#include <array>
#include <span>
#include <string>

#include "tests/support/temp_store.h"

namespace waypost::store {
namespace {

// The number of the last parameter: $1 to $4.
std::size_t highest(const std::string& text) {
  std::size_t number = 4;
  while (number > 0 && text.find("$" + std::to_string(number)) == std::string::npos) --number;
  return number;
}

std::string plan_of(test::TempStore& store, std::string statement) {
  return store.run([text = "EXPLAIN QUERY PLAN " + std::move(statement)](sql::Connection& connection) {
    std::string plan;
    const Uuid any;
    const std::array<sql::Value, 4> values{any, any, any, 1};
    for (const auto row : connection.run(text, std::span(values).first(highest(text)))) plan += row.text(3) + "\n";
    return plan;
  });
}

bool names(const std::string& plan, std::string_view part) { return plan.find(part) != std::string::npos; }

TEST(Plans, ThePartsOfATextAreFoundByTheirFirst) {
  test::TempStore store;
  const auto plan = plan_of(store,
                            "SELECT id FROM message WHERE tenant_id = $1 AND part_of = $2 AND part_of IS NOT NULL "
                            "ORDER BY seq");
  EXPECT_TRUE(names(plan, "message_part")) << plan;
}

TEST(Plans, TheCustomersNewestMessageIsFoundByTime) {
  test::TempStore store;
  const auto plan = plan_of(store,
                            "SELECT id FROM message WHERE tenant_id = $1 AND conversation_id = $2 AND direction = 'in' "
                            "AND wamid IS NOT NULL AND via IS NULL ORDER BY happened_at DESC, seq DESC LIMIT 1");
  EXPECT_TRUE(names(plan, "message_by_time")) << plan;
  EXPECT_FALSE(names(plan, "TEMP B-TREE")) << plan;
}

TEST(Plans, TheHeadOfAStreamIsFoundAmongPendingMessages) {
  test::TempStore store;
  const auto plan = plan_of(
      store,
      "SELECT COALESCE((SELECT id FROM message WHERE tenant_id = $1 AND conversation_id = $2 AND stream = $3 AND "
      "state = 'sending' LIMIT 1), (SELECT id FROM message WHERE tenant_id = $1 AND conversation_id = $2 AND "
      "stream = $3 AND (state = 'queued' OR state = 'sending' OR state = 'unknown' OR state = 'held') AND state "
      "<> 'held' ORDER BY seq LIMIT 1))");
  EXPECT_TRUE(names(plan, "message_pending")) << plan;
  EXPECT_TRUE(names(plan, "message_one_sending")) << plan;
  EXPECT_FALSE(names(plan, "TEMP B-TREE")) << plan;
}

TEST(Plans, HeldMessagesOfAConversationAreFoundAmongHeldOnes) {
  test::TempStore store;
  const auto plan = plan_of(
      store,
      "UPDATE message SET state = 'queued' WHERE tenant_id = $1 AND conversation_id = $2 AND "
      "(state = 'queued' OR state = 'sending' OR state = 'unknown' OR state = 'held') AND state = 'held' RETURNING id");
  EXPECT_TRUE(names(plan, "message_held")) << plan;
}

TEST(Plans, AConversationsMessagesAreListedByItsIndex) {
  test::TempStore store;
  const auto plan = plan_of(store,
                            "SELECT id FROM message WHERE tenant_id = $1 AND conversation_id = $2 "
                            "ORDER BY happened_at DESC, seq DESC LIMIT 20");
  EXPECT_TRUE(names(plan, "message_by_time")) << plan;
  EXPECT_FALSE(names(plan, "TEMP B-TREE")) << plan;
}

TEST(Plans, AStatusFindsItsMessageByWamid) {
  test::TempStore store;
  const auto plan = plan_of(store,
                            "SELECT id FROM message WHERE tenant_id = $1 AND channel_id = $2 AND wamid = $3 AND "
                            "direction = 'out' AND wamid IS NOT NULL");
  EXPECT_TRUE(names(plan, "message_by_wamid")) << plan;
}

TEST(Plans, DueSendsAreReadInOrderOfTheirTime) {
  test::TempStore store;
  const auto plan = plan_of(
      store,
      "SELECT id FROM message WHERE (state = 'queued' OR state = 'sending' OR state = 'unknown' OR state = 'held') AND "
      "due_at >= $1 AND (due_at, id) > ($1, $2) AND due_at <= $3 ORDER BY due_at, id LIMIT $4");
  EXPECT_TRUE(names(plan, "message_due")) << plan;
}

TEST(Plans, TheConversationOfAContactIsFoundByIt) {
  test::TempStore store;
  const auto plan = plan_of(store,
                            "SELECT id FROM conversation WHERE tenant_id = $1 AND contact_id = $2 AND channel_id = $3 "
                            "AND merged_into IS NULL");
  EXPECT_TRUE(names(plan, "conversation_of")) << plan;
}

TEST(Plans, WindowsThatEndSoonAreFoundInOrderOfTheirLook) {
  test::TempStore store;
  const auto plan = plan_of(store,
                            "SELECT tenant_id, id, window_look_at, window_expires_at FROM conversation WHERE "
                            "window_look_at IS NOT NULL AND window_look_at <= $1 ORDER BY window_look_at LIMIT $2");
  EXPECT_TRUE(names(plan, "conversation_look")) << plan;
  EXPECT_FALSE(names(plan, "TEMP B-TREE")) << plan;
}

TEST(Plans, PendingRunsOfAConversationAreFoundAmongPendingOnes) {
  test::TempStore store;
  const auto plan = plan_of(store,
                            "SELECT id FROM run WHERE tenant_id = $1 AND conversation_id = $2 AND "
                            "(status = 'queued' OR status = 'running' OR status = 'waiting') AND status = 'queued' "
                            "ORDER BY created_at, id LIMIT 1");
  EXPECT_TRUE(names(plan, "run_pending")) << plan;
  EXPECT_FALSE(names(plan, "TEMP B-TREE")) << plan;
}

TEST(Plans, RunsWithAFilterAreFoundInTheirOrder) {
  test::TempStore store;
  const std::array<std::pair<std::string, std::string>, 4> filters{{{"run.status = $2", "run_by_status"},
                                                                    {"run.workflow_id = $2", "run_of_workflow"},
                                                                    {"run.contact_id = $2", "run_of_contact"},
                                                                    {"run.created_at >= $4", "run_by_time"}}};
  for (const auto& [filter, index] : filters) {
    const auto plan =
        plan_of(store, "SELECT id, steps FROM run WHERE run.tenant_id = $1 AND " + filter +
                           " AND run.created_at < $4 ORDER BY run.created_at DESC, run.id DESC LIMIT $4 OFFSET $4");
    EXPECT_TRUE(names(plan, index)) << plan;
    EXPECT_FALSE(names(plan, "TEMP B-TREE")) << plan;
  }
}

TEST(Plans, WhatLimitsCountedOfAContactIsFoundByTheContact) {
  test::TempStore store;
  const auto plan = plan_of(store, "SELECT count FROM node_count WHERE tenant_id = $1 AND subject = $2");
  EXPECT_TRUE(names(plan, "subject=?")) << plan;
}

TEST(Plans, MediaAreFoundByTheirIndexes) {
  test::TempStore store;
  const std::string pending = "SELECT id FROM media WHERE state = 'pending' AND ";
  const auto next = plan_of(store, pending + "tenant_id = $1 AND conversation_id = $2 ORDER BY due_at, id LIMIT 1");
  EXPECT_TRUE(names(next, "media_pending")) << next;
  EXPECT_FALSE(names(next, "TEMP B-TREE")) << next;
  const auto due = plan_of(store, pending +
                                      "due_at >= $1 AND (due_at, id) > ($1, $2) AND due_at <= $3 ORDER BY due_at, "
                                      "id LIMIT $4");
  EXPECT_TRUE(names(due, "media_due")) << due;
  EXPECT_FALSE(names(due, "TEMP B-TREE")) << due;
  const auto page =
      plan_of(store,
              "SELECT id FROM media WHERE tenant_id = $1 AND message_id IN (SELECT id FROM (SELECT id FROM "
              "message WHERE tenant_id = $1 AND conversation_id = $2 ORDER BY happened_at DESC, seq DESC "
              "LIMIT $3 OFFSET $4) AS shown)");
  EXPECT_TRUE(names(page, "media_of_message")) << page;
  const auto old = plan_of(store,
                           "SELECT id FROM media WHERE tenant_id = $1 AND created_at < $2 ORDER BY created_at, id "
                           "LIMIT $3");
  EXPECT_TRUE(names(old, "media_by_time")) << old;
  EXPECT_FALSE(names(old, "TEMP B-TREE")) << old;
}

TEST(Plans, WhoNamesAFileIsFoundByItsHash) {
  test::TempStore store;
  const auto named = plan_of(store, "SELECT 1 FROM media WHERE media.hash = $1 AND media.state = 'stored'");
  EXPECT_TRUE(names(named, "media_by_hash")) << named;
  const auto left = plan_of(store,
                            "SELECT hash FROM media_file WHERE left_at IS NOT NULL AND left_at <= $1 ORDER BY "
                            "left_at, hash LIMIT $2");
  EXPECT_TRUE(names(left, "media_file_left")) << left;
  EXPECT_FALSE(names(left, "TEMP B-TREE")) << left;
}

TEST(Plans, LettersAreListedByTheirKeyAndWaitingOnesByTheirReason) {
  test::TempStore store;
  const auto all = plan_of(store, "SELECT words FROM dead_letter WHERE applied_at IS NULL ORDER BY id DESC LIMIT 20");
  EXPECT_FALSE(names(all, "TEMP B-TREE")) << all;
  const auto reason = plan_of(store,
                              "SELECT words FROM dead_letter WHERE applied_at IS NULL AND reason = 'crashed' ORDER BY "
                              "id DESC LIMIT 20");
  EXPECT_TRUE(names(reason, "dead_letter_by_reason")) << reason;
  EXPECT_FALSE(names(reason, "TEMP B-TREE")) << reason;
  const auto number = plan_of(store,
                              "SELECT words FROM dead_letter WHERE applied_at IS NULL AND phone_number_id = '1' ORDER "
                              "BY id DESC LIMIT 20");
  EXPECT_TRUE(names(number, "dead_letter_waiting")) << number;
  EXPECT_FALSE(names(number, "TEMP B-TREE")) << number;
}

TEST(Plans, WhatIsAheadOfAChannelIsCountedInItsIndex) {
  test::TempStore store;
  const auto plan = plan_of(store,
                            "SELECT count(*) FROM message WHERE tenant_id = $1 AND channel_id = $2 AND broadcast_id IS "
                            "NOT NULL AND stream = 'bulk' AND (state = 'queued' OR state = 'sending' OR state = "
                            "'unknown' OR state = 'held')");
  EXPECT_TRUE(names(plan, "message_ahead")) << plan;
}

TEST(Plans, TheNextRecipientsAreFoundAmongThoseWhoWait) {
  test::TempStore store;
  const auto plan = plan_of(store,
                            "SELECT contact_id FROM broadcast_recipient WHERE tenant_id = $1 AND broadcast_id = $2 AND "
                            "state = 'waiting' ORDER BY contact_id LIMIT $3");
  EXPECT_TRUE(names(plan, "broadcast_recipient_waiting")) << plan;
  EXPECT_FALSE(names(plan, "TEMP B-TREE")) << plan;
}

TEST(Plans, AContactsRecipientRowsAreFoundByIt) {
  test::TempStore store;
  const auto plan = plan_of(store, "DELETE FROM broadcast_recipient WHERE tenant_id = $1 AND contact_id = $2");
  EXPECT_TRUE(names(plan, "broadcast_recipient_of")) << plan;
}

TEST(Plans, BroadcastsUnderWayAreFoundAmongThemselves) {
  test::TempStore store;
  const auto plan =
      plan_of(store,
              "SELECT id FROM broadcast WHERE status IN ('scheduled', 'preparing', 'sending') AND (status "
              "<> 'scheduled' OR scheduled_at <= $1) ORDER BY id LIMIT $2");
  EXPECT_TRUE(names(plan, "broadcast_active")) << plan;
}

}  // namespace
}  // namespace waypost::store
