#include "conversation/throughput.h"

#include <array>
#include <string_view>
#include <utility>

#include "conversation/messaging_limit.h"

namespace waypost {
namespace {

constexpr std::array<const char*, 4> kKeptFields{"throughput", "platform_type", "is_on_biz_app",
                                                 "whatsapp_business_manager_messaging_limit"};

// What was said under a key of the standing, and when: ISO 8601, UTC, so that later is greater.
struct Said {
  std::string at{};
  const Json* value = nullptr;
};
Said said_of(const Json& standing, std::string_view key) {
  const Json* said = find_object(standing, key);
  const Json* value = said ? find_object(*said, "value") : nullptr;
  if (!value) return {};
  return {.at = text_or_empty(*said, "at"), .value = value};
}

bool is_beside_app(const Json& standing) {
  const auto look = said_of(standing, "number");
  const auto use = said_of(standing, "app");
  const auto looked = look.value ? find_bool(*look.value, "is_on_biz_app") : std::nullopt;
  if (use.value && (!looked || use.at > look.at)) return true;
  return looked.value_or(false);
}

// Meta tells of the upgrade at once, and its level on the next look.
bool is_high(const Json& standing) {
  const auto look = said_of(standing, "number");
  const auto news = said_of(standing, "quality");
  const bool is_upgraded = news.value && text_or_empty(*news.value, "event") == "THROUGHPUT_UPGRADE";
  if (is_upgraded && news.at >= look.at) return true;
  const Json* level = look.value ? find_object(*look.value, "throughput") : nullptr;
  return level && text_or_empty(*level, "level") == "HIGH";
}

bool means_the_same(const Json& a, const Json& b) {
  return throughput(a) == throughput(b) && messaging_limit(a) == messaging_limit(b);
}

std::optional<Json> with(const Json& standing, const char* key, Json value, Time at) {
  const auto before = said_of(standing, key);
  Json next = standing.is_object() ? standing : Json::object();
  const bool is_news = !before.value || *before.value != value;
  next[key] = {{"at", iso8601(at)}, {"value", std::move(value)}};
  if (!is_news && means_the_same(standing, next)) return std::nullopt;
  return next;
}

}  // namespace

int throughput(const Json& standing) {
  if (is_beside_app(standing)) return kThroughputBesideApp;
  return is_high(standing) ? kHighThroughput : kStandardThroughput;
}

std::optional<Json> with_number_fields(const Json& standing, const Json& fields, Time at) {
  Json kept = Json::object();
  for (const auto* key : kKeptFields) {
    if (const Json* field = find(fields, key)) kept[key] = *field;
  }
  if (kept.empty()) return std::nullopt;
  return with(standing, "number", std::move(kept), at);
}

std::optional<Json> with_app_in_use(const Json& standing, Time at) {
  if (is_beside_app(standing)) return std::nullopt;
  auto next = with(standing, "app", {{"is_on_biz_app", true}}, at);
  return next && is_beside_app(*next) ? next : std::nullopt;
}

}  // namespace waypost
