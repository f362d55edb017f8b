// location_request_message, address_message, call_permission_request, request_contact_info: the customer is asked for
// something.

#include "conversation/interactive_rules.h"

namespace waypost {

void check_location_request(const Part& action) { action.word("name", {"send_location"}); }

// Which fields an address has is the country's matter.
void check_address_request(const Part& action) {
  action.word("name", {"address_message"});
  const auto parameters = action.object("parameters");
  if (!parameters) return;
  parameters->text("country");
  parameters->maybe_object("values");
  parameters->maybe_object("validation_errors");
  parameters->maybe_list("saved_addresses", {.least = 0});
}

void check_call_permission(const Part& action) { action.word("name", {"call_permission_request"}); }

void check_contact_request(const Part& action) { action.word("name", {"request_contact_info"}); }

}  // namespace waypost
