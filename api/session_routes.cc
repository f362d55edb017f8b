#include <algorithm>

#include "api/cookies.h"
#include "api/door.h"
#include "api/input.h"
#include "api/routes.h"
#include "base/text.h"
#include "store/sign_in_locks.h"

namespace waypost::api {
namespace {

constexpr std::string_view kWrong = "Invalid email or password";

struct SignIn {
  std::string email;  // lower case
  Secret password;
  std::string lock_key;
};

Result<SignIn> read_sign_in(const Request& request) {
  auto input = Input::of(request);
  if (!input) return fail(input.error());
  std::string email = lower_ascii(input->text("email", {.most = 320}));
  std::string password = input->text("password", {.most = 1024, .trim = false});
  if (!email.empty() && !email.contains('@')) input->complain("email", "Invalid email address");
  if (auto fine = input->end(); !fine) return fail(fine.error());
  std::string key = hash_of(email + "\n" + caller_address(request.peer));
  return SignIn{.email = std::move(email), .password = Secret(std::move(password)), .lock_key = std::move(key)};
}

// What is known before the password is looked at.
struct Attempt {
  milliseconds locked{};  // zero: go on
  std::optional<store::Person> person{};
};

Attempt begin(sql::Connection& connection, const std::string& email, const std::string& key, Time now) {
  if (!store::begin_sign_in(connection, key, now)) {
    // A good sign-in beside this one may have ended the lock meanwhile.
    return {.locked = std::max(store::locked_for(connection, key, now), milliseconds(1))};
  }
  return {.person = store::person_of_email(connection, email)};
}

Response locked(milliseconds rest) {
  Response response = answer(429, {{"error", "Too many failed sign-ins, please try again later"}});
  const auto seconds_left = std::chrono::ceil<std::chrono::seconds>(rest).count();
  response.headers.add("Retry-After", std::to_string(std::max<std::int64_t>(1, seconds_left)));
  return response;
}

Json list_of(const std::vector<store::Membership>& memberships) {
  Json list = Json::array();
  for (const auto& membership : memberships) list.push_back(store::to_json(membership));
  return list;
}

Json session_json(const store::Session& session) {
  return {{"id", session.id.text()},
          {"userId", session.user.text()},
          {"createdAt", iso8601(session.created_at)},
          {"expiresAt", iso8601(session.expires_at)}};
}

// The session's row and the workspaces, in one unit; the failures are forgotten with it.
Json open_session(sql::Connection& connection, const store::Person& person, const store::Session& session,
                  const std::pair<std::string, std::string>& hash_and_key) {
  store::forget_failures(connection, hash_and_key.second);
  store::create_session(connection, hash_and_key.first, session, session.created_at);
  return {{"user", store::to_json(person)},
          {"session", session_json(session)},
          {"workspaces", list_of(store::memberships_of(connection, person.id))},
          {"redirect", false}};
}

awaitable<Result<Response>> finish_sign_in(Shared& shared, const SignIn& sign_in, store::Person person,
                                           Transport transport) {
  const Time now = shared.clock.now();
  const std::string token = random_token(32);
  const auto life = std::chrono::duration_cast<std::chrono::seconds>(shared.settings.api.session);
  const store::Session session{.id = store::SessionId::make(now),
                               .user = person.id,
                               .created_at = now,
                               .refreshed_at = now,
                               .expires_at = now + life};
  auto body = co_await shared.database.write(
      sql::lane_key(person.id),
      [person, session, pair = std::pair(hash_of(token), sign_in.lock_key)](sql::Connection& connection) {
        return open_session(connection, person, session, pair);
      });
  if (!body) co_return fail(body.error());
  (*body)["token"] = token;
  Response response = ok(*body);
  set_session_cookies(response.headers, token, life, transport);
  co_return response;
}

awaitable<Result<Response>> sign_in(Shared& shared, Request request) {
  const auto asked = read_sign_in(request);
  if (!asked) co_return fail(asked.error());
  const Time now = shared.clock.now();
  auto attempt = co_await shared.database.write(
      0, [email = asked->email, key = asked->lock_key, now](sql::Connection& connection) {
        return begin(connection, email, key, now);
      });
  if (!attempt) co_return fail(attempt.error());
  if (attempt->locked > milliseconds(0)) co_return locked(attempt->locked);
  const std::string hashed = attempt->person ? attempt->person->password_hash : std::string();
  const auto good = co_await shared.passwords.verify(asked->password, hashed);
  if (!good) co_return fail(good.error());
  if (!*good) co_return fail(ErrorKind::Unauthorised, std::string(kWrong));
  co_return co_await finish_sign_in(shared, *asked, *std::move(attempt->person), transport_of(request));
}

awaitable<Result<Response>> sign_out(Shared& shared, Request request) {
  const auto credentials = read_credentials(request);
  auto ended = co_await shared.database.write(0, [credentials](sql::Connection& connection) {
    for (const auto& hash : credentials.session_hashes) store::end_session(connection, hash);
  });
  if (!ended) co_return fail(ended.error());
  Response response = ok({{"success", true}});
  clear_session_cookies(response.headers, transport_of(request));
  co_return response;
}

Result<Json> read_session(sql::Connection& connection, const Credentials& credentials, Time now) {
  const auto sign_in = find_sign_in(connection, credentials, now);
  if (!sign_in) return unauthorised();
  const auto person = store::find_person(connection, sign_in->session.user);
  if (!person) return unauthorised();
  return Json{{"session", session_json(sign_in->session)},
              {"user", store::to_json(*person)},
              {"workspaces", list_of(store::memberships_of(connection, person->id))}};
}

awaitable<Result<Response>> get_session(Shared& shared, Request request) {
  co_return respond(
      200, co_await shared.database.read([credentials = read_credentials(request), now = shared.clock.now()](
                                             auto& connection) { return read_session(connection, credentials, now); }));
}

}  // namespace

void add_session_routes(Router& router, Shared& shared) {
  add_entries(router, shared,
              std::initializer_list<OpenEntry>{
                  {"POST", "/api/auth/sign-in/email", sign_in, Tier::SignIn},
                  {"POST", "/api/auth/sign-out", sign_out, Tier::Auth},
                  {"GET", "/api/auth/get-session", get_session, Tier::Auth},
              });
}

}  // namespace waypost::api
