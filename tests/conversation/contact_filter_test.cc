#include "conversation/contact_filter.h"

#include <gmock/gmock.h>

namespace waypost {
namespace {

using testing::ElementsAre;

Json with(Json condition) {
  return {{"version", 1}, {"logic", "AND"}, {"conditions", Json::array({std::move(condition)})}};
}

std::vector<std::string> faults(const Json& json) {
  std::vector<std::string> paths;
  const auto read = read_contact_filter(json, "filters");
  if (read) return paths;
  for (const auto& field : read.error().fields()) paths.push_back(field.path);
  return paths;
}

TEST(ContactFilter, ReadsTheExampleOfTheApi) {
  const auto read =
      read_contact_filter(with({{"field", "tags"}, {"operator", "contains"}, {"value", "vip"}}), "filters");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->logic, FilterLogic::All);
  ASSERT_EQ(read->conditions.size(), 1U);
  EXPECT_EQ(read->conditions[0].field, FilterField::Tags);
  EXPECT_EQ(read->conditions[0].op, FilterOperator::Contains);
  EXPECT_THAT(read->conditions[0].texts, ElementsAre("vip"));
}

TEST(ContactFilter, ReadsEveryKindOfValue) {
  const auto one = [](Json condition) {
    return read_contact_filter(with(std::move(condition)), "filters").value().conditions.at(0);
  };
  EXPECT_TRUE(one({{"field", "optedOut"}, {"operator", "equals"}, {"value", true}}).truth);
  EXPECT_FALSE(one({{"field", "optedOut"}, {"operator", "equals"}, {"value", "false"}}).truth);
  EXPECT_EQ(one({{"field", "createdAt"}, {"operator", "gt"}, {"value", "2026-01-01T00:00:00Z"}}).at,
            parse_iso8601("2026-01-01T00:00:00Z"));
  EXPECT_THAT(one({{"field", "phone"}, {"operator", "starts_with"}, {"value", "+49"}}).texts, ElementsAre("49"));
  EXPECT_THAT(one({{"field", "language"}, {"operator", "in"}, {"value", {"de", "en"}}}).texts, ElementsAre("de", "en"));
  EXPECT_EQ(one({{"field", "fields.a.b"}, {"operator", "exists"}}).key, "a.b");
}

TEST(ContactFilter, FaultsNameTheirPlace) {
  EXPECT_THAT(faults("x"), testing::Contains("filters"));
  EXPECT_THAT(faults({{"version", 2}, {"logic", "XOR"}}),
              ElementsAre("filters.version", "filters.logic", "filters.conditions"));
  EXPECT_THAT(faults(with({{"field", "email"}, {"operator", "equals"}, {"value", "x"}})),
              ElementsAre("filters.conditions.0.field"));
  EXPECT_THAT(faults(with({{"field", "email"}, {"operator", "like"}})),
              ElementsAre("filters.conditions.0.field", "filters.conditions.0.operator"));
  EXPECT_THAT(faults(with({{"field", "tags"}, {"operator", "gt"}, {"value", "x"}})),
              ElementsAre("filters.conditions.0.operator"));
  for (const Json& value : {Json(), Json(7), Json(""), Json::array({"x"})}) {
    EXPECT_THAT(faults(with({{"field", "name"}, {"operator", "equals"}, {"value", value}})),
                ElementsAre("filters.conditions.0.value"))
        << value;
  }
  EXPECT_THAT(faults(with({{"field", "createdAt"}, {"operator", "gt"}, {"value", "soon"}})),
              ElementsAre("filters.conditions.0.value"));
  EXPECT_THAT(faults(with({{"field", "tags"}, {"operator", "in"}, {"value", Json::array()}})),
              ElementsAre("filters.conditions.0.value"));
}

TEST(ContactFilter, ThereIsAnEndToConditions) {
  Json many = with({{"field", "tags"}, {"operator", "exists"}});
  for (std::size_t n = 0; n < kMostConditions; ++n) many["conditions"].push_back(many["conditions"][0]);
  EXPECT_THAT(faults(many), ElementsAre("filters.conditions"));
}

}  // namespace
}  // namespace waypost
