// RunStage: a store with a workflow and people, and runs of theirs, made and ended at the time of its clock. Test
// thread only.

#pragma once

#include <gtest/gtest.h>

#include <string>

#include "store/contacts.h"
#include "store/conversations.h"
#include "store/counters.h"
#include "store/runs.h"
#include "store/workflows.h"
#include "tests/support/temp_store.h"

namespace waypost::test {

class RunStage : public testing::Test {
 protected:
  RunStage() {
    workflow = given_workflow();
    talk = given_conversation("15550001");
  }

  Time now() const { return store.clock.now(); }
  WorkflowId given_workflow() {
    return store.run([&](sql::Connection& c) {
      return store::insert_workflow(c, {.tenant = store.tenant, .name = "Greeting"}, now()).id;
    });
  }
  store::Conversation given_conversation(const std::string& phone) {
    return store.run([&](sql::Connection& c) {
      const auto contact = store::create_contact(c, {.tenant = store.tenant, .phone = phone},
                                                 {{.kind = store::AliasKind::Phone, .value = phone}}, now());
      return store::open_conversation(c, store.tenant, contact->id, store.channel, now());
    });
  }
  // As a call of the API makes one.
  store::Run queued(const store::Conversation& with, std::int64_t version = 1) const {
    return {.tenant = store.tenant,
            .id = RunId::make(now()),
            .workflow = workflow,
            .version = version,
            .conversation = with.id,
            .contact = with.contact,
            .channel = with.channel,
            .due_at = now(),
            .created_at = now(),
            .updated_at = now()};
  }
  store::Run given(store::Run run) {
    store.run([&](sql::Connection& c) {
      EXPECT_TRUE(store::insert_run(c, run));
      return true;
    });
    return run;
  }
  store::Run given_run() { return given(queued(talk)); }
  // Moves it to that state, as a worker does.
  void becomes(store::Run& run, const std::string& status) {
    run.status = status;
    if (status != "queued" && status != "running" && status != "waiting") run.ended_at = now();
    store.run([&](sql::Connection& c) {
      EXPECT_TRUE(store::advance_run(c, run, now()));
      return true;
    });
    ++run.revision;
  }
  void given_step(const store::Run& run, std::int64_t number) {
    store.run([&](sql::Connection& c) {
      store::insert_step(c, {.tenant = store.tenant,
                             .run = run.id,
                             .number = number,
                             .node_id = "n",
                             .node_type = "logic.end",
                             .started_at = now()});
      return true;
    });
  }
  std::int64_t total(std::string_view kind) {
    return store.run([&](sql::Connection& c) { return store::total(c, store.tenant, kind); });
  }

  TempStore store;
  WorkflowId workflow{};
  store::Conversation talk{};
};

}  // namespace waypost::test
