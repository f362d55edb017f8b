// Redis' users: the one that docs/operations.md recommends may do all that Waypost does, and nothing beyond it.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/queue/redis_exercise.h"
#include "tests/queue/redis_link_fixture.h"

namespace waypost {
namespace {

using std::chrono::milliseconds;
using test::RedisServer;

// The words of the line "ACL SETUSER …" in docs/operations.md.
std::vector<std::string> recommended() {
  const auto tree = std::filesystem::path(WAYPOST_TEST_DATA).parent_path().parent_path();
  std::ifstream file(tree / "docs" / "operations.md");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("ACL SETUSER ")) continue;
    std::istringstream words(line);
    return {std::istream_iterator<std::string>(words), {}};
  }
  return {};
}

class AclLink : public test::LinkFixture {
 protected:
  AclLink() { EXPECT_EQ(redis.command(user), "+OK\r\n"); }
  RedisLinkSettings as(const std::string& password) const {
    return test::quick(Secret("redis://waypost:" + password + "@" + redis.place() + "/1"));
  }

  RedisServer redis{{.on_port = true}};
  std::vector<std::string> user = recommended();
};

TEST_F(AclLink, TheRecommendedUserMayDoAllThatWaypostDoes) {
  connect(as("PASSWORD"));
  EXPECT_EQ(ask({"ACL", "WHOAMI"}).error().kind(), ErrorKind::Unavailable);
  redis.command({"ACL", "LOG", "RESET"});
  loop.wait(test::exercise(*link));
  EXPECT_EQ(redis.command({"ACL", "LOG"}), "*0\r\n");
}

TEST_F(AclLink, TheRecommendedUserHasNoCommandThatIsNotUsed) {
  connect(as("PASSWORD"));
  loop.wait(test::exercise(*link));
  redis.command({"SCRIPT", "FLUSH"});
  test::good(loop.wait(KeyedQueue(*link, "runs", milliseconds(50)).stats()));  // by EVAL
  const auto used = redis.command({"INFO", "commandstats"});
  for (const auto& word : user) {
    if (!word.starts_with('+')) continue;
    EXPECT_TRUE(used.contains("cmdstat_" + word.substr(1) + ":")) << word;
  }
}

TEST_F(AclLink, TheRecommendedUserReachesNoOtherKeysAndCommands) {
  connect(as("PASSWORD"));
  for (const RedisWords& words : {RedisWords{"SET", "other", "1"}, RedisWords{"KEYS", "*"}, RedisWords{"FLUSHALL"},
                                  RedisWords{"SCRIPT", "FLUSH"}}) {
    const auto answer = ask(words);
    ASSERT_FALSE(answer.has_value()) << words.front();
    EXPECT_EQ(answer.error().kind(), ErrorKind::Unavailable);
    EXPECT_TRUE(link->words().contains("docs/operations.md")) << link->words();
  }
}

TEST_F(AclLink, ARightThatAScriptLacksIsNamedAndCanBeGiven) {
  redis.command({"ACL", "SETUSER", "waypost", "-zadd"});
  connect(as("PASSWORD"));
  KeyedQueue queue(*link, "runs", milliseconds(1'000));
  const auto offer = [&] { return loop.wait(queue.offer({{.key = test::key(1, 1), .due = std::nullopt}})); };
  const auto failed = offer();
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().kind(), ErrorKind::Unavailable);
  EXPECT_TRUE(link->words().contains("docs/operations.md")) << link->words();
  redis.command({"ACL", "SETUSER", "waypost", "+zadd"});
  EXPECT_TRUE(offer().has_value());
  EXPECT_EQ(link->words(), "");
}

TEST_F(AclLink, AWrongPasswordIsTriedUntilItIsRight) {
  start(as("hush-hush"));
  ASSERT_TRUE(says("refuses the user or the password"));
  EXPECT_FALSE(link->words().contains("hush"));
  EXPECT_FALSE(loop.wait(link->until_up(milliseconds(100))).error().words().contains("hush"));
  redis.command({"ACL", "SETUSER", "waypost", ">hush-hush"});
  EXPECT_TRUE(is_up(true));
}

TEST_F(AclLink, ARedisThatKnowsNoAuthDoesNotRepeatThePassword) {
  const RedisServer renamed({.more = {"--rename-command", "AUTH", ""}, .on_port = true});
  start(test::quick(Secret("redis://waypost:hush-hush@" + renamed.place())));
  ASSERT_TRUE(says("cannot sign anybody in")) << link->words();
  EXPECT_FALSE(link->words().contains("hush"));
}

}  // namespace
}  // namespace waypost
