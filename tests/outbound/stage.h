// Stage: a workspace with a channel and a customer in the real store, a scripted Graph API and a Sender on a clock
// turned by hand; and the small language of this room's tests. Test thread only.

#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "outbound/sender.h"
#include "outbound/template_sync.h"
#include "sql/database.h"
#include "store/sending.h"
#include "store/statuses.h"
#include "store/tenants.h"
#include "tests/outbound/scripted_graph.h"
#include "tests/support/run_loop.h"
#include "tests/support/store_place.h"
#include "tests/support/temp_folder.h"

namespace waypost::test {

class KeptSignals final : public Signals {
 public:
  void offer(std::vector<Signal> signals) override { kept.insert(kept.end(), signals.begin(), signals.end()); }
  std::vector<Signal> kept;
};

class Stage : public testing::Test {
 protected:
  Stage();

  // What is there. Messages are written as the API and the runner write them.
  MessageId given_message(std::string text, std::optional<WindowPolicy> policy = std::nullopt);
  MessageId given_template_message(const std::string& name = "order");
  void given_listed(const std::string& name, const std::string& category);  // an approved template
  void given_fallback(std::string status = "APPROVED", std::string category = "UTILITY");
  void customer_writes();  // by the webhook: opens the window, releases what is held
  void status_says(MessageId id, std::string_view status, std::optional<std::int64_t> code = std::nullopt);
  void status_fails(MessageId id, std::int64_t code);  // as Meta's webhook tells it
  void meta_limits_to(Json people);                    // whom it may reach outside their windows
  std::int64_t reached();                              // of those, how many count now
  void set_channel_state(std::string state, std::string token);

  void pass(milliseconds time) { clock.pass(time); }
  void restart();              // another process: a new Sender
  std::optional<Time> send();  // one turn of the handler; when it wants to come back
  std::optional<Time> send_until(MessageId id, MessageState state);  // turns, each at its time

  store::Message message(MessageId id);
  MessageState state_of(MessageId id) { return message(id).state; }
  std::string reason_of(MessageId id) { return message(id).failure.value_or(store::Failure{}).reason; }
  store::Contact person();
  std::size_t sends_once();  // how often one turn of the handler posts
  store::Conversation conversation();
  store::Channel channel();
  std::vector<store::Message> of_author(std::string_view author);  // oldest first
  int events(std::string_view type);
  std::vector<std::string> texts_posted() const;

  // A unit on the lane, and its value.
  template <class Unit>
  auto in_store(Unit unit) {
    auto done = database->write_and_wait(0, std::move(unit));
    if (!done) throw std::runtime_error(done.error().words());
    return *std::move(done);
  }
  ReadyKey key() const { return {.owner = tenant, .key = conversation_id}; }
  SenderParts parts();

  TempFolder folder{Storage::Memory};
  StorePlace place{folder.file("store.db")};
  FakeClock clock;
  RunLoop loop;
  ScriptedGraph graph;
  KeptSignals signals;
  Keyring keyring{{{"k1", Secret(std::string(32, 'k'))}}, "k1"};
  SendingSettings settings;
  std::unique_ptr<sql::Database> database;
  std::optional<Time> applied_until;  // nothing: webhooks are applied at once
  TenantId tenant;
  ChannelId channel_id;
  ContactId contact;
  ConversationId conversation_id;
  std::unique_ptr<Sender> sender;

 private:
  int wrote_ = 0;
};

}  // namespace waypost::test
