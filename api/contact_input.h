// What a request says about a contact, under either of the fields' two names. Pure; any thread.

#pragma once

#include <optional>
#include <string>

#include "api/input.h"
#include "base/json.h"
#include "store/contacts.h"

namespace waypost::api {

struct ContactEdit {
  bool sets_name = false;  // name or displayName; null takes it away
  std::optional<std::string> name{};
  std::optional<std::string> phone{};  // phone or waId: digits
  bool sets_language = false;
  std::optional<std::string> language{};
  std::optional<bool> opted_out{};
  Json fields{};  // an object: each key replaces the contact's, null takes it away
  Json tags{};    // an array: replaces all
};

enum class Phone { Required, Optional };
// InvalidInput with fields.
Result<ContactEdit> read_contact_edit(const Request& request, Phone phone);

// The contact after the edit; its aliases are the caller's.
store::Contact edited(store::Contact contact, const ContactEdit& edit);

}  // namespace waypost::api
