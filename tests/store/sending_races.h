// SendingRaces: one message on its way, and the units that may meet over it. Test thread only.

#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "store/contacts.h"
#include "store/merge.h"
#include "store/sending.h"
#include "store/statuses.h"
#include "tests/support/interleaving.h"
#include "tests/support/whole_store.h"

namespace waypost::store {

enum class Carries { OurId, WamidOnly };

class SendingRaces : public testing::Test {
 protected:
  // A message that is being sent, first in its conversation.
  void given_begun(std::string author = "api") {
    ++scene_;
    begun_ = store_.run([&](sql::Connection& connection) {
      const Alias alias{.kind = AliasKind::Phone, .value = "4917" + std::to_string(scene_)};
      const auto contact = create_contact(connection, {.tenant = store_.tenant}, {alias}, now()).value();
      const auto opened = open_conversation(connection, store_.tenant, contact.id, store_.channel, now());
      const auto queued =
          queue_message(connection, opened, {.text = "out", .author = author, .policy = WindowPolicy::Hold}, now());
      return begin_send(connection, queued, now(), now()).value();
    });
  }
  // The same, accepted and sent.
  void given_sent() {
    given_begun();
    store_.run(is_accepted());
    store_.run(says(MetaWord::Sent));
  }

  std::string wamid() const { return "wamid." + begun_.id.text(); }
  test::Unit is_accepted() {
    return [this](sql::Connection& connection) {
      record_accepted(connection, begun_, {.wamid = wamid(), .wa_id = std::nullopt}, now());
    };
  }
  test::Unit is_refused() {
    return [this](sql::Connection& connection) {
      record_refused(connection, begun_, {.due_at = now(), .failures = 1}, now());
    };
  }
  test::Unit is_refused_outside() {
    return [this](sql::Connection& connection) { record_outside(connection, begun_, {}, now()); };
  }
  test::Unit is_taken_back() {
    return [this](sql::Connection& connection) { take_back(connection, begun_, now()); };
  }
  // An impatient worker holds it for lost.
  test::Unit is_called_unknown() {
    return [this](sql::Connection& connection) { record_unknown(connection, begun_, now(), now()); };
  }
  test::Unit says(MetaWord word, Carries carries = Carries::OurId, std::optional<std::int64_t> code = std::nullopt) {
    Status status{.wamid = wamid(), .word = word, .at = now()};
    if (carries == Carries::OurId) status.ours = CallbackData{.message = begun_.id, .attempt = 1};
    if (word == MetaWord::Failed) {
      status.failure = Failure{.reason = "rejected", .code = code, .words = "no"};
      status.content = {{"errors", Json::array({{{"code", code.value_or(0)}, {"title", "no"}}})}};
    }
    return [this, status](sql::Connection& connection) {
      apply_status(connection, {.tenant = store_.tenant, .channel = store_.channel}, status, now());
    };
  }
  // The customer is found to be an older contact with a conversation of its own.
  test::Unit is_merged_away() {
    return [this](sql::Connection& connection) {
      merge_contacts(connection, {.tenant = store_.tenant, .survivor = other_, .lost = begun_.contact}, now());
    };
  }
  void given_another_contact() {
    other_ = store_.run([&](sql::Connection& connection) {
      const auto contact = create_contact(connection, {.tenant = store_.tenant}, {}, now()).value();
      open_conversation(connection, store_.tenant, contact.id, store_.channel, now());
      return contact.id;
    });
  }

  void in_every_order(const std::function<void()>& given,
                      const std::function<std::pair<test::Unit, test::Unit>()>& units,
                      const std::function<void()>& check) {
    for (const bool turned : {false, true}) {
      SCOPED_TRACE(turned ? "turned round" : "as written");
      meeting_.at_every_step([&] {
        given();
        auto [first, second] = units();
        if (turned) std::swap(first, second);
        meeting_.meet(first, second);
        EXPECT_THAT(test::wrongs_of(*store_.database), testing::IsEmpty());
        check();
      });
    }
  }

  std::string phone_of(ContactId contact) {
    return store_.run(
        [&](sql::Connection& connection) { return aliases_of(connection, store_.tenant, contact).at(0).value; });
  }
  Message row_in(sql::Connection& connection) { return find_message(connection, store_.tenant, begun_.id).value(); }
  Message row() {
    return store_.run([&](sql::Connection& connection) { return row_in(connection); });
  }
  std::int64_t replacements() {
    return store_.run([&](sql::Connection& connection) {
      return connection.run("SELECT count(*) FROM message WHERE replaces = $1", {begun_.id}).front().number(0);
    });
  }
  std::int64_t parked() { return store_.number("SELECT count(*) FROM parked_status"); }
  Time now() const { return store_.clock.now(); }

  test::TempStore store_;
  test::Interleaving meeting_{store_.place, *store_.database};
  Message begun_;
  ContactId other_{};

 private:
  int scene_ = 0;
};

}  // namespace waypost::store
