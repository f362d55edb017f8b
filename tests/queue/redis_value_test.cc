#include "queue/redis_value.h"

#include <gtest/gtest.h>

namespace waypost {
namespace {

TEST(RedisError, IsUnavailableWhenItPassesAndSaysWhatToDo) {
  for (const auto* text : {"OOM command not allowed", "READONLY You can't write", "MISCONF Redis is configured",
                           "LOADING Redis is loading", "NOSCRIPT No matching script", "BUSY Redis is busy",
                           "MASTERDOWN Link with MASTER is down", "CLUSTERDOWN Hash slot not served",
                           "NOAUTH Authentication required", "WRONGPASS invalid", "NOPERM this user",
                           "UNKILLABLE Sorry", "NOREPLICAS Not enough", "TRYAGAIN Multiple keys", "MOVED 1 a:1"}) {
    const auto error = redis_error(text);
    EXPECT_EQ(error.kind(), ErrorKind::Unavailable) << text;
    EXPECT_FALSE(error.words().starts_with("Redis: ")) << text;
    EXPECT_TRUE(error.words().ends_with("(" + std::string(text) + ")")) << error.words();
  }
}

TEST(RedisError, IsInternalWhenOurCommandIsWrong) {
  for (const auto* text : {"ERR unknown command", "WRONGTYPE Operation", "CROSSSLOT Keys", "", "OOMS"}) {
    EXPECT_EQ(redis_error(text).kind(), ErrorKind::Internal) << text;
  }
}

TEST(RedisError, KnowsWhatAScriptMet) {
  EXPECT_EQ(redis_code("OOM command not allowed when used memory > 'maxmemory'. script: 897a, on @user_script:1."),
            "OOM");
  EXPECT_EQ(redis_code("ERR Error running script (call to f_6b1b): @user_script:1: @user_script: 1: -OOM command not "
                       "allowed when used memory > 'maxmemory'."),
            "OOM");
  EXPECT_EQ(redis_code("ERR The user executing the script can't run this command or subcommand script: 89, on "
                       "@user_script:1."),
            "NOPERM");
  EXPECT_EQ(redis_code("ERR ACL failure in script: User w has no permissions to run the 'set' command"), "NOPERM");
  EXPECT_EQ(redis_code("ERR user_script:3: attempt to compare nil"), "ERR");
}

}  // namespace
}  // namespace waypost
