// World: everything the simulator remembers, in memory: numbers, customers, templates, and each message either way.
// Plain values; the rules are elsewhere. Loop only.

#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/secret.h"
#include "sandbox/settings.h"
#include "sandbox/template_rules.h"

namespace waypost::sandbox {

// Meta's clock: the machine's, moved ahead by whoever tests. Timestamps and the service window follow it; pauses and
// retries run in real time.
class MetaClock final : public Clock {
 public:
  Time now() const override { return machine_.now() + ahead_; }
  void advance(milliseconds by) { ahead_ += by; }

 private:
  SystemClock machine_;
  milliseconds ahead_{0};
};

// A business number, its WABA, and the Meta app that owns both.
struct Number {
  std::string phone_number_id;
  std::string display_phone_number;  // digits
  std::string verified_name = "Sandbox business";
  std::string waba_id;
  std::string app_id = "900000000000001";
  Secret token;
  Secret app_secret;
  Secret verify_token;
  std::string webhook_url;           // empty: nothing is sent
  bool subscribed = true;            // the app to the WABA
  Json fields = Json::object();      // of the number, beside the usual ones and before them
  Json token_info = Json::object();  // of debug_token, the same
};

struct Customer {
  std::string key;      // the phone's digits, or the BSUID of one whose phone nobody knows
  std::string phone;    // digits; empty: unknown
  std::string user_id;  // BSUID
  std::string name;
  std::string username;
  bool shares_phone = true;                 // false: webhooks omit the phone
  std::map<std::string, Time> last_writes;  // by phone_number_id: what opens the service window
};

// What a customer wrote.
struct Inbound {
  std::string wamid;
  std::string phone_number_id;
  std::string customer;  // key
  std::string type;
  std::string text;
  Time at;
  bool acked = false;  // its webhook was answered 200
  std::optional<Time> acked_at{};
  bool read_by_business = false;  // marked as read
  std::uint64_t load = 0;         // the load it belongs to; 0: written by hand
};

// A file that a customer sent.
struct MediaFile {
  std::string id;
  std::string phone_number_id;  // it came to
  std::string mime_type;        // as the customer's phone says
  std::string bytes;
  Time at;
};
struct MediaAddress {
  std::string id;
  Time until;
};

enum class Status { Sent, Delivered, Read, Failed };
std::string_view name_of(Status status);

struct StatusNote {
  Status status = Status::Sent;
  Time at;
  bool acked = false;
};

// What a business sent and Meta accepted.
struct Outbound {
  std::string wamid;
  std::string phone_number_id;
  std::string customer;  // key
  bool to_user_id = false;
  std::string type;
  std::string text;
  Json content;
  std::string callback_data;
  std::string reply_to;
  std::string category = "service";  // of its price
  Time accepted_at;
  std::optional<Time> delivered_at;
  std::optional<Time> read_at;
  std::optional<GraphError> failure;
  std::uint64_t bubble = 0;  // place in the order of receipt, from 1; 0: the customer has not received it
  std::vector<StatusNote> statuses;
};

// One request that the Graph endpoints saw.
struct SeenRequest {
  std::uint64_t number = 0;
  Time at;
  std::string method;
  std::string target;
  Json body;
  int status = 0;  // answered; 0: the connection was closed instead
};

// Sends that were refused for their pace.
struct Throttled {
  std::uint64_t numbers = 0;  // 130429
  std::uint64_t pairs = 0;    // 131056
};

struct World {
  MetaClock clock;
  Settings settings;
  std::deque<Number> numbers;
  std::map<std::string, Customer> customers;    // by key
  std::map<std::string, std::string> user_ids;  // BSUID to key
  std::deque<Template> templates;
  std::uint64_t templates_made = 0;
  std::deque<Outbound> outbound;
  std::map<std::string, std::size_t> outbound_by_wamid;
  std::deque<Inbound> inbound;
  std::map<std::string, std::size_t> inbound_by_wamid;
  std::deque<MediaFile> media;
  std::map<std::string, MediaAddress> media_addresses;  // by the last part of the address
  std::string url;                                      // our own: "http://127.0.0.1:8090"
  std::vector<std::size_t> bubbles;                     // indexes into outbound, in the order of receipt
  std::deque<SeenRequest> seen;                         // the last kSeenKept
  std::uint64_t requests = 0;
  Throttled throttled;
};

inline constexpr std::size_t kSeenKept = 10'000;

// Null when there is none.
Number* find_number(World& world, std::string_view phone_number_id);
Number* find_waba(World& world, std::string_view waba_id);  // its first number
Customer* find_customer(World& world, std::string_view address);

// The customer at a phone (with or without "+") or BSUID; met for the first time: made.
Customer& meet_customer(World& world, std::string_view address);

std::string digits_of(std::string_view text);
bool is_user_id(std::string_view address);
std::string new_wamid(std::string_view customer);
bool window_open(const World& world, const Customer& customer, std::string_view phone_number_id);

}  // namespace waypost::sandbox
