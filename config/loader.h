// The settings' file: reading, checking, listing. Any thread; called at start and on reload.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "config/settings.h"

namespace waypost {

// Reads and checks the whole file. InvalidInput holds every complaint, one a line and in the file's order, as
// "<file>:<line>: <key> <what is wrong>"; NotFound when there is no file.
Result<Settings> load_settings(const std::string& path);

// The same for text; `path` is used for complaints and, by its folder, for relative paths.
Result<Settings> parse_settings(std::string_view text, const std::string& path);

// What holds without a file: the defaults with absolute paths.
Settings default_settings();

// One key that the file may hold.
struct SettingKey {
  std::string path;           // "http.listen"
  std::string default_value;  // as TOML writes it
};
// Every key the loader knows, in the order of Settings.
std::vector<SettingKey> setting_keys();

}  // namespace waypost
