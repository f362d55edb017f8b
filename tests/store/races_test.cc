// What people and nodes change at the same time: on PostgreSQL by several lanes, on SQLite one after the other.

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "store/channels.h"
#include "store/counters.h"
#include "store/sessions.h"
#include "store/sign_in_locks.h"
#include "store/templates.h"
#include "store/webhook_apps.h"
#include "store/workflows.h"
#include "tests/support/temp_store.h"

namespace waypost::store {
namespace {

class Races : public ::testing::Test {
 protected:
  // Each work is a thread; it is called with a key of its own, `times` times.
  static void at_once(const std::vector<std::function<void(sql::LaneKey)>>& works, int times = 1) {
    std::vector<std::thread> threads;
    for (std::size_t thread = 0; thread < works.size(); ++thread) {
      threads.emplace_back([&works, thread, times] {
        for (int at = 0; at < times; ++at) works[thread](thread);
      });
    }
    for (auto& thread : threads) thread.join();
  }
  template <class Unit>
  auto on_lane(sql::LaneKey key, Unit unit) {
    auto result = store_.database->write_and_wait(key, std::move(unit));
    EXPECT_TRUE(result) << (result ? "" : result.error().words());
    if constexpr (!std::is_void_v<typename decltype(result)::value_type>) return std::move(result).value();
  }
  Time now() const { return store_.clock.now(); }

  test::TempStore store_;
};

TEST_F(Races, AttemptsAtOnceCannotOutrunTheSignInLock) {
  const std::string key(32, 'k');
  std::atomic<int> let_in = 0;
  const auto attempt = [&](sql::LaneKey lane) {
    let_in += on_lane(lane, [&](sql::Connection& c) { return begin_sign_in(c, key, now()) ? 1 : 0; });
  };
  at_once({attempt, attempt, attempt, attempt, attempt, attempt}, 4);
  EXPECT_EQ(let_in, kSignInFailures);
  EXPECT_EQ(store_.run([&](sql::Connection& c) { return locked_for(c, key, now()); }), kSignInLock);
  store_.clock.pass(kSignInLock);
  EXPECT_TRUE(store_.run([&](sql::Connection& c) { return begin_sign_in(c, key, now()); }));
  EXPECT_EQ(store_.number("SELECT failures FROM sign_in_lock"), 1);
}

TEST_F(Races, FailuresOlderThanTheLockAreForgotten) {
  const std::string key(32, 'k');
  for (int round = 0; round < 3; ++round) {
    for (int attempt = 1; attempt < kSignInFailures; ++attempt) {
      EXPECT_TRUE(store_.run([&](sql::Connection& c) { return begin_sign_in(c, key, now()); }));
    }
    store_.clock.pass(kSignInLock);
  }
}

TEST_F(Races, ARenewalDoesNotSurviveTheSignOut) {
  for (int round = 0; round < 30; ++round) {
    const std::string token(32, 'a');
    const Session session{.id = SessionId::make(now()),
                          .user = UserId::make(now()),
                          .created_at = now(),
                          .refreshed_at = now(),
                          .expires_at = now() + std::chrono::days(7)};
    store_.run([&](sql::Connection& c) { create_session(c, token, session, now()); });
    at_once({[&](sql::LaneKey lane) {
               on_lane(lane, [&](sql::Connection& c) {
                 return renew_session(c, token, session, std::string(32, 'b'), session.expires_at,
                                      now() + std::chrono::days(1));
               });
             },
             [&](sql::LaneKey lane) {
               EXPECT_TRUE(on_lane(lane, [&](sql::Connection& c) { return end_session(c, token); }));
             }});
    EXPECT_EQ(store_.number("SELECT count(*) FROM session"), 0);
  }
}

std::string next_after(const std::string& number) { return std::to_string(std::stoi(number) + 1); }

TEST_F(Races, ARenamedChannelKeepsItsNewToken) {
  const auto edit = [this](std::string Channel::* member) {
    return [this, member](sql::LaneKey lane) {
      on_lane(lane, [&](sql::Connection& c) {
        auto channel = *lock_channel(c, store_.tenant, store_.channel);
        channel.*member = next_after(channel.*member);
        return update_channel(c, channel, now());
      });
    };
  };
  store_.run([&](sql::Connection& c) {
    auto channel = *lock_channel(c, store_.tenant, store_.channel);
    channel.name = channel.sealed_access_token = "0";
    return update_channel(c, channel, now());
  });
  at_once({edit(&Channel::name), edit(&Channel::sealed_access_token), edit(&Channel::name),
           edit(&Channel::sealed_access_token)},
          25);
  const auto channel = store_.run([&](sql::Connection& c) { return *find_channel(c, store_.tenant, store_.channel); });
  EXPECT_EQ(channel.name, "50");
  EXPECT_EQ(channel.sealed_access_token, "50");
}

TEST_F(Races, DraftsPrioritiesAndPublicationsLoseNothing) {
  const auto made = store_.run([&](sql::Connection& c) {
    return insert_workflow(c, {.tenant = store_.tenant, .name = "flow", .draft = {{"n", 0}}}, now());
  });
  const auto change = [&](const std::function<void(sql::Connection&, Workflow)>& how) {
    return [this, id = made.id, how](sql::LaneKey lane) {
      on_lane(lane, [&](sql::Connection& c) { how(c, *lock_workflow(c, store_.tenant, id)); });
    };
  };
  const auto draw = change([&](sql::Connection& c, Workflow workflow) {
    workflow.draft["n"] = workflow.draft["n"].get<int>() + 1;
    workflow.has_changes = true;
    update_workflow(c, workflow, now());
  });
  const auto raise = change([&](sql::Connection& c, Workflow workflow) {
    ++workflow.priority;
    update_workflow(c, workflow, now());
  });
  const auto publish =
      change([&](sql::Connection& c, Workflow workflow) { publish_draft(c, std::move(workflow), {}, now()); });
  at_once({draw, raise, publish, draw, publish}, 15);
  const auto after = store_.run([&](sql::Connection& c) { return *find_workflow(c, store_.tenant, made.id); });
  EXPECT_EQ(after.draft["n"], 30);
  EXPECT_EQ(after.priority, 15);
  EXPECT_EQ(after.published_version, 30);
  EXPECT_EQ(store_.number("SELECT count(*) FROM workflow_version"), 30);
  const auto graph = store_.run([&](sql::Connection& c) { return *graph_of_version(c, store_.tenant, made.id, 30); });
  EXPECT_EQ(after.has_changes, graph != after.draft);
}

Template listed(const test::TempStore& store, const std::string& status) {
  return {.tenant = store.tenant,
          .waba_id = test::kWaba,
          .name = "hello",
          .language = "en",
          .category = "UTILITY",
          .status = status,
          .synced_at = store.clock.now()};
}

TEST_F(Races, ATemplateListedTwiceAtOnceIsOneRowAndOneEvent) {
  for (int round = 1; round <= 10; ++round) {
    auto fresh = listed(store_, "APPROVED");
    fresh.name = "hello_" + std::to_string(round);
    const auto upsert = [&](sql::LaneKey lane) {
      on_lane(lane, [&](sql::Connection& c) { return upsert_template(c, fresh, now()); });
    };
    at_once({upsert, upsert, upsert});
    EXPECT_EQ(store_.number("SELECT count(*) FROM template"), round);
    EXPECT_EQ(store_.number("SELECT count(*) FROM event WHERE type = 'template.updated'"), round);
  }
}

TEST_F(Races, AnOlderListingChangesNothing) {
  const auto older = listed(store_, "PENDING");
  const Time before = now();
  store_.clock.pass(seconds(1));
  const auto newer = listed(store_, "APPROVED");
  store_.run([&](sql::Connection& c) {
    EXPECT_TRUE(upsert_template(c, newer, now()));
    note_templates_synced(c, {.tenant = store_.tenant, .waba_id = test::kWaba, .at = now()});
    EXPECT_FALSE(upsert_template(c, older, now()));
    const TemplateListing stale{.tenant = store_.tenant, .waba_id = test::kWaba, .at = before};
    EXPECT_EQ(delete_unlisted_templates(c, stale, now()), 0U);
    note_templates_synced(c, stale);
    EXPECT_EQ(find_channel(c, store_.tenant, store_.channel)->templates_synced_at, now());
    EXPECT_EQ(list_templates(c, store_.tenant).front().status, "APPROVED");
    EXPECT_EQ(delete_unlisted_templates(c, {store_.tenant, test::kWaba, now() + seconds(1)}, now()), 1U);
    EXPECT_EQ(list_templates(c, store_.tenant).front().status, kDeleted);
  });
  EXPECT_EQ(store_.number("SELECT count(*) FROM event WHERE type = 'template.updated'"), 2);
}

TEST_F(Races, EverySecretThatIsReplacedIsThePreviousOneOfAnother) {
  const auto keyring = Keyring::load_or_create(store_.folder.file("keys"));
  ASSERT_TRUE(keyring);
  std::mutex mutex;
  std::multiset<std::string> replaced;
  std::atomic<int> secrets = 0;
  const auto rotate = [&](sql::LaneKey lane) {
    const std::string secret = "secret-" + std::to_string(++secrets);
    const auto saved = on_lane(lane, [&](sql::Connection& c) {
      return save_webhook_app(c, {.name = "default", .verify_token = Secret("token"), .secret = Secret(secret)},
                              *keyring, now());
    });
    if (!saved.sealed_previous_secret) return;
    const std::scoped_lock lock(mutex);
    replaced.insert(std::string(keyring->open(*saved.sealed_previous_secret, kAppSecretPurpose)->reveal()));
  };
  at_once({rotate, rotate, rotate, rotate}, 10);
  EXPECT_EQ(replaced.size(), 39U);
  EXPECT_EQ(std::set<std::string>(replaced.begin(), replaced.end()).size(), 39U);
}

TEST_F(Races, EachLaneCountsInASlotOfItsOwn) {
  const auto count_one = [&](sql::LaneKey lane) {
    for (std::uint64_t key = 0; key < 16; ++key) {
      on_lane(lane.value * 16 + key, [&](sql::Connection& c) { count(c, store_.tenant, "contacts", 1); });
    }
  };
  at_once({count_one, count_one, count_one, count_one}, 3);
  EXPECT_EQ(store_.run([&](sql::Connection& c) { return total(c, store_.tenant, "contacts"); }), 4 * 16 * 3);
  EXPECT_EQ(store_.number("SELECT count(*) FROM counter WHERE kind = 'contacts'"),
            static_cast<std::int64_t>(store_.database->write_lanes()));
}

}  // namespace
}  // namespace waypost::store
