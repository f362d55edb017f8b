// ContactBook: the entries of a webhook's contacts[], found by whom they speak of. One POST may bring a thousand
// messages of a thousand people: looking through the list for each would cost the square of it. Pure; any thread.

#pragma once

#include <string>
#include <unordered_map>

#include "base/json.h"
#include "conversation/identity.h"

namespace waypost {

class ContactBook {
 public:
  // Of any shape, or null; outlives the book, unchanged.
  explicit ContactBook(const Json* contacts);

  // The entry that speaks of this person, as contact_entry_of() finds it. Null when there is none.
  const Json* entry_of(const Sighting& person) const;

 private:
  using Index = std::unordered_map<std::string, const Json*>;
  Index by_user_id_;
  Index by_phone_;
};

}  // namespace waypost
