#include "api/door.h"

#include <array>
#include <functional>

#include "api/cookies.h"
#include "base/metrics.h"

namespace waypost::api {
namespace {

constexpr std::chrono::minutes kUseNoted{10};

void count_answer(int status) {
  static constexpr auto kHelp = "Answers of the API by class of status";
  static const auto family = [](const char* status_class) {
    return &counter("waypost_api_answers_total", kHelp, {{"status", status_class}});
  };
  static const std::array counters{family("2xx"), family("4xx"), family("5xx")};
  counters[status >= 500 ? 2 : status >= 400 ? 1 : 0]->Increment();
}

struct Counted {
  std::string key;
  Quota quota;
};

// Against what a request of a workspace's caller counts: a token known to be good by itself, else its address.
Counted counted_as(const Shared& shared, const RequestHead& head, const Credentials& credentials) {
  const auto& api = shared.settings.api;
  const std::string address = caller_address(head.peer);
  if (!credentials.bearer) return {"all:" + address, {.requests = api.requests_per_minute}};
  if (const auto known = shared.token_quotas.find(credentials.token_hash))
    return {"token:" + credentials.token_hash, {.requests = *known}};
  return {"bearer:" + address, {.requests = api.requests_per_minute}};
}

Counted counted_as(const Shared& shared, const RequestHead& head, Tier tier) {
  const auto& api = shared.settings.api;
  const std::string address = caller_address(head.peer);
  switch (tier) {
    case Tier::SignIn:
      return {"sign-in:" + address, {.requests = api.sign_ins_per_minute}};
    case Tier::Auth:
      return {"auth:" + address, {.requests = api.auth_requests_per_minute}};
    case Tier::None:
      break;
  }
  return {"all:" + address, {.requests = api.requests_per_minute}};
}

// Refuses a caller whose requests are used up before a body is read for it. Counting is the handler's.
Gate gate_of(Shared& shared) {
  return [&shared](const RequestHead& head) -> std::optional<Response> {
    if (!shared.settings.api.limits) return std::nullopt;
    const auto counted = counted_as(shared, head, read_credentials(head));
    const auto verdict = shared.limits.look(counted.key, counted.quota, shared.clock.now());
    if (verdict.allowed) return std::nullopt;
    count_answer(429);
    return too_many(verdict);
  };
}

awaitable<Result<FoundCaller>> known_caller(Shared& shared, const Credentials& credentials, Time now) {
  auto found = co_await shared.database.read(
      [credentials, now](sql::Connection& connection) { return find_caller(connection, credentials, now); });
  if (!credentials.bearer) co_return found;
  if (!found) {
    if (found.error().kind() == ErrorKind::Unauthorised) shared.token_quotas.forget(credentials.token_hash);
    co_return found;
  }
  const auto& token = *found->token;
  shared.token_quotas.learn(credentials.token_hash, token.requests_per_minute);
  if (token.last_used_at && now - *token.last_used_at < kUseNoted) co_return found;
  const auto noted = co_await shared.database.write(
      sql::lane_key(token.tenant),
      [tenant = token.tenant, id = token.id, now](sql::Connection& connection) {
        store::note_api_token_use(connection, tenant, id, now);
      },
      sql::Urgency::Bulk);
  if (!noted) co_return fail(noted.error());
  co_return found;
}

// Hands a successor of the session's token to the caller. A renewal that fails is tried again by the next request.
awaitable<void> renew(Shared& shared, const SignedIn& sign_in, Headers& headers, Transport transport) {
  const Time now = shared.clock.now();
  if (!is_renewal_due(sign_in.session, now)) co_return;
  const std::string token = random_token(32);
  const auto life = std::chrono::duration_cast<std::chrono::seconds>(shared.settings.api.session);
  const auto renewed = co_await shared.database.write(
      sql::lane_key(sign_in.session.user), [sign_in, hash = hash_of(token), now, life](sql::Connection& connection) {
        return store::renew_session(connection, sign_in.token_hash, sign_in.session, hash, now + life, now);
      });
  if (renewed && *renewed) set_session_cookies(headers, token, life, transport);
}

// What a known caller's request comes to.
struct Admission {
  store::Role least = store::Role::Agent;
  std::function<awaitable<Result<Response>>(Call)> work;
};

awaitable<Response> admit(Shared& shared, const Admission& admission, Call call, const Credentials& credentials) {
  auto found = co_await known_caller(shared, credentials, call.now);
  if (!found) co_return answer(found.error());
  if (found->caller.role < admission.least) co_return answer(forbidden().error());
  call.caller = found->caller;
  Headers cookies;
  if (found->sign_in) co_await renew(shared, *found->sign_in, cookies, transport_of(call.request));
  auto done = co_await admission.work(std::move(call));
  Response response = done ? *std::move(done) : answer(done.error());
  for (const auto& [name, value] : cookies) response.headers.add(name, value);
  co_return response;
}

bool store_is_away(const Shared& shared) { return shared.parts.store_entered && !shared.parts.store_entered(); }

Response away() {
  count_answer(503);
  return answer(Error(ErrorKind::Unavailable, "the store is away since this node started"));
}

awaitable<Response> serve(Shared& shared, Admission admission, Request request) {
  if (store_is_away(shared)) co_return away();
  const Time now = shared.clock.now();
  const auto credentials = read_credentials(request);
  const auto counted = counted_as(shared, request, credentials);
  const bool limited = shared.settings.api.limits;
  const Verdict verdict = limited ? shared.limits.take(counted.key, counted.quota, now) : Verdict{};
  if (!verdict.allowed) {
    count_answer(429);
    co_return too_many(verdict);
  }
  Response response = co_await admit(shared, admission, Call{.request = std::move(request), .now = now}, credentials);
  if (limited) add_limit_headers(response.headers, verdict);
  count_answer(response.status);
  co_return response;
}

// The narrow limit first; its headers are shown.
Verdict take_tiers(Shared& shared, const RequestHead& head, Tier tier) {
  const Time now = shared.clock.now();
  const auto narrow = counted_as(shared, head, tier);
  const auto first = shared.limits.take(narrow.key, narrow.quota, now);
  if (!first.allowed) return first;
  const auto wide = counted_as(shared, head, Tier::None);
  const auto second = shared.limits.take(wide.key, wide.quota, now);
  return second.allowed ? first : second;
}

awaitable<Response> serve_open(Shared& shared, OpenEntry entry, Request request) {
  if (entry.needs == Needs::Store && store_is_away(shared)) co_return away();
  const bool limited = entry.tier != Tier::None && shared.settings.api.limits;
  const Verdict verdict = limited ? take_tiers(shared, request, entry.tier) : Verdict{};
  if (!verdict.allowed) {
    count_answer(429);
    co_return too_many(verdict);
  }
  auto done = co_await entry.work(shared, std::move(request));
  Response response = done ? *std::move(done) : answer(done.error());
  if (limited) add_limit_headers(response.headers, verdict);
  count_answer(response.status);
  co_return response;
}

awaitable<Response> run_admin(Shared& shared, AdminEntry entry, AdminCall call) {
  auto done = co_await entry.work(shared, std::move(call));
  co_return done ? *std::move(done) : answer(done.error());
}

awaitable<Response> admit_admin(Shared& shared, AdminEntry entry, Request request) {
  auto found = co_await shared.database.read(
      [credentials = read_credentials(request), now = shared.clock.now()](sql::Connection& connection) {
        return find_installation_admin(connection, credentials, now);
      });
  if (!found) co_return answer(found.error());
  Headers cookies;
  co_await renew(shared, found->sign_in, cookies, transport_of(request));
  Response response = co_await run_admin(shared, entry, {.request = std::move(request), .by = found->person.email});
  for (const auto& [name, value] : cookies) response.headers.add(name, value);
  co_return response;
}

awaitable<Response> serve_admin(Shared& shared, AdminEntry entry, Request request) {
  if (store_is_away(shared)) co_return away();
  const auto counted = counted_as(shared, request, read_credentials(request));
  const bool limited = shared.settings.api.limits;
  const Verdict verdict = limited ? shared.limits.take(counted.key, counted.quota, shared.clock.now()) : Verdict{};
  if (!verdict.allowed) {
    count_answer(429);
    co_return too_many(verdict);
  }
  Response response = co_await admit_admin(shared, entry, std::move(request));
  if (limited) add_limit_headers(response.headers, verdict);
  count_answer(response.status);
  co_return response;
}

awaitable<Response> serve_socket(Shared& shared, AdminEntry entry, Request request) {
  if (store_is_away(shared)) co_return away();
  Response response = co_await run_admin(shared, entry, {.request = std::move(request), .by = "admin"});
  count_answer(response.status);
  co_return response;
}

}  // namespace

void add_entries(Router& router, Shared& shared, Side side, std::initializer_list<AdminEntry> entries) {
  for (const auto& entry : entries) {
    const auto method = std::string(entry.method);
    const auto pattern = "/admin" + std::string(entry.pattern);
    if (side == Side::Socket) {
      router.add({.method = method, .pattern = pattern, .handler = [&shared, entry](Request request) {
                    return serve_socket(shared, entry, std::move(request));
                  }});
    } else {
      router.add(
          {.method = method,
           .pattern = "/api" + pattern,
           .gate = gate_of(shared),
           .handler = [&shared, entry](Request request) { return serve_admin(shared, entry, std::move(request)); }});
    }
  }
}

void add_entries(Router& router, Shared& shared, std::initializer_list<Entry> entries) {
  for (const auto& entry : entries) {
    router.add({.method = std::string(entry.method),
                .pattern = std::string(entry.pattern),
                .gate = gate_of(shared),
                .handler = [&shared, least = entry.least, work = entry.work](Request request) {
                  const auto inside = [&shared, work](Call call) { return work(shared, std::move(call)); };
                  return serve(shared, {.least = least, .work = inside}, std::move(request));
                }});
  }
}

void add_entry(Router& router, Shared& shared, StreamedEntry entry) {
  router.add({.method = std::string(entry.method),
              .pattern = std::string(entry.pattern),
              .body_limit = entry.body_limit,
              .gate = gate_of(shared),
              .streamed = [&shared, least = entry.least, work = entry.work](Request request, BodyReader& body) {
                const auto inside = [&shared, &body, work](Call call) { return work(shared, std::move(call), body); };
                return serve(shared, {.least = least, .work = inside}, std::move(request));
              }});
}

void add_entries(Router& router, Shared& shared, std::initializer_list<OpenEntry> entries) {
  for (const auto& entry : entries) {
    router.add(
        {.method = std::string(entry.method),
         .pattern = std::string(entry.pattern),
         .handler = [&shared, entry](Request request) { return serve_open(shared, entry, std::move(request)); }});
  }
}

}  // namespace waypost::api
