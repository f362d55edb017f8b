// A link to a Redis of the test's own, with short words. Test thread only.

#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "queue/redis_link.h"
#include "tests/support/redis_server.h"
#include "tests/support/run_loop.h"

namespace waypost::test {

inline RedisLinkSettings quick(const Secret& url) {
  return {.url = url,
          .answer = std::chrono::milliseconds(300),
          .pause_first = std::chrono::milliseconds(5),
          .pause_most = std::chrono::milliseconds(50)};
}

class LinkFixture : public testing::Test {
 protected:
  void start(const RedisLinkSettings& settings) {
    link = RedisLink::make(loop.executor(), settings).value();
    link->start();
  }
  void connect(const RedisLinkSettings& settings) {
    start(settings);
    ASSERT_TRUE(loop.wait(link->until_up(std::chrono::milliseconds(5'000))).has_value()) << link->words();
  }
  Result<RedisValue> ask(RedisWords words) { return loop.wait(link->ask(std::move(words))); }
  bool is_up(bool up, std::chrono::milliseconds limit = std::chrono::seconds(10)) {
    return loop.run_until([&] { return link->is_up() == up; }, limit);
  }
  // The link's words hold these, soon.
  bool says(std::string_view words) {
    return loop.run_until([&] { return link->words().contains(words); }, std::chrono::seconds(10));
  }
  void TearDown() override {
    if (link) loop.wait(link->stop());
  }

  RunLoop loop;
  std::unique_ptr<RedisLink> link;
};

}  // namespace waypost::test
