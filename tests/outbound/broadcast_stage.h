// BroadcastStage: a Stage with many contacts, a template and a broadcast, whose runner a test drives round by round.
// Test thread only.

#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "outbound/broadcast_runner.h"
#include "store/broadcast_feed.h"
#include "store/broadcast_recipients.h"
#include "store/templates.h"
#include "tests/outbound/stage.h"

namespace waypost::test {

class BroadcastStage : public Stage {
 protected:
  BroadcastStage() {
    settings.pacing = false;
    restart();
    given_template("APPROVED");
  }

  void given_template(const std::string& status, const std::string& category = "UTILITY") {
    in_store([&](sql::Connection& connection) {
      const store::Template row{.tenant = tenant,
                                .waba_id = "waba",
                                .name = "offer",
                                .language = "en_US",
                                .category = category,
                                .status = status,
                                .components = Json::array({{{"type", "BODY"}, {"text", "Hi {{1}}"}}}),
                                .synced_at = clock.now()};
      pass(seconds(1));
      return store::upsert_template(connection, row, clock.now());
    });
  }
  // With the tag "all".
  std::vector<ContactId> given_contacts(int many) {
    return in_store([&](sql::Connection& connection) {
      std::vector<ContactId> ids;
      for (int n = 0; n < many; ++n) ids.push_back(make_contact(connection, {.tags = {"all"}}));
      return ids;
    });
  }
  ContactId given_contact(store::Contact contact) {
    return in_store([&](sql::Connection& connection) { return make_contact(connection, std::move(contact)); });
  }
  // A draft, to the tag "all".
  store::Broadcast given_broadcast(Json parameters = Json::array({{{"text", "{{contact.name}}"},
                                                                   {"default", "you"}}})) {
    return in_store([&](sql::Connection& connection) {
      return store::create_broadcast(connection,
                                     {.tenant = tenant,
                                      .kind = "bulk",
                                      .name = "Offer",
                                      .channel = channel_id,
                                      .template_name = "offer",
                                      .template_language = "en_US",
                                      .parameters = parameters,
                                      .audience = {{"tags", {"all"}}},
                                      .status = BroadcastStatus::Draft},
                                     clock.now());
    });
  }
  store::Broadcast given_sent() {
    auto made = given_broadcast();
    move(made, BroadcastStatus::Preparing);
    return made;
  }
  void move(const store::Broadcast& which, BroadcastStatus to) {
    in_store([&](sql::Connection& connection) {
      store::move_broadcast(connection, *store::find_broadcast(connection, tenant, which.id), to, clock.now());
      return 0;
    });
  }
  store::Broadcast now_of(const store::Broadcast& which) {
    return in_store([&](sql::Connection& connection) { return *store::find_broadcast(connection, tenant, which.id); });
  }

  store::Broadcast now_of_in(sql::Connection& connection, const store::Broadcast& which) const {
    return *store::find_broadcast(connection, tenant, which.id);
  }

  std::unique_ptr<BroadcastRunner> make_runner(BroadcastRunnerSettings set = {}) {
    return std::make_unique<BroadcastRunner>(
        BroadcastRunnerParts{.loop = loop.executor(), .database = *database, .signals = signals, .clock = clock}, set);
  }
  bool round(BroadcastRunner& runner) { return loop.wait(runner.round()); }
  // Until it has nothing to do.
  void run(BroadcastRunner& runner) {
    for (int n = 0; n < 10'000 && round(runner); ++n) {
    }
  }
  void handle(const ReadyKey& ready) { EXPECT_TRUE(loop.wait(sender->handle(ready))); }
  // Everything that was signalled goes out.
  void send_all() {
    auto offered = std::move(signals.kept);
    signals.kept.clear();
    for (const auto& signal : offered) handle(signal.key);
  }
  store::RecipientTotals totals(const store::Broadcast& which) {
    return in_store([&](sql::Connection& connection) {
      store::RecipientTotals sum;
      const auto row = *store::find_broadcast(connection, tenant, which.id);
      for (std::optional<ContactId> behind = ContactId{}; behind;) {
        const auto page = store::totals_page(connection, row, *behind, clock.now());
        store::add(sum, page.totals);
        behind = page.behind;
      }
      return sum;
    });
  }
  // How often each contact was written to.
  std::map<std::string, int> posts_by_address() const {
    std::map<std::string, int> posts;
    for (const auto& post : graph.posts) posts[text_or_empty(post.message, "to")] += 1;
    return posts;
  }

  ContactId make_contact(sql::Connection& connection, store::Contact contact) {
    contact.tenant = tenant;
    contact.phone = "4917" + std::to_string(10'000'000 + ++contacts_);
    return store::create_contact(connection, contact, {{.kind = AliasKind::Phone, .value = *contact.phone}},
                                 clock.now())
        .value()
        .id;
  }

 private:
  int contacts_ = 0;
};

}  // namespace waypost::test
