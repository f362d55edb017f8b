#include "config/loader.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "config/checks.h"

namespace waypost {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;

Result<Settings> parsed(std::string_view text) { return parse_settings(text, "/etc/waypost/waypost.toml"); }

std::string complaint(std::string_view text) {
  const auto settings = parsed(text);
  if (settings) return "";
  EXPECT_EQ(settings.error().kind(), ErrorKind::InvalidInput);
  return settings.error().words();
}

TEST(Settings, AnEmptyFileGivesTheDefaults) {
  const auto settings = parsed("").value();
  EXPECT_EQ(settings.http.listen, "127.0.0.1:8080");
  EXPECT_EQ(settings.journal.retention, std::chrono::days(14));
  EXPECT_EQ(settings.runs.retention, std::chrono::days(90));
  EXPECT_EQ(settings.graph.timeout, std::chrono::seconds(20));
  EXPECT_EQ(settings.sending.pair_interval, std::chrono::seconds(6));
}

TEST(Settings, EveryKindOfValueIsRead) {
  const auto settings = parsed(R"(
node = "b"
[http]
trusted_proxies = ["10.0.0.1", "10.0.0.2"]
loops = 2
[log]
format = "json"
[journal]
retention_days = 3
ack = "store"
[redis]
url = "redis://u:p@host/1"
[sending]
pacing = false
[runs]
retention_days = 7
)")
                            .value();
  EXPECT_EQ(settings.node, "b");
  EXPECT_THAT(settings.http.trusted_proxies, ElementsAre("10.0.0.1", "10.0.0.2"));
  EXPECT_EQ(settings.http.loops, 2U);
  EXPECT_EQ(settings.log.format, LogStyle::Json);
  EXPECT_EQ(settings.journal.retention, std::chrono::days(3));
  EXPECT_EQ(settings.journal.ack, AckMode::Store);
  EXPECT_EQ(settings.redis.url.reveal(), "redis://u:p@host/1");
  EXPECT_FALSE(settings.sending.pacing);
  EXPECT_EQ(settings.runs.retention, std::chrono::days(7));
}

TEST(Settings, RolesAreOneOrMoreOfFour) {
  EXPECT_EQ(parsed("")->roles, Roles());
  EXPECT_EQ(parsed("roles = [\"sender\", \"api\"]")->roles, (Roles{.webhook = false, .worker = false}));
  for (const auto* text : {"roles = []", "roles = [\"send\"]", "roles = \"api\"", "roles = [\"api\", 1]"}) {
    EXPECT_EQ(complaint(text),
              "/etc/waypost/waypost.toml:1: roles is a list of one or more of "
              "[\"webhook\", \"worker\", \"sender\", \"api\"]")
        << text;
  }
}

TEST(Settings, PathsOfTheOperatorAreTakenFromTheFilesFolderAndOursFromDataDir) {
  const auto settings = parsed(R"(
data_dir = "state"
[http]
certificate_file = "tls/chain.pem"
key_file = "/secret/key.pem"
client_ca_file = "tls/meta.pem"
[redis]
url = "unix:redis.sock"
)")
                            .value();
  EXPECT_EQ(settings.data_dir, "/etc/waypost/state");
  EXPECT_EQ(settings.http.certificate_file, "/etc/waypost/tls/chain.pem");
  EXPECT_EQ(settings.http.key_file, "/secret/key.pem");
  EXPECT_EQ(settings.http.client_ca_file, "/etc/waypost/tls/meta.pem");
  EXPECT_EQ(settings.graph.ca_file, "");
  EXPECT_EQ(settings.store.url.reveal(), "sqlite:/etc/waypost/state/waypost.db");
  EXPECT_EQ(settings.journal.folder, "/etc/waypost/state/journal");
  EXPECT_EQ(settings.security.key_file, "/etc/waypost/state/store.key");
  EXPECT_EQ(settings.admin.socket, "/etc/waypost/state/admin.sock");
  EXPECT_EQ(settings.redis.url.reveal(), "unix:/etc/waypost/state/redis.sock");
}

TEST(Settings, UnknownKeysAndSectionsAreNamedWithTheirLine) {
  EXPECT_EQ(complaint("nod = \"x\"\n\n[store]\nurls = 1\n[store.postgres]\npool = 3\n"),
            "/etc/waypost/waypost.toml:1: nod is not a setting\n"
            "/etc/waypost/waypost.toml:4: store.urls is not a setting\n"
            "/etc/waypost/waypost.toml:6: store.postgres.pool is not a setting");
  EXPECT_EQ(complaint("\n[mail]\nhost = \"x\"\n"), "/etc/waypost/waypost.toml:3: mail.host is not a setting");
  EXPECT_EQ(complaint("[mail]\n"), "/etc/waypost/waypost.toml:1: mail is not a setting");
}

TEST(Settings, AllComplaintsComeInTheOrderOfTheFile) {
  EXPECT_EQ(complaint("[sending]\nworkers = 0\n[http]\nloops = 1.5\nlisten = \"8080\"\n"),
            "/etc/waypost/waypost.toml:2: sending.workers is 1 to 10000\n"
            "/etc/waypost/waypost.toml:4: http.loops is a whole number\n"
            "/etc/waypost/waypost.toml:5: http.listen is \"host:port\", \"[IPv6]:port\" or \"unix:/path\"");
}

TEST(Settings, WrongKindsOfValuesAreRefused) {
  for (const auto* text : {"node = 3", "http = 3", "[sending]\npacing = 1", "[http]\ntrusted_proxies = \"a\"",
                           "[http]\ntrusted_proxies = [1]", "[http]\nloops = \"1\"", "[log]\nformat = \"xml\"",
                           "[log]\nformat = 1", "[log]\nlevel = {a = 1}", "[graph]\ntimeout_ms = 2020-01-01"}) {
    EXPECT_NE(complaint(text), "") << text;
  }
}

TEST(Settings, SyntaxErrorsCarryTheLine) {
  EXPECT_THAT(complaint("node = \"a\"\n[http\n"), testing::StartsWith("/etc/waypost/waypost.toml:2: "));
}

TEST(Settings, KeysThatContradictEachOtherAreRefused) {
  EXPECT_THAT(complaint("[http]\ncertificate_file = \"a\"\n"), testing::HasSubstr("http.key_file"));
  EXPECT_THAT(complaint("[http]\nclient_ca_file = \"a\"\n"), testing::HasSubstr("needs TLS on this listener"));
  EXPECT_THAT(complaint("[http]\nclient_cn = \"\"\n"), testing::HasSubstr("http.client_cn is not empty"));
  EXPECT_THAT(complaint("\n[runs]\nmax_steps_per_sprint = 501\n"), testing::HasSubstr(":3: runs.max_steps_per_sprint"));
}

TEST(Settings, SentinelsArePlacesAndGoWithAUrlOfAHost) {
  constexpr std::string_view kUrl = "[redis]\nurl = \"rediss://u:p@any\"\nca_file = \"ca.pem\"\n";
  const auto settings = parsed(std::string(kUrl) + "sentinels = [\"a:26379\", \"[::1]:26379\"]\n").value();
  EXPECT_THAT(settings.redis.sentinels, ElementsAre("a:26379", "[::1]:26379"));
  EXPECT_EQ(settings.redis.ca_file, "/etc/waypost/ca.pem");
  for (const auto* bad : {"a", "unix:/a", "a:b", ":1", "u@a:1"}) {
    EXPECT_EQ(
        complaint(std::string(kUrl) + "sentinels = [\"a:1\", \"" + bad + "\"]\n"),
        "/etc/waypost/waypost.toml:4: redis.sentinels is a list, and each of it is \"host:port\" or \"[IPv6]:port\"");
  }
  EXPECT_THAT(complaint("[redis]\nsentinels = [\"a:1\"]\n"), testing::HasSubstr(":2: redis.sentinels go with"));
}

TEST(Settings, WhatWorkflowsMayAskIsListed) {
  const auto settings =
      parsed("[outside]\nallow = [\"10.1.0.0/16\", \"fd00::/8\", \"10.1.2.3\", \"crm.internal\"]\nmax_redirects = 0\n")
          .value();
  EXPECT_THAT(settings.outside.allow, ElementsAre("10.1.0.0/16", "fd00::/8", "10.1.2.3", "crm.internal"));
  EXPECT_EQ(settings.outside.max_redirects, 0);
  EXPECT_EQ(settings.outside.max_kib, 1024U);
  EXPECT_TRUE(parsed("")->outside.allow.empty());
  for (const auto* bad : {"", "10.1.0.0/33", "10.1/16", "127.1", "https://crm", "crm:443", "fd00::/129", "a b", "x."}) {
    EXPECT_THAT(complaint(std::string("[outside]\nallow = [\"") + bad + "\"]\n"),
                testing::HasSubstr(":2: outside.allow is a list, and each of it is a network"))
        << bad;
  }
}

TEST(Settings, NoComplaintRepeatsAUrl) {
  EXPECT_THAT(complaint("[redis]\nurl = \"redix://u:hush@h\"\n"), testing::Not(testing::HasSubstr("hush")));
  EXPECT_THAT(complaint("[store]\nurl = \"pg://u:hush@h\"\n"), testing::Not(testing::HasSubstr("hush")));
}

TEST(Settings, AMissingFileIsNotFound) {
  EXPECT_EQ(load_settings("/nowhere/waypost.toml").error().kind(), ErrorKind::NotFound);
}

TEST(SettingsChecks, KnowAGoodListenFromABadOne) {
  for (const auto* good : {"127.0.0.1:0", "[::1]:8080", "localhost:80", "unix:/run/x.sock"}) {
    EXPECT_EQ(check_listen(good), "") << good;
  }
  for (const auto* bad : {"", "8080", ":8080", "host:", "host:70000", "::1:80", "unix:x", "host:80a"}) {
    EXPECT_NE(check_listen(bad), "") << bad;
  }
}

TEST(SettingsChecks, KnowAGoodVersionFromABadOne) {
  EXPECT_EQ(check_version("v25.0"), "");
  for (const auto* bad : {"", "v", "v.", "v25", "v.0", "25.0", "v25.x"}) EXPECT_NE(check_version(bad), "") << bad;
}

std::string file_text(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::filesystem::path commented_file() {
  return std::filesystem::path(WAYPOST_TEST_DATA).parent_path().parent_path() / "config" / "waypost.toml";
}

// The commented file's keys and values, as text: "http.listen" → "\"127.0.0.1:8080\"".
std::vector<std::pair<std::string, std::string>> commented_keys() {
  std::ifstream file(commented_file());
  std::vector<std::pair<std::string, std::string>> keys;
  std::string section;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('[')) section = line.substr(1, line.size() - 2) + ".";
    const auto equals = line.find(" = ");
    if (!line.starts_with('#') || line.starts_with("# ") || equals == std::string::npos) continue;
    keys.emplace_back(section + line.substr(1, equals - 1), line.substr(equals + 3));
  }
  return keys;
}

TEST(CommentedFile, ListsExactlyTheKeysOfTheLoaderWithTheirDefaults) {
  std::vector<std::pair<std::string, std::string>> known;
  for (const auto& key : setting_keys()) known.emplace_back(key.path, key.default_value);
  EXPECT_THAT(commented_keys(), ElementsAreArray(known));
}

TEST(CommentedFile, SaysASentenceBeforeEachKey) {
  std::ifstream file(commented_file());
  std::string before;
  for (std::string line; std::getline(file, line); before = line) {
    if (!line.starts_with('#') || line.starts_with("# ") || line == "#") continue;
    EXPECT_TRUE(before.starts_with('#')) << line;
  }
}

TEST(CommentedFile, MeansTheSameWithItsKeysStruckFree) {
  std::string text = file_text(commented_file());
  for (auto at = text.find("\n#"); at != std::string::npos; at = text.find("\n#", at + 1)) {
    if (text[at + 2] != ' ' && text[at + 2] != '\n') text.erase(at + 1, 1);
  }
  const auto free = parsed(text);
  ASSERT_TRUE(free.has_value()) << free.error().words();
  EXPECT_EQ(free->store.url.reveal(), parsed("")->store.url.reveal());
  EXPECT_TRUE(load_settings(commented_file().string()).has_value());
}

}  // namespace
}  // namespace waypost
