#include "workflow/ai_faults.h"

#include <gtest/gtest.h>

namespace waypost::workflow {
namespace {

Graph drawn() {
  return {.nodes = {{.id = "t", .type = "trigger.inbound_message"},
                    {.id = "r", .type = "ai.router"},
                    {.id = "n", .type = "no.such"},
                    {.id = "a", .type = "ai.respond"}}};
}

TEST(AiFaults, NameEachAiNodeOfAWorkspaceWithoutAModel) {
  const auto faults = ai_faults(drawn(), false);
  ASSERT_EQ(faults.size(), 2U);
  EXPECT_EQ(faults[0], (FieldError{"nodes.1", "an AI node needs settings.ai.apiKey or a baseUrl of your own"}));
  EXPECT_EQ(faults[1].path, "nodes.3");
}

TEST(AiFaults, AreNoneWithAModelOrWithoutAiNodes) {
  EXPECT_TRUE(ai_faults(drawn(), true).empty());
  const Graph plain{.nodes = {{.id = "t", .type = "trigger.inbound_message"}}};
  EXPECT_TRUE(ai_faults(plain, false).empty());
  EXPECT_TRUE(asks_ai(drawn()));
  EXPECT_FALSE(asks_ai(plain));
}

}  // namespace
}  // namespace waypost::workflow
