// The keys of the settings' file, each tied to its field: what it takes, its bounds, how its value is written. Pure.

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "config/settings.h"

namespace waypost {

struct NoSettingValue {};  // a float, a date, a table, a mixed list: no setting takes one
using SettingValue = std::variant<NoSettingValue, std::string, std::int64_t, bool, std::vector<std::string>>;

struct Key {
  std::string section;  // "" for the keys above all sections
  std::string name;
  // Sets the field; gives the complaint ("is a text", "is 1 to 64"), or "" when the value is good.
  std::function<std::string(const SettingValue&)> read;
  // The field's value as TOML writes it.
  std::function<std::string()> show;

  std::string path() const { return section.empty() ? name : section + "." + name; }
};

// Every key, in the order of Settings. `settings` outlives the keys.
std::vector<Key> keys_of(Settings& settings);

// What one field cannot see: pairs of keys that contradict each other. The key to complain about, and the complaint.
struct Contradiction {
  std::string key;
  std::string words;
};
std::vector<Contradiction> contradictions_of(const Settings& settings);

}  // namespace waypost
