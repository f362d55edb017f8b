#include "webhook/tamed.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace waypost {
namespace {

std::string nested(int levels) {
  const auto depth = static_cast<std::size_t>(levels);
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST(Tamed, WhatIsTakenAnywayStaysByteForByte) {
  const std::string body = R"({"a":[1,-2.5e3,"3e999 [ \" { \\",true,null,{"b":"]"}]} )" + nested(kJsonDepth);
  EXPECT_EQ(tamed(body), body);
}

TEST(Tamed, ANumberThatNoDoubleHoldsIsAText) {
  EXPECT_EQ(tamed(R"({"a":1e400,"b":-1e999,"c":1e30})"), R"({"a":"1e400","b":"-1e999","c":1e30})");
  const std::string digits(400, '9');
  EXPECT_EQ(tamed("[" + digits + "]"), "[\"" + digits + "\"]");
}

TEST(Tamed, WhatIsNestedTooDeeplyIsATextFromThere) {
  const auto json = parse_json(tamed(R"({"deep":)" + nested(100'000) + R"(,"beside":"]"})"));
  ASSERT_TRUE(json);
  EXPECT_EQ((*json)["beside"], "]");
  const Json* part = &(*json)["deep"];
  int levels = 0;
  for (; part->is_array(); part = &part->front()) ++levels;
  EXPECT_EQ(part->get<std::string>(), nested(100'000 - levels));
}

TEST(Tamed, BracketsInTextsAreNone) {
  const std::string deep = std::string(kJsonDepth, '[') + R"([ "]\"]", "[" ])" + std::string(kJsonDepth, ']');
  const auto json = parse_json(tamed(deep));
  ASSERT_TRUE(json);
  const Json* part = &*json;
  while (part->is_array()) part = &part->front();
  EXPECT_EQ(*part, R"([ "]\"]", "[" ])");
}

TEST(Tamed, WhatIsNoJsonStaysNone) {
  for (const auto& body : {std::string(), std::string("\""), std::string("{\"a\\"), std::string("[1e400"),
                           std::string(100'000, '['), nested(100) + "]", std::string("1e400e")}) {
    EXPECT_FALSE(parse_json(tamed(body))) << body.substr(0, 100);
  }
}

}  // namespace
}  // namespace waypost
