#include "sandbox/settings.h"

#include <algorithm>
#include <functional>
#include <map>
#include <string>

namespace waypost::sandbox {
namespace {

using Setter = std::function<bool(Settings&, const Json&)>;

Setter number_into(double Settings::* field) {
  return [field](Settings& settings, const Json& value) {
    if (!value.is_number() || value.get<double>() < 0) return false;
    settings.*field = value.get<double>();
    return true;
  };
}

Setter pause_into(milliseconds Settings::* field) {
  return [field](Settings& settings, const Json& value) {
    if (!value.is_number_integer() || value.get<std::int64_t>() < 0) return false;
    settings.*field = milliseconds(value.get<std::int64_t>());
    return true;
  };
}

Setter pause_or_never_into(std::optional<milliseconds> Settings::* field) {
  return [field](Settings& settings, const Json& value) {
    if (value.is_null() || value == "never") {
      settings.*field = std::nullopt;
      return true;
    }
    if (!value.is_number_integer() || value.get<std::int64_t>() < 0) return false;
    settings.*field = milliseconds(value.get<std::int64_t>());
    return true;
  };
}

bool set_window_refusal(Settings& settings, const Json& value) {
  if (value != "late" && value != "at_once") return false;
  settings.refuse_window_at_once = value == "at_once";
  return true;
}

bool set_webhooks_at_once(Settings& settings, const Json& value) {
  if (!value.is_number_unsigned() || value.get<std::size_t>() == 0) return false;
  settings.webhooks_at_once = value.get<std::size_t>();
  return true;
}

const std::map<std::string, Setter>& setters() {
  static const std::map<std::string, Setter> all = {
      {"sent_after_ms", pause_into(&Settings::sent_after)},
      {"delivered_after_ms", pause_or_never_into(&Settings::delivered_after)},
      {"read_after_ms", pause_or_never_into(&Settings::read_after)},
      {"window_refusal", set_window_refusal},
      {"retry_first_ms", pause_into(&Settings::retry_first)},
      {"retry_longest_ms", pause_into(&Settings::retry_longest)},
      {"webhook_timeout_ms", pause_into(&Settings::webhook_timeout)},
      {"webhooks_at_once", set_webhooks_at_once},
      {"number_per_second", number_into(&Settings::number_per_second)},
      {"pair_seconds", number_into(&Settings::pair_seconds)},
      {"pair_burst", number_into(&Settings::pair_burst)},
      {"date_skew_ms", pause_into(&Settings::date_skew)},
  };
  return all;
}

Json or_never(std::optional<milliseconds> pause) { return pause ? Json(pause->count()) : Json("never"); }

}  // namespace

Result<Settings> changed(Settings settings, const Json& changes) {
  if (!changes.is_object()) return fail(ErrorKind::InvalidInput, "settings are a JSON object");
  for (const auto& [key, value] : changes.items()) {
    const auto setter = setters().find(key);
    if (setter == setters().end()) return fail(ErrorKind::InvalidInput, key + " is not a setting");
    if (!setter->second(settings, value)) return fail(ErrorKind::InvalidInput, key + " cannot be " + dump(value));
  }
  return settings;
}

Json to_json(const Settings& settings) {
  return {{"sent_after_ms", settings.sent_after.count()},
          {"delivered_after_ms", or_never(settings.delivered_after)},
          {"read_after_ms", or_never(settings.read_after)},
          {"window_refusal", settings.refuse_window_at_once ? "at_once" : "late"},
          {"retry_first_ms", settings.retry_first.count()},
          {"retry_longest_ms", settings.retry_longest.count()},
          {"webhook_timeout_ms", settings.webhook_timeout.count()},
          {"webhooks_at_once", settings.webhooks_at_once},
          {"number_per_second", settings.number_per_second},
          {"pair_seconds", settings.pair_seconds},
          {"pair_burst", settings.pair_burst},
          {"date_skew_ms", settings.date_skew.count()}};
}

milliseconds pause_before_retry(const Settings& settings, int failures) {
  if (failures <= 1) return milliseconds(0);
  const auto doubled = settings.retry_first * (1LL << std::min(failures - 2, 20));
  return std::min<milliseconds>(doubled, settings.retry_longest);
}

}  // namespace waypost::sandbox
