// Workshop: a store with a workspace, a customer and a conversation, and the words of the workflow tests.
//
//   Workshop shop;
//   shop.given_published(echo());
//   shop.given_message("hi");
//   shop.work();
//   EXPECT_EQ(shop.sent_texts(), Texts{"You said hi"});

#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "queue/signals.h"
#include "sql/database.h"
#include "store/channels.h"
#include "store/contacts.h"
#include "store/conversations.h"
#include "store/event_numbers.h"
#include "store/events.h"
#include "store/messages.h"
#include "store/runs.h"
#include "store/tenants.h"
#include "store/triggers.h"
#include "tests/support/run_loop.h"
#include "tests/support/store_place.h"
#include "tests/support/temp_folder.h"
#include "tests/workflow/fake_outside.h"
#include "tests/workflow/faulty_database.h"
#include "workflow/catalogue.h"
#include "workflow/runner.h"

namespace waypost::test {

using Texts = std::vector<std::string>;

class FakeSignals final : public Signals {
 public:
  void offer(std::vector<Signal> signals) override {
    for (auto& signal : signals) offered.push_back(std::move(signal));
  }
  std::vector<Signal> offered;
};

inline Json node(const std::string& id, const std::string& type, Json config = Json::object()) {
  return {{"id", id}, {"type", type}, {"position", {{"x", 0}, {"y", 0}}}, {"data", std::move(config)}};
}
inline Json edge(const std::string& from, const std::string& to, const std::string& handle = "out") {
  return {{"source", from}, {"sourceHandle", handle}, {"target", to}};
}
inline Json graph(std::vector<Json> nodes, std::vector<Json> edges) {
  nodes.insert(nodes.begin(), node("t", "trigger.inbound_message"));
  return {{"nodes", std::move(nodes)}, {"edges", std::move(edges)}, {"entry", "t"}};
}
// Says `text` and ends.
inline Json say(const std::string& text) {
  return graph({node("m", "wa.send_message", {{"body", text}})}, {edge("t", "m")});
}
inline Json echo() { return say("You said {{message.text}}"); }

class Workshop {
 public:
  // Runs a write unit and gives its value; an Error is the test's own fault.
  template <class Unit>
  auto given(Unit unit) {
    auto result = inner->write_and_wait(1, std::move(unit));
    if (!result) throw std::runtime_error(result.error().words());
    if constexpr (!std::is_void_v<typename decltype(result)::value_type>) return *std::move(result);
  }

  Workshop() {
    inner = place.open({.cache_bytes = 1 << 20, .patience = std::chrono::milliseconds(1)});
    database = std::make_unique<FaultyDatabase>(*inner);
    given([&](sql::Connection& c) { furnish(c); });
    restart();
  }

  Time now() const { return clock.now(); }
  ReadyKey key() const { return {.owner = tenant, .key = conversation}; }

  // A new process on the same store.
  void restart() { runner = make_runner(); }
  std::unique_ptr<workflow::Runner> make_runner() {
    return workflow::Runner::make({.loop = loop.context().get_executor(),
                                   .database = *database,
                                   .signals = signals,
                                   .outside = outside,
                                   .clock = clock},
                                  settings);
  }

  WorkflowId given_workflow(const Json& drawn, std::int64_t priority = 0) {
    return given([&](sql::Connection& c) -> Result<WorkflowId> {
      auto made = workflow::create_workflow(c, tenant, "Greeting", now());
      if (!made) return fail(made.error());
      auto saved = workflow::save_draft(c, tenant, made->id, drawn, now());
      if (!saved) return fail(saved.error());
      auto edited = workflow::edit_workflow(c, tenant, made->id, {.priority = priority}, now());
      if (!edited) return fail(edited.error());
      return made->id;
    });
  }
  WorkflowId given_published(const Json& drawn, std::int64_t priority = 0) {
    const auto id = given_workflow(drawn, priority);
    publish(id);
    return id;
  }
  void publish(WorkflowId id) {
    given([&](sql::Connection& c) { return workflow::publish_workflow(c, {.tenant = tenant, .workflow = id}, now()); });
  }
  void redraw(WorkflowId id, const Json& drawn) {
    given([&](sql::Connection& c) { return workflow::save_draft(c, tenant, id, drawn, now()); });
  }

  // The customer writes: what the applier leaves behind.
  MessageId given_message(const std::string& text) {
    return given([&](sql::Connection& c) {
      const auto seq = c.run(
                            "UPDATE conversation SET next_seq = next_seq + 1, window_expires_at = $3 "
                            "WHERE tenant_id = $1 AND id = $2 RETURNING next_seq - 1",
                            {tenant, conversation, window_end(now())})
                           .front()
                           .number(0);
      const store::Message message{.tenant = tenant,
                                   .id = MessageId::make(now()),
                                   .conversation = conversation,
                                   .seq = seq,
                                   .channel = channel,
                                   .contact = contact,
                                   .text = text,
                                   .happened_at = now(),
                                   .created_at = now(),
                                   .updated_at = now()};
      store::insert_message(c, message);
      store::insert_trigger(
          c, {.tenant = tenant, .conversation = conversation, .seq = seq, .message = message.id, .created_at = now()});
      return message.id;
    });
  }

  WorkOutcome handle() { return loop.wait(runner->handle(key())); }
  // Comes back as often as the runner asks for.
  void work() {
    for (int turn = 0; turn < 100; ++turn) {
      const auto outcome = handle();
      ASSERT_TRUE(outcome.has_value()) << outcome.error().words();
      if (!*outcome) return;
    }
    FAIL() << "the work does not end";
  }
  // What is due now, and no more: when it is to come back.
  std::optional<Time> work_until_it_waits() {
    for (int turn = 0; turn < 100; ++turn) {
      const auto outcome = handle();
      EXPECT_TRUE(outcome.has_value()) << outcome.error().words();
      if (!outcome || !*outcome || **outcome > now()) return outcome.value_or(std::nullopt);
    }
    ADD_FAILURE() << "the work does not end";
    return std::nullopt;
  }
  // With calls to outside, whose answers come by the loop, until the oldest run has that status.
  void work_until(const std::string& status) {
    for (int turn = 0; turn < 1'000; ++turn) {
      work_until_it_waits();
      if (runs().at(0).status == status) return;
      loop.run_until([] { return false; }, std::chrono::milliseconds(5));
    }
    FAIL() << "the run does not become " << status << " but is " << runs().at(0).status;
  }
  void pass(milliseconds time) { clock.pass(time); }

  // By their messages' sequence, replays last.
  std::vector<store::Run> runs() {
    return given([&](sql::Connection& c) {
      std::vector<store::Run> runs;
      const auto rows = c.run(
          "SELECT run.id FROM run LEFT JOIN message ON message.tenant_id = run.tenant_id AND message.id = "
          "run.message_id WHERE run.tenant_id = $1 ORDER BY run.replay_of IS NOT NULL, message.seq",
          {tenant});
      for (const auto row : rows) runs.push_back(store::find_run(c, tenant, row.id<RunId>(0)).value());
      return runs;
    });
  }
  std::vector<store::Step> steps(RunId run) {
    return given([&](sql::Connection& c) { return store::list_steps(c, tenant, run); });
  }
  // By sequence.
  std::vector<store::Message> sent() {
    return given([&](sql::Connection& c) { return store::pending_messages(c, tenant, conversation, "reply", 1'000); });
  }
  Texts sent_texts() {
    Texts texts;
    for (const auto& message : sent()) texts.push_back(message.text.value_or(""));
    return texts;
  }
  std::size_t triggers() {
    return given([&](sql::Connection& c) { return store::pending_triggers(c, tenant, conversation, 1'000); }).size();
  }
  std::int64_t number(std::string_view query) {
    return given([&](sql::Connection& c) { return c.run(query).front().number(0); });
  }
  Texts event_types() {
    Texts types;
    given([](sql::Connection& c) { store::number_events(c, 1'000); });
    for (const auto& event : given([&](sql::Connection& c) { return store::events_after(c, tenant, 0, 1'000); })) {
      types.push_back(event.type);
    }
    return types;
  }
  store::Contact customer() {
    return given([&](sql::Connection& c) { return store::find_contact(c, tenant, contact); }).value();
  }
  store::Conversation talk() {
    return given([&](sql::Connection& c) { return store::find_conversation(c, tenant, conversation); }).value();
  }
  void change(const store::Contact& changed) {
    given([&](sql::Connection& c) { store::update_contact(c, changed, now()); });
  }
  void change(const store::Conversation& changed) {
    given([&](sql::Connection& c) { store::update_conversation(c, changed, now()); });
  }

  TempFolder folder{Storage::Memory};
  StorePlace place{folder.file("store.db")};
  FakeClock clock;
  FakeSignals signals;
  workflow::RunnerSettings settings{.limits = {.max_runs_per_contact_per_minute = 1'000}};
  RunLoop loop;
  FakeOutside outside;
  std::unique_ptr<sql::Database> inner;
  std::unique_ptr<FaultyDatabase> database;
  std::unique_ptr<workflow::Runner> runner;
  TenantId tenant{};
  ChannelId channel{};
  ContactId contact{};
  ConversationId conversation{};

 private:
  void furnish(sql::Connection& c) {
    tenant = store::create_tenant(c, "Shop", now()).id;
    channel = store::create_channel(c, {.tenant = tenant, .phone_number_id = "100"}, now()).value().id;
    contact = store::create_contact(c, {.tenant = tenant, .profile_name = "Ana", .phone = "15550001"},
                                    {{.kind = store::AliasKind::Phone, .value = "15550001"}}, now())
                  .value()
                  .id;
    conversation = store::open_conversation(c, tenant, contact, channel, now()).id;
  }
};

}  // namespace waypost::test
