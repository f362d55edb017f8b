// Meta's JSON of a send, from a message's row. Pure; any thread.
// Source: Meta, "Send messages"; the facts' section 3.1.

#pragma once

#include "base/json.h"
#include "store/contacts.h"
#include "store/messages.h"

namespace waypost {

// `message` is the row as begun: its id and attempt travel in biz_opaque_callback_data (law 8). The contact has a phone
// number or a user id. Phone numbers go with "+": without it Meta prepends the business number's own country code.
Json message_request(const store::Message& message, const store::Contact& contact);

}  // namespace waypost
