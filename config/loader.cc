#include "config/loader.h"

#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "config/keys.h"

namespace waypost {

namespace {

struct Complaint {
  std::size_t line = 0;
  std::string words;
  auto operator<=>(const Complaint&) const = default;
};

SettingValue list_value(const toml::array& array) {
  std::vector<std::string> texts;
  for (const auto& node : array) {
    const auto text = node.value_exact<std::string>();
    if (!text) return NoSettingValue();
    texts.push_back(*text);
  }
  return texts;
}

SettingValue value_of(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return *text;
  if (const auto number = node.value_exact<std::int64_t>()) return *number;
  if (const auto flag = node.value_exact<bool>()) return *flag;
  if (const auto* array = node.as_array()) return list_value(*array);
  return NoSettingValue();
}

// One file's reading: sets what it finds and remembers where it stood.
class Reading {
 public:
  explicit Reading(Settings& settings) : keys_(keys_of(settings)) {
    for (const auto& key : keys_) sections_.insert(key.section);
  }

  void read_root(const toml::table& root) {
    for (const auto& [name, node] : root) {
      const std::string word(name.str());
      if (!word.empty() && sections_.contains(word)) {
        read_section(word, name.source().begin.line, node);
      } else {
        read_key("", name, node);
      }
    }
  }
  void add_contradictions(const Settings& settings) {
    for (const auto& [key, words] : contradictions_of(settings)) {
      const auto line = lines_.find(key);
      complaints_.push_back({line == lines_.end() ? 1 : line->second, key + " " + words});
    }
  }
  // In the file's order: a table of TOML iterates by name.
  std::vector<Complaint> complaints() && {
    std::ranges::sort(complaints_);
    return std::move(complaints_);
  }

 private:
  void read_section(const std::string& section, std::size_t line, const toml::node& node) {
    const auto* table = node.as_table();
    if (table == nullptr) {
      complaints_.push_back({line, section + " is a section"});
      return;
    }
    for (const auto& [name, inner] : *table) read_key(section, name, inner);
  }
  void read_key(const std::string& section, const toml::key& name, const toml::node& node) {
    const auto line = static_cast<std::size_t>(name.source().begin.line);
    const auto path = section.empty() ? std::string(name.str()) : section + "." + std::string(name.str());
    const auto found = std::ranges::find(keys_, path, &Key::path);
    const auto words = found == keys_.end() ? unknown(path, node) : found->read(value_of(node));
    lines_[path] = line;
    if (!words.empty()) complaints_.push_back({line, path + " " + words});
  }
  // Of an unknown table each key is named, so that the line is the one to strike.
  std::string unknown(const std::string& path, const toml::node& node) {
    const auto* table = node.as_table();
    if (table == nullptr || table->empty()) return "is not a setting";
    for (const auto& [name, inner] : *table) read_key(path, name, inner);
    return "";
  }

  std::vector<Key> keys_;
  std::set<std::string> sections_;
  std::map<std::string, std::size_t> lines_;
  std::vector<Complaint> complaints_;
};

std::string absolute_in(const std::string& folder, const std::string& path) {
  if (path.empty()) return path;
  return (std::filesystem::path(folder) / path).lexically_normal().string();
}

// "unix:redis.sock" to "unix:/folder/redis.sock"; another kind of URL stays.
std::string absolute_url(const std::string& folder, const std::string& scheme, const std::string& url) {
  return url.starts_with(scheme) ? scheme + absolute_in(folder, url.substr(scheme.size())) : url;
}

Settings with_absolute_paths(Settings settings, const std::string& folder) {
  settings.data_dir = absolute_in(folder, settings.data_dir);
  settings.http.certificate_file = absolute_in(folder, settings.http.certificate_file);
  settings.http.key_file = absolute_in(folder, settings.http.key_file);
  settings.http.client_ca_file = absolute_in(folder, settings.http.client_ca_file);
  settings.graph.ca_file = absolute_in(folder, settings.graph.ca_file);
  settings.redis.ca_file = absolute_in(folder, settings.redis.ca_file);
  const auto& made = settings.data_dir;
  settings.admin.socket = absolute_in(made, settings.admin.socket);
  settings.store.url = Secret(absolute_url(made, "sqlite:", settings.store.url.reveal()));
  settings.journal.folder = absolute_in(made, settings.journal.folder);
  settings.media.folder = absolute_in(made, settings.media.folder);
  settings.security.key_file = absolute_in(made, settings.security.key_file);
  settings.redis.url = Secret(absolute_url(made, "unix:", settings.redis.url.reveal()));
  return settings;
}

Error refusal(const std::vector<Complaint>& complaints, const std::string& path) {
  std::string words;
  for (const auto& [line, complaint] : complaints) {
    words += (words.empty() ? "" : "\n") + path + ":" + std::to_string(line) + ": " + complaint;
  }
  return Error(ErrorKind::InvalidInput, words);
}

}  // namespace

Result<Settings> parse_settings(std::string_view text, const std::string& path) {
  Settings settings;
  Reading reading(settings);
  try {
    reading.read_root(toml::parse(text, path));
  } catch (const toml::parse_error& fault) {
    return fail(refusal({{fault.source().begin.line, std::string(fault.description())}}, path));
  }
  reading.add_contradictions(settings);
  const auto complaints = std::move(reading).complaints();
  if (!complaints.empty()) return fail(refusal(complaints, path));
  return with_absolute_paths(std::move(settings), std::filesystem::absolute(path).parent_path().string());
}

Result<Settings> load_settings(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ErrorKind::NotFound, path + ": " + std::strerror(errno));
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (file.bad()) return fail(ErrorKind::Unavailable, path + " cannot be read");
  return parse_settings(text, path);
}

Settings default_settings() {
  const Settings settings;
  return with_absolute_paths(settings, std::filesystem::current_path().string());
}

std::vector<SettingKey> setting_keys() {
  Settings settings;
  std::vector<SettingKey> all;
  for (const auto& key : keys_of(settings)) all.push_back({.path = key.path(), .default_value = key.show()});
  return all;
}

}  // namespace waypost
