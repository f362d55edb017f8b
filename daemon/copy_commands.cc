#include "daemon/copy_commands.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <optional>

#include "config/loader.h"
#include "daemon/command_line.h"
#include "daemon/export_writer.h"
#include "sql/open.h"
#include "store/export.h"
#include "store/import.h"
#include "store/migrate.h"

namespace waypost {
namespace {

constexpr std::int64_t kRowsBetweenWords = 20'000;
constexpr const char* kBeside =
    "It holds personal data and sealed secrets. Keep apart from it, and safe as well:\n"
    "  the key file (security.key_file, by default store.key in data_dir): without it no sealed secret opens again\n"
    "  the journal's folder (journal.folder), where webhooks that are not applied yet lie\n";

// Progress on standard error, one line that is written over on a terminal.
class Progress {
 public:
  void tell(const std::string& what, std::int64_t rows) {
    if (rows - told_ < kRowsBetweenWords) return;
    told_ = rows;
    fmt::print(stderr, "waypost: {}: {} rows\n", what, rows);
  }

 private:
  std::int64_t told_ = 0;
};

std::int64_t sum_of(const std::map<std::string, std::int64_t>& rows) {
  std::int64_t sum = 0;
  for (const auto& [table, count] : rows) sum += count;
  return sum;
}

// Export --------------------------------------------------------------------------------------------------------------

Result<void> daemon_must_be_away(const Result<std::optional<sql::FileLock>>& away, const char* instead) {
  if (away) return {};
  if (away.error().kind() != ErrorKind::Conflict) return fail(away.error());
  return fail(ErrorKind::Conflict,
              "waypostd is running on this store: stop it first (every node of it)" + std::string(instead));
}

Result<void> write_all(sql::Session& session, store::Exporter& exporter, ExportWriter& writer) {
  Progress progress;
  try {
    session.begin();
    if (auto whole = store::refuse_half_import(session); !whole) return whole;
    while (true) {
      auto piece = exporter.next();
      if (!piece) return fail(std::move(piece.error()));
      if (!*piece) return writer.sync();
      if (auto written = writer.write(**piece); !written) return written;
      progress.tell("exporting", sum_of(exporter.rows()));
    }
  } catch (const sql::Fault& fault) {
    return fail(fault.error().during("reading the store"));
  }
}

Result<Json> export_store(const AdminLink&, const Words& words) {
  const auto settings = load_settings(words.settings_file);
  if (!settings) return fail(settings.error());
  auto session = sql::open_reader(settings->store.url);
  if (!session) return fail(std::move(session.error()));
  const auto away = sql::keep_daemons_away(settings->store.url);
  if (auto alone = daemon_must_be_away(away, ", or use waypost backup"); !alone) return fail(alone.error());
  auto writer = ExportWriter::open(words.path);
  if (!writer) return fail(std::move(writer.error()));
  store::Exporter exporter(**session, store::Taken::Offline, SystemClock().now());
  if (auto written = write_all(**session, exporter, **writer); !written) return fail(std::move(written.error()));
  if (auto moved = (*writer)->move_into_place(); !moved) return fail(std::move(moved.error()));
  fmt::print(stderr, "{}", kBeside);
  return Json{{"file", words.path}, {"rows", sum_of(exporter.rows())}, {"tables", exporter.rows().size()}};
}

// Backup --------------------------------------------------------------------------------------------------------------

Result<Json> back_up(const AdminLink& link, const Words& words) {
  auto writer = ExportWriter::open(words.path);
  if (!writer) return fail(std::move(writer.error()));
  const auto streamed =
      link.ask_streamed("GET", "/admin/backup", {}, [&](std::string_view piece) { return (*writer)->write(piece); });
  if (!streamed) return fail(streamed.error());
  if (auto synced = (*writer)->sync(); !synced) return fail(std::move(synced.error()));
  const auto file = store::check_export((*writer)->fresh_path(), nullptr);
  if (!file) {
    return fail(ErrorKind::Unavailable,
                "the backup came in part only, and nothing of it is kept: the log of waypostd "
                "says why (" +
                    file.error().words() + ")");
  }
  if (auto moved = (*writer)->move_into_place(); !moved) return fail(std::move(moved.error()));
  std::int64_t rows = 0;
  for (const auto& table : file->tables) rows += table.rows;
  fmt::print(stderr, "{}", kBeside);
  return Json{{"file", words.path}, {"at", file->at}, {"rows", rows}, {"tables", file->tables.size()}};
}

// Import --------------------------------------------------------------------------------------------------------------

// The key file is made by whoever needs one first; here a fresh one would hide that the old one is missing.
Result<std::optional<Keyring>> keyring_at_hand(const std::string& path) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  auto keyring = Keyring::load_or_create(path);
  if (!keyring) return fail(std::move(keyring.error()).during("reading the key file"));
  return *std::move(keyring);
}

Result<store::ExportFile> checked_file(const Words& words, const Settings& settings) {
  const std::string& key_file = settings.security.key_file;
  const auto keyring = keyring_at_hand(key_file);
  if (!keyring) return fail(keyring.error());
  fmt::print(stderr, "waypost: checking {}\n", words.path);
  const Keyring nothing({{"none", Secret(std::string(32, '\0'))}}, "none");
  auto file = store::check_export(words.path, *keyring ? &**keyring : &nothing);
  if (!file || file->unopened == 0) return file;
  if (file->unopened < file->sealed) {
    fmt::print(stderr, "waypost: {} of {} sealed secrets do not open with {}: enter them again, or add the older key\n",
               file->unopened, file->sealed, key_file);
    return file;
  }
  return fail(ErrorKind::Rejected, "the sealed secrets of this export do not open with " + key_file +
                                       (*keyring ? "" : ", which is absent") +
                                       ": put the key file of the exported installation there first");
}

Result<std::unique_ptr<sql::Database>> open_target(const Settings& settings) {
  std::error_code made;
  std::filesystem::create_directories(settings.data_dir, made);
  if (made) return fail(ErrorKind::InvalidInput, settings.data_dir + " cannot be made: " + made.message());
  {
    const auto away = sql::keep_daemons_away(settings.store.url);
    if (auto alone = daemon_must_be_away(away, ""); !alone) return fail(alone.error());
  }
  auto database = sql::open(
      settings.store.url,
      {.readers = 1, .writers = 1, .cache_bytes = settings.store.cache_bytes, .application_name = "waypost-copy"});
  if (!database) return fail(std::move(database.error()).during("opening the store"));
  auto migrated = store::migrate(**database, (*database)->engine(), SystemClock().now());
  if (!migrated) return fail(std::move(migrated.error()).during("migrating the store"));
  return database;
}

Json counts_of(const store::Imported& imported) {
  Json items = Json::array();
  for (const auto& table : imported.tables)
    items.push_back({{"table", table.name}, {"inFile", table.in_file}, {"inStore", table.in_store}});
  return items;
}

void print_counts(const store::Imported& imported) {
  fmt::print("{:28} {:>12} {:>12}\n", "table", "in file", "in store");
  for (const auto& table : imported.tables) {
    fmt::print("{:28} {:>12} {:>12}{}\n", table.name, table.in_file, table.in_store,
               table.in_file == table.in_store ? "" : "  differs");
  }
}

Result<Json> import_store(const AdminLink&, const Words& words) {
  const auto settings = load_settings(words.settings_file);
  if (!settings) return fail(settings.error());
  const auto file = checked_file(words, *settings);
  if (!file) return fail(file.error());
  const auto database = open_target(*settings);
  if (!database) return fail(database.error());
  Progress progress;
  const auto imported =
      store::import_store(**database, *file, SystemClock().now(),
                          [&](const std::string& table, std::int64_t rows) { progress.tell(table, rows); });
  if (!imported) return fail(imported.error());
  if (!words.json) print_counts(*imported);
  if (!imported->is_complete()) {
    if (words.json) std::puts(dump({{"items", counts_of(*imported)}, {"complete", false}}).c_str());
    return fail(ErrorKind::Internal, "the store does not hold what the file does: begin again with a new, empty store");
  }
  if (imported->went_on) fmt::print(stderr, "waypost: an import of this file had been cut short; it went on there\n");
  if (imported->held > 0) {
    fmt::print(stderr,
               "waypost: {} messages that waited to be sent are held, because the backup was taken from a "
               "running installation: see waypost sends held\n",
               imported->held);
  }
  if (!words.json) return Json();
  return Json{{"items", counts_of(*imported)}, {"complete", true}, {"held", imported->held}};
}

}  // namespace

void add_copy_commands(CommandLine& line) {
  const auto config = [&line](CLI::App* made) {
    made->add_option("--config", line.words.settings_file, "The settings file of the installation.")
        ->capture_default_str();
  };
  auto* exported = line.command(&line.app, "export",
                                "Writes the whole store of a stopped installation to a file, whatever its engine. "
                                "Example: waypost export waypost.export --config /etc/waypost/waypost.toml",
                                export_store);
  exported->add_option("file", line.words.path, "The file to write (mode 0600).")->required();
  config(exported);
  auto* imported = line.command(&line.app, "import",
                                "Fills a new, empty store from an export or a backup; one that was cut short goes on. "
                                "Example: waypost import waypost.export --config /etc/waypost/waypost.toml",
                                import_store);
  imported->add_option("file", line.words.path, "The file that was exported.")->required();
  config(imported);
  auto* backup = line.command(&line.app, "backup",
                              "Writes the whole store of the running waypostd to a file, as of this moment. "
                              "Example: waypost backup /var/backups/waypost.export",
                              back_up);
  backup->add_option("file", line.words.path, "The file to write (mode 0600).")->required();
}

}  // namespace waypost
