// Setup: numbers, templates, settings and faults from JSON, at start and by the control API. Loop only (at start:
// before the loop serves).

#pragma once

#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "sandbox/faults.h"
#include "sandbox/world.h"

namespace waypost::sandbox {

// The number that a sandbox has when it is told of none; every value is meant to be seen.
Json usual_number();

// {"settings": {}, "numbers": [], "templates": [], "faults": []}: each part may be missing. InvalidInput says where.
Result<void> set_up(World& world, Faults& faults, const Json& setup);

// Makes or alters the number of `phone_number_id` by the members given; what a new one lacks is the usual number's.
// A new WABA gets Meta's template hello_world.
Result<Number*> put_number(World& world, const Json& body);

struct PutTemplate {
  Template* form = nullptr;
  bool status_changed = false;
};
// Makes (APPROVED, UTILITY, en_US unless said) or alters the template of `waba_id` (the first number's), name and
// language.
Result<PutTemplate> put_template(World& world, const Json& body);

Template* find_template(World& world, std::string_view waba_id, std::string_view name, std::string_view language);
Template* find_template(World& world, std::string_view id);
// Gives it an id and keeps it.
Template& keep_template(World& world, Template form);

}  // namespace waypost::sandbox
