// Door: everything between the router and a handler: limits, who is calling, with which role, errors into answers, the
// renewal of sessions. Any loop.

#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "api/shared.h"

namespace waypost::api {

// For a caller of a workspace.
struct Entry {
  std::string_view method{};
  std::string_view pattern{};
  Work work = nullptr;
  store::Role least = store::Role::Agent;
};
void add_entries(Router& router, Shared& shared, std::initializer_list<Entry> entries);

// The same of a request whose body the handler reads as it comes, of at most `body_limit` bytes; Call::request has
// none.
using StreamedWork = awaitable<Result<Response>> (*)(Shared&, Call, BodyReader&);
struct StreamedEntry {
  std::string_view method{};
  std::string_view pattern{};
  std::size_t body_limit = 0;
  StreamedWork work = nullptr;
  store::Role least = store::Role::Agent;
};
void add_entry(Router& router, Shared& shared, StreamedEntry entry);

// Which limit an open entry counts against, beside the one of its address.
enum class Tier { None, SignIn, Auth };

// What must be there for an open entry.
enum class Needs { Store, Nothing };

// For anybody: sign-in, and whatever the admin listeners serve.
struct OpenEntry {
  std::string_view method{};
  std::string_view pattern{};
  OpenWork work = nullptr;
  Tier tier = Tier::None;
  Needs needs = Needs::Store;
};
void add_entries(Router& router, Shared& shared, std::initializer_list<OpenEntry> entries);

// A request of the installation's admin.
struct AdminCall {
  Request request{};
  std::string by{};  // the person's email; "admin": whoever may open the admin socket
};
using AdminWork = awaitable<Result<Response>> (*)(Shared&, AdminCall);

// Where a router's requests come from: on the socket everybody is the admin; on the public listener it is a person who
// is signed in and is the installation's admin (callers.h), in whichever workspace.
enum class Side { Socket, Public };

// `pattern` stands behind /admin or /api/admin.
struct AdminEntry {
  std::string_view method{};
  std::string_view pattern{};
  AdminWork work = nullptr;
};
void add_entries(Router& router, Shared& shared, Side side, std::initializer_list<AdminEntry> entries);

}  // namespace waypost::api
