#include "sql/postgres_connect.h"

#include <libpq-fe.h>

#include <algorithm>
#include <string_view>

namespace waypost::sql {
namespace {

struct FreeOptions {
  void operator()(PQconninfoOption* options) const noexcept { PQconninfoFree(options); }
};
using ParsedUrl = std::unique_ptr<PQconninfoOption, FreeOptions>;

// libpq's own words quote the URL, password and all: they are dropped.
ParsedUrl parsed(const Secret& url) {
  char* words = nullptr;
  ParsedUrl options(PQconninfoParse(url.reveal().c_str(), &words));
  PQfreemem(words);
  return options;
}

std::string value_of(const ParsedUrl& url, std::string_view keyword) {
  for (const PQconninfoOption* option = url.get(); option != nullptr && option->keyword != nullptr; ++option) {
    if (keyword == option->keyword && option->val != nullptr) return option->val;
  }
  return "";
}

std::string setting(std::string_view name, std::chrono::milliseconds value) {
  return " -c " + std::string(name) + "=" + std::to_string(value.count());
}

// Writing statements go by a key or an index, whatever their values: one plan serves them all. Left to itself the
// server plans those anew each time whose nulls make a branch look cheap, which costs more than they do.
// Writes look rows up by their keys, and plan each statement once: perhaps while the table was empty.
std::string planning(SessionUse use) {
  return use == SessionUse::Write ? " -c plan_cache_mode=force_generic_plan -c enable_seqscan=off" : std::string();
}

// Settings of the session travel with the connection, so that a new one costs no further round trip and RESET gives
// these back.
std::string session_settings(const PostgresOptions& options) {
  return value_of(parsed(options.url), "options") + setting("statement_timeout", options.timeouts.statement) +
         setting("lock_timeout", options.timeouts.lock) +
         setting("idle_in_transaction_session_timeout", options.timeouts.idle_in_transaction) + planning(options.use) +
         " -c standard_conforming_strings=on -c client_min_messages=warning -c DateStyle=ISO";
}

}  // namespace

ConnectWords::ConnectWords(const PostgresOptions& options) {
  const auto seconds =
      std::max<std::chrono::seconds::rep>(2, std::chrono::ceil<std::chrono::seconds>(options.timeouts.connect).count());
  add("connect_timeout", std::to_string(seconds));
  // A server that vanished is noticed after 10 + 3 · 5 s when we wait for it, after 20 s when we write to it.
  add("keepalives_idle", "10");
  add("keepalives_interval", "5");
  add("keepalives_count", "3");
  add("tcp_user_timeout", "20000");
  add("application_name", options.application_name);
  // Of several hosts in the URL the one that takes writes.
  if (options.use == SessionUse::Write) add("target_session_attrs", "read-write");
  add("dbname", options.url.reveal());  // expanded in this place
  add("client_encoding", "UTF8");
  add("options", session_settings(options));
  keywords_.push_back(nullptr);
  values_.push_back(nullptr);
}

void ConnectWords::add(const char* keyword, std::string value) {
  owned_.push_back(std::make_unique<std::string>(std::move(value)));
  keywords_.push_back(keyword);
  values_.push_back(owned_.back()->c_str());
}

Result<void> check_postgres_url(const Secret& url) {
  const std::string& text = url.reveal();
  if (!text.starts_with("postgresql://") && !text.starts_with("postgres://")) {
    return fail(ErrorKind::InvalidInput, "the store's URL does not begin with postgresql://");
  }
  const auto options = parsed(url);
  if (!options) {
    return fail(ErrorKind::InvalidInput,
                "the store's URL cannot be read: postgresql://user:password@host:5432/database is expected, with "
                "percent-encoding for special characters");
  }
  if (value_of(options, "host").find_first_of("@\"' ") != std::string::npos) {
    return fail(ErrorKind::InvalidInput,
                "the host in the store's URL holds characters of something else: are those of "
                "the password percent-encoded?");
  }
  const std::string port = value_of(options, "port");
  if (port.find_first_not_of("0123456789,") != std::string::npos) {
    return fail(ErrorKind::InvalidInput,
                "the port in the store's URL is no number: are the special characters of the "
                "password percent-encoded?");
  }
  return {};
}

}  // namespace waypost::sql
