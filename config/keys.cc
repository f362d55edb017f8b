#include "config/keys.h"

#include <algorithm>
#include <limits>
#include <type_traits>
#include <utility>

#include "config/checks.h"

namespace waypost {

namespace {

using Check = std::string (*)(const std::string&);

struct Bounds {
  std::int64_t least = 0;
  std::int64_t most = std::numeric_limits<std::int32_t>::max();
};

constexpr Bounds kCount{.least = 1, .most = 1'000'000};
constexpr Bounds kWorkers{.least = 1, .most = 10'000};
constexpr Bounds kBytes{.least = 1 << 20, .most = std::int64_t{1} << 40};
constexpr Bounds kMillis{.least = 1, .most = 86'400'000};
constexpr Bounds kDays{.least = 1, .most = 3'650};
constexpr Bounds kHours{.least = 1, .most = 720};

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string quoted_list(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const auto& text : texts) out += (out.size() > 1 ? ", " : "") + quoted(text);
  return out + "]";
}

using Read = std::function<std::string(const SettingValue&)>;

Read text_reader(std::function<void(std::string)> take, Check check) {
  return [take = std::move(take), check](const SettingValue& value) -> std::string {
    const auto* given = std::get_if<std::string>(&value);
    if (given == nullptr) return "is a text";
    auto complaint = check == nullptr ? std::string() : check(*given);
    if (complaint.empty()) take(*given);
    return complaint;
  };
}

template <class T>
auto plain(const T& field) {
  if constexpr (std::is_integral_v<T>) {
    return field;
  } else {
    return field.count();
  }
}

// Adds the keys of one section.
class Section {
 public:
  Section(std::vector<Key>& keys, std::string name) : keys_(keys), name_(std::move(name)) {}

  Section& text(const char* name, std::string& field, Check check = nullptr) {
    const auto take = [&field](std::string given) { field = std::move(given); };
    return add(name, text_reader(take, check), [&field] { return quoted(field); });
  }
  Section& secret(const char* name, Secret& field, Check check = nullptr) {
    const auto take = [&field](std::string given) { field = Secret(std::move(given)); };
    return add(name, text_reader(take, check), [&field] { return quoted(field.reveal()); });
  }
  // `check` looks at each text.
  Section& list(const char* name, std::vector<std::string>& field, Check check = nullptr) {
    const auto read = [&field, check](const SettingValue& value) -> std::string {
      const auto* given = std::get_if<std::vector<std::string>>(&value);
      if (given == nullptr) return "is a list of texts";
      for (const auto& text : *given) {
        const auto complaint = check == nullptr ? std::string() : check(text);
        if (!complaint.empty()) return "is a list, and each of it " + complaint;
      }
      field = *given;
      return "";
    };
    return add(name, read, [&field] { return quoted_list(field); });
  }
  // A list of words, each of which switches one on; at least one.
  Section& words(const char* name, std::vector<std::pair<std::string, bool*>> switches) {
    const auto read = [switches](const SettingValue& value) -> std::string {
      const auto* given = std::get_if<std::vector<std::string>>(&value);
      std::vector<std::string> all;
      for (const auto& [word, field] : switches) all.push_back(word);
      const bool known = given != nullptr && std::ranges::all_of(*given, [&all](const std::string& word) {
                           return std::ranges::find(all, word) != all.end();
                         });
      if (!known || given->empty()) return "is a list of one or more of " + quoted_list(all);
      for (const auto& [word, field] : switches) *field = std::ranges::find(*given, word) != given->end();
      return "";
    };
    const auto show = [switches] {
      std::vector<std::string> on;
      for (const auto& [word, field] : switches) {
        if (*field) on.push_back(word);
      }
      return quoted_list(on);
    };
    return add(name, read, show);
  }
  Section& flag(const char* name, bool& field) {
    const auto read = [&field](const SettingValue& value) -> std::string {
      const auto* given = std::get_if<bool>(&value);
      if (given == nullptr) return "is true or false";
      field = *given;
      return "";
    };
    return add(name, read, [&field] { return field ? "true" : "false"; });
  }
  // A count, a size or a duration in the field's own unit.
  template <class T>
  Section& number(const char* name, T& field, Bounds bounds) {
    const auto set = [&field](std::int64_t given) { field = T(static_cast<decltype(plain(field))>(given)); };
    const auto read = [set, bounds](const SettingValue& value) -> std::string {
      const auto* given = std::get_if<std::int64_t>(&value);
      if (given == nullptr) return "is a whole number";
      if (*given < bounds.least || *given > bounds.most) {
        return "is " + std::to_string(bounds.least) + " to " + std::to_string(bounds.most);
      }
      set(*given);
      return "";
    };
    return add(name, read, [&field] { return std::to_string(plain(field)); });
  }
  // One of a few words, each for a value.
  template <class T>
  Section& choice(const char* name, T& field, std::vector<std::pair<std::string, T>> words) {
    const auto read = [&field, words](const SettingValue& value) -> std::string {
      const auto* given = std::get_if<std::string>(&value);
      std::string all;
      for (const auto& [word, meaning] : words) {
        if (given != nullptr && *given == word) return field = meaning, "";
        all += (all.empty() ? "" : " or ") + quoted(word);
      }
      return "is " + all;
    };
    const auto show = [&field, words] {
      return quoted(std::ranges::find(words, field, &std::pair<std::string, T>::second)->first);
    };
    return add(name, read, show);
  }

 private:
  Section& add(const char* name, Read read, std::function<std::string()> show) {
    keys_.push_back({.section = name_, .name = name, .read = std::move(read), .show = std::move(show)});
    return *this;
  }

  std::vector<Key>& keys_;
  std::string name_;
};

void add_outside(std::vector<Key>& keys, Settings& s) {
  Section(keys, "")
      .text("node", s.node, check_name)
      .text("data_dir", s.data_dir, check_filled)
      .words("roles", {{"webhook", &s.roles.webhook},
                       {"worker", &s.roles.worker},
                       {"sender", &s.roles.sender},
                       {"api", &s.roles.api}});
  Section(keys, "http")
      .text("listen", s.http.listen, check_listen)
      .text("certificate_file", s.http.certificate_file)
      .text("key_file", s.http.key_file)
      .text("client_ca_file", s.http.client_ca_file)
      .text("client_cn", s.http.client_cn, check_filled)
      .list("trusted_proxies", s.http.trusted_proxies)
      .text("public_url", s.http.public_url, check_optional_url)
      .number("loops", s.http.loops, {.least = 1, .most = 256})
      .number("body_budget_bytes", s.http.body_budget_bytes, {.least = 8 << 20, .most = kBytes.most})
      .number("read_timeout_ms", s.http.read_timeout, kMillis)
      .number("write_timeout_ms", s.http.write_timeout, kMillis)
      .number("idle_timeout_ms", s.http.idle_timeout, kMillis)
      .number("drain_ms", s.http.drain, kMillis)
      .number("connections", s.http.connections, kCount);
  Section(keys, "admin").text("listen", s.admin.listen, check_listen).text("socket", s.admin.socket, check_filled);
  Section(keys, "log")
      .text("level", s.log.level, check_level)
      .choice("format", s.log.format, {{"text", LogStyle::Text}, {"json", LogStyle::Json}});
}

void add_inside(std::vector<Key>& keys, Settings& s) {
  Section(keys, "store")
      .secret("url", s.store.url, check_store_url)
      .number("readers", s.store.readers, {.least = 1, .most = 64})
      .number("writers", s.store.writers, {.least = 1, .most = 64})
      .number("cache_bytes", s.store.cache_bytes, kBytes);
  Section(keys, "journal")
      .text("folder", s.journal.folder, check_filled)
      .number("retention_days", s.journal.retention, kDays)
      .choice("ack", s.journal.ack, {{"journal", AckMode::Journal}, {"store", AckMode::Store}})
      .number("ack_bound_ms", s.journal.ack_bound, kMillis);
  Section(keys, "redis")
      .secret("url", s.redis.url, check_redis_url)
      .number("answer_timeout_ms", s.redis.answer_timeout, {.least = 50, .most = 60'000})
      .text("ca_file", s.redis.ca_file)
      .list("sentinels", s.redis.sentinels, check_host_and_port)
      .text("sentinel_name", s.redis.sentinel_name, check_name)
      .secret("sentinel_password", s.redis.sentinel_password);
  Section(keys, "security").text("key_file", s.security.key_file, check_filled);
  Section(keys, "graph")
      .text("base_url", s.graph.base_url, check_url)
      .text("version", s.graph.version, check_version)
      .number("timeout_ms", s.graph.timeout, kMillis)
      .text("ca_file", s.graph.ca_file);
}

void add_work(std::vector<Key>& keys, Settings& s) {
  Section(keys, "sending")
      .number("workers", s.sending.workers, kWorkers)
      .flag("pacing", s.sending.pacing)
      .number("number_per_second", s.sending.number_per_second, {.least = 0, .most = 10'000})
      .number("inbound_reserve_percent", s.sending.inbound_reserve_percent, {.least = 0, .most = 90})
      .number("pair_interval_ms", s.sending.pair_interval, kMillis)
      .number("pair_burst", s.sending.pair_burst, {.least = 1, .most = 1'000})
      .number("unknown_grace_seconds", s.sending.unknown_grace, {.least = 1, .most = 86'400})
      .number("window_margin_seconds", s.sending.window_margin, {.least = 0, .most = 3'600})
      .number("validity_hours", s.sending.validity, kHours)
      .number("fallback_claim_hours", s.sending.fallback_claim, kHours);
  Section(keys, "runs")
      .number("workers", s.runs.workers, kWorkers)
      .number("max_steps_per_run", s.runs.max_steps_per_run, kCount)
      .number("max_steps_per_sprint", s.runs.max_steps_per_sprint, kCount)
      .number("max_runs_per_contact_per_minute", s.runs.max_runs_per_contact_per_minute, kCount)
      .number("max_equal_texts_in_five_minutes", s.runs.max_equal_texts_in_five_minutes, kCount)
      .number("trigger_max_age_hours", s.runs.trigger_max_age, kHours)
      .number("max_run_hours", s.runs.max_run_time, {.least = 1, .most = 8'760})
      .number("retention_days", s.runs.retention, kDays);
  Section(keys, "outside")
      .list("allow", s.outside.allow, check_outside_place)
      .number("calls", s.outside.calls, kWorkers)
      .number("calls_per_workspace", s.outside.calls_per_workspace, kWorkers)
      .number("max_kib", s.outside.max_kib, {.least = 1, .most = 16 * 1024})
      .number("max_redirects", s.outside.max_redirects, {.least = 0, .most = 20});
  Section(keys, "queue")
      .number("lease_ms", s.queue.lease, {.least = 1'000, .most = 600'000})
      .number("sweep_ms", s.queue.sweep, {.least = 50, .most = 5'000})
      .number("untouched_seconds", s.queue.untouched, {.least = 1, .most = 3'600})
      .number("bulk_percent", s.queue.bulk_percent, {.least = 1, .most = 100})
      .number("kept_percent", s.queue.kept_percent, {.least = 0, .most = 90})
      .number("workspace_percent", s.queue.workspace_percent, {.least = 1, .most = 100})
      .number("workspace_in_flight", s.queue.workspace_in_flight, {.least = 1, .most = 1'000})
      .number("attempts", s.queue.attempts, {.least = 1, .most = 100});
}

void add_services(std::vector<Key>& keys, Settings& s) {
  Section(keys, "media")
      .text("folder", s.media.folder, check_filled)
      .number("workers", s.media.workers, kWorkers)
      .number("max_bytes", s.media.max_bytes, kBytes)
      .number("time_limit_seconds", s.media.time_limit, {.least = 1, .most = 3'600})
      .number("keep_free_bytes", s.media.keep_free_bytes, kBytes)
      .list("hosts", s.media.hosts, check_host)
      .list("types", s.media.types, check_media_type)
      .number("upload_id_days", s.media.upload_ids, {.least = 1, .most = 29})
      .number("retention_days", s.media.retention, kDays);
  Section(keys, "api")
      .flag("limits", s.api.limits)
      .number("requests_per_minute", s.api.requests_per_minute, kCount)
      .number("token_requests_per_minute", s.api.token_requests_per_minute, kCount)
      .number("sign_ins_per_minute", s.api.sign_ins_per_minute, kCount)
      .number("auth_requests_per_minute", s.api.auth_requests_per_minute, kCount)
      .number("session_days", s.api.session, {.least = 1, .most = 365});
  // The most: conversation/window_closing.h.
  Section(keys, "events")
      .number("retention_days", s.events.retention, kDays)
      .number("window_closing_minutes", s.events.window_closing, {.least = 0, .most = 715});
  Section(keys, "health")
      .number("every_minutes", s.health.every, {.least = 0, .most = 1'440})
      .number("silence_minutes", s.health.silence, {.least = 0, .most = 1'440});
}

}  // namespace

std::vector<Key> keys_of(Settings& settings) {
  std::vector<Key> keys;
  add_outside(keys, settings);
  add_inside(keys, settings);
  add_work(keys, settings);
  add_services(keys, settings);
  return keys;
}

std::vector<Contradiction> contradictions_of(const Settings& settings) {
  std::vector<Contradiction> found;
  if (settings.http.certificate_file.empty() != settings.http.key_file.empty()) {
    found.push_back({"http.key_file", "and http.certificate_file go together: set both or none"});
  }
  if (!settings.http.client_ca_file.empty() && settings.http.certificate_file.empty()) {
    found.push_back({"http.client_ca_file",
                     "needs TLS on this listener: set http.certificate_file and http.key_file too. Where a proxy ends "
                     "TLS, only the proxy can see Meta's certificate: let it verify it, and leave this empty"});
  }
  if (!settings.redis.sentinels.empty() && settings.redis.url.reveal().starts_with("unix:")) {
    found.push_back({"redis.sentinels", "go with a redis.url that begins with redis:// or rediss://"});
  }
  if (settings.runs.max_steps_per_sprint > settings.runs.max_steps_per_run) {
    found.push_back({"runs.max_steps_per_sprint", "is at most runs.max_steps_per_run"});
  }
  return found;
}

}  // namespace waypost
