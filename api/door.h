// Door: everything between the router and a handler: limits, who is calling, with which role, errors into answers, the
// renewal of sessions. Any loop.

#pragma once

#include <initializer_list>
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

}  // namespace waypost::api
