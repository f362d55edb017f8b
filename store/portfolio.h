// Portfolio: whom a business account has reached outside their service windows lately, against Meta's messaging limit
// (conversation/messaging_limit.h). Meta counts rolling 24 hours; here by the hour, so that a person counts for 24
// to 25. Sums stand in slots like counters, so that many may send at once. Lane only.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sql/connection.h"

namespace waypost::store {

struct Reach {
  TenantId tenant{};
  ContactId contact{};
  std::string waba_id{};
  std::optional<std::int64_t> limit{};  // people; nothing: none
};

// Notes that the person is reached now. Where that is one too many nothing is noted, and the answer is when there is
// room again, at the earliest.
std::optional<Time> reach(sql::Connection& connection, const Reach& reach, Time now);

// How many people count now.
std::int64_t count_reached(sql::Connection& connection, const std::string& waba_id, Time now);

// A person's place at the merge of contacts; where both have one the later stands.
void bring_reached(sql::Connection& connection, TenantId tenant, ContactId from, ContactId to);
void drop_reached(sql::Connection& connection, TenantId tenant, ContactId contact);
// Of hours that count no more, so many rows at most; how many went.
std::int64_t drop_outlived_reach(sql::Connection& connection, Time now, std::int64_t most);

}  // namespace waypost::store
