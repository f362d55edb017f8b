// Settings: everything an operator can set, with the defaults. Read once by load_settings (config/loader.h), then
// constant: any thread. config/waypost.toml explains each key; a test holds the three together.
//
// After loading every path is absolute. In the file a relative path is taken from the file's own folder for what the
// operator provides (data_dir, certificates, ca_file), and from data_dir for what Waypost makes (store, journal, keys,
// sockets).

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/secret.h"

namespace waypost {

enum class AckMode { Journal, Store };
enum class LogStyle { Text, Json };

// What this node does. The admin socket and the health listener are always there.
struct Roles {
  bool webhook = true;  // takes webhooks into a journal of its own, and applies it
  bool worker = true;   // runs workflows, fetches media
  bool sender = true;   // sends messages
  bool api = true;      // serves the API
  bool operator==(const Roles&) const = default;
};

struct HttpSettings {
  std::string listen = "127.0.0.1:8080";
  std::string certificate_file;  // empty: plain HTTP
  std::string key_file;
  std::string client_ca_file;  // with it only clients with a certificate of these authorities may use the webhook
  std::string client_cn = "client.webhooks.fbclientcerts.com";  // and of this common name: Meta's
  std::vector<std::string> trusted_proxies;
  std::string public_url;  // how the outside reaches us; empty: taken from each request
  std::size_t loops = 1;
  std::size_t body_budget_bytes = 256 << 20;
  std::chrono::milliseconds read_timeout{10'000};
  std::chrono::milliseconds write_timeout{10'000};
  std::chrono::milliseconds idle_timeout{75'000};
  std::chrono::milliseconds drain{10'000};  // how long SIGTERM waits for requests and handlers
  std::size_t connections = 10'000;
};

struct AdminSettings {
  std::string listen = "127.0.0.1:9090";
  std::string socket = "admin.sock";
};

struct LogSettings {
  std::string level = "info";
  LogStyle format = LogStyle::Text;
};

struct StoreSettings {
  Secret url{"sqlite:waypost.db"};  // PostgreSQL's holds a password
  std::size_t readers = 2;
  std::size_t writers = 4;
  std::size_t cache_bytes = 64 << 20;
};

struct JournalFolderSettings {
  std::string folder = "journal";
  std::chrono::days retention{14};
  AckMode ack = AckMode::Journal;
  std::chrono::milliseconds ack_bound{5'000};
};

struct RedisSettings {
  Secret url{"unix:/run/redis/redis-server.sock"};
  std::chrono::milliseconds answer_timeout{2'000};
  std::string ca_file;                 // for rediss://; empty: the system's
  std::vector<std::string> sentinels;  // "host:port" each; empty: the URL's own host and port
  std::string sentinel_name = "waypost";
  Secret sentinel_password;
};

struct SecuritySettings {
  std::string key_file = "store.key";
};

struct GraphSettings {
  std::string base_url = "https://graph.facebook.com";
  std::string version = "v25.0";
  std::chrono::milliseconds timeout{20'000};
  std::string ca_file;  // empty: the system's
};

struct SendingSettings {
  std::size_t workers = 64;
  bool pacing = true;
  int number_per_second = 0;         // at most; 0: what Meta lets the number
  int inbound_reserve_percent = 25;  // of that, kept free: Meta counts inbound and outbound together
  std::chrono::milliseconds pair_interval{6'000};
  int pair_burst = 45;
  std::chrono::seconds unknown_grace{120};
  std::chrono::seconds window_margin{60};
  std::chrono::hours validity{24};
  std::chrono::hours fallback_claim{24};
};

struct RunSettings {
  std::size_t workers = 64;
  int max_steps_per_run = 500;
  int max_steps_per_sprint = 50;
  int max_runs_per_contact_per_minute = 30;
  int max_equal_texts_in_five_minutes = 5;
  std::chrono::hours trigger_max_age{24};
  std::chrono::hours max_run_time{30 * 24};  // with its waits
  std::chrono::days retention{90};           // of runs that have ended, with their steps
};

// What workflows ask of servers outside: their HTTP requests and language models.
struct OutsideSettings {
  std::vector<std::string> allow{};      // private addresses, networks and host names that may be asked all the same
  std::size_t calls = 256;               // at a time, per node
  std::size_t calls_per_workspace = 32;  // of these
  std::size_t max_kib = 1'024;           // of an answer's body
  int max_redirects = 5;
};

struct QueueSettings {
  std::chrono::milliseconds lease{3'000};
  std::chrono::milliseconds sweep{1'000};
  std::chrono::seconds untouched{60};       // due rows older than this are offered again
  std::size_t bulk_percent = 75;            // of a pool's workers that bulk may have
  std::size_t kept_percent = 10;            // of a pool's workers for workspaces that have no more than that in flight
  std::size_t workspace_percent = 50;       // of all keys in flight that a workspace may have while another's wait
  std::size_t workspace_in_flight = 1'000;  // keys that a workspace may have in flight at all, per queue, on all nodes
  int attempts = 10;                        // faults of ours in a row before a conversation's work is buried
};

// What customers send beside words, and what is sent to them.
struct MediaSettings {
  std::string folder = "media";
  std::size_t workers = 16;                               // fetched at a time, per node
  std::size_t max_bytes = 100 << 20;                      // of one file; Meta's own limit
  std::chrono::seconds time_limit{120};                   // of one download or upload
  std::size_t keep_free_bytes = 1 << 30;                  // of the folder's disk, which others may need, too
  std::vector<std::string> hosts{"lookaside.fbsbx.com"};  // beside the Graph API's own, who may see a token
  // As sniffed (conversation/media_type.h), whatever the sender calls it.
  std::vector<std::string> types{"image/jpeg",
                                 "image/png",
                                 "image/webp",
                                 "image/gif",
                                 "video/mp4",
                                 "video/3gpp",
                                 "video/quicktime",
                                 "audio/aac",
                                 "audio/amr",
                                 "audio/mpeg",
                                 "audio/mp4",
                                 "audio/ogg",
                                 "audio/wav",
                                 "application/pdf",
                                 "application/rtf",
                                 "application/msword",
                                 "application/vnd.ms-excel",
                                 "application/vnd.ms-powerpoint",
                                 "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                                 "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                                 "application/vnd.openxmlformats-officedocument.presentationml.presentation",
                                 "application/vnd.oasis.opendocument.text",
                                 "application/vnd.oasis.opendocument.spreadsheet",
                                 "application/vnd.oasis.opendocument.presentation",
                                 "text/plain",
                                 "text/csv",
                                 "text/vcard"};
  std::chrono::days upload_ids{29};  // how long Meta's ids of what was uploaded are believed: Meta forgets after 30
  std::chrono::days retention{365};
};

struct ApiSettings {
  bool limits = true;
  int requests_per_minute = 100;        // per IP address
  int token_requests_per_minute = 600;  // per API token
  int sign_ins_per_minute = 5;          // per IP address
  int auth_requests_per_minute = 10;    // other /api/auth/*, per IP address
  std::chrono::days session{7};
};

struct EventSettings {
  std::chrono::days retention{30};
  std::chrono::minutes window_closing{60};  // before a window ends; 0: nothing is told
};

// The looks at channels.
struct HealthSettings {
  std::chrono::minutes every{15};    // 0: only on demand
  std::chrono::minutes silence{30};  // an accepted message without any status for so long is an alarm; 0: never
};

struct Settings {
  std::string node = "node-1";
  std::string data_dir = "/var/lib/waypost";
  Roles roles;
  HttpSettings http;
  AdminSettings admin;
  LogSettings log;
  StoreSettings store;
  JournalFolderSettings journal;
  RedisSettings redis;
  SecuritySettings security;
  GraphSettings graph;
  SendingSettings sending;
  RunSettings runs;
  OutsideSettings outside;
  QueueSettings queue;
  MediaSettings media;
  ApiSettings api;
  EventSettings events;
  HealthSettings health;
};

}  // namespace waypost
