#include "workflow/config_schema.h"

#include <utility>

#include "workflow/duration.h"

namespace waypost::workflow::schema_of {
namespace {

constexpr std::string_view kDialect = "https://json-schema.org/draft/2020-12/schema";

Json titled(std::string_view title, std::string_view description) {
  return {{"title", title}, {"description", description}};
}

Json of_type(std::string_view type, std::string_view title, std::string_view description) {
  auto schema = titled(title, description);
  schema["type"] = type;
  return schema;
}

void put_members(Json& schema, const Members& members, Names required) {
  schema["properties"] = Json::object();
  for (const auto& member : members) schema["properties"][member.name] = member.schema;
  if (required.size() > 0) schema["required"] = std::vector<std::string>(required.begin(), required.end());
}

void put_bounds(Json& schema, const char* least, const char* most, Between bounds) {
  schema[least] = bounds.least;
  if (bounds.most != Between{}.most) schema[most] = bounds.most;
}

}  // namespace

Json text(std::string_view title, std::string_view description) { return of_type("string", title, description); }

Json choice(std::string_view title, std::string_view description, std::span<const std::string_view> words) {
  auto schema = of_type("string", title, description);
  schema["enum"] = std::vector<std::string>(words.begin(), words.end());
  return schema;
}

Json choice(std::string_view title, std::string_view description, Names words) {
  return choice(title, description, std::span(words.begin(), words.size()));
}

Json flag(std::string_view title, std::string_view description) { return of_type("boolean", title, description); }

Json whole(std::string_view title, std::string_view description, Between bounds) {
  auto schema = of_type("integer", title, description);
  put_bounds(schema, "minimum", "maximum", bounds);
  return schema;
}

Json number(std::string_view title, std::string_view description, double least, double most) {
  auto schema = of_type("number", title, description);
  schema["minimum"] = least;
  schema["maximum"] = most;
  return schema;
}

Json duration(std::string_view title, std::string_view description) {
  auto schema = titled(title, description);
  Json seconds{{"type", "number"}, {"minimum", kShortestDuration.count()}, {"maximum", kLongestDuration.count()}};
  Json parts = {{"type", "object"},
                {"properties",
                 {{"value", {{"type", "number"}}},
                  {"unit", {{"type", "string"}, {"enum", {"seconds", "minutes", "hours", "days"}}}}}},
                {"required", {"value", "unit"}}};
  schema["oneOf"] = Json::array({std::move(parts), std::move(seconds)});
  return schema;
}

Json list(std::string_view title, std::string_view description, Json items, Between count) {
  auto schema = of_type("array", title, description);
  schema["items"] = std::move(items);
  put_bounds(schema, "minItems", "maxItems", count);
  return schema;
}

Json object(std::string_view title, std::string_view description, const Members& members, Names required) {
  auto schema = of_type("object", title, description);
  put_members(schema, members, required);
  return schema;
}

Json map(std::string_view title, std::string_view description, Json values) {
  auto schema = of_type("object", title, description);
  schema["additionalProperties"] = std::move(values);
  return schema;
}

Json anything(std::string_view title, std::string_view description) { return titled(title, description); }

Json with_default(Json schema, Json value) {
  schema["default"] = std::move(value);
  return schema;
}

Json config(const Members& members, Names required) {
  Json schema{{"$schema", kDialect}, {"type", "object"}};
  put_members(schema, members, required);
  schema["x-order"] = Json::array();
  for (const auto& member : members) schema["x-order"].push_back(member.name);
  return schema;
}

}  // namespace waypost::workflow::schema_of
