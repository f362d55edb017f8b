// Which recipient of which broadcast. Any thread.

#pragma once

#include "base/id.h"

namespace waypost::store {

struct RecipientKey {
  TenantId tenant{};
  BroadcastId broadcast{};
  ContactId contact{};
};

}  // namespace waypost::store
