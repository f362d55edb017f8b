// Portfolio: whom a business has reached outside their service windows lately, against Meta's messaging limit
// (conversation/messaging_limit.h). Meta counts rolling 24 hours; here by the hour, so that a person counts for 24
// to 25. Of a person every message is noted, so that one which Meta refused can be taken off again; the last one
// counts. Sums stand in slots like counters, so that many may send at once. Lane only.

#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/channels.h"

namespace waypost::store {

struct Reach {
  TenantId tenant{};
  ContactId contact{};
  MessageId message{};                  // that is to go to the person
  std::string waba_id{};                // it goes from
  std::optional<std::int64_t> limit{};  // people; nothing: none
};

// Nothing: the person may be reached now. Else when there is room again, at the earliest. Nothing is noted.
std::optional<Time> room_at(sql::Connection& connection, const Reach& reach, Time now);
// The message goes out now.
void note_reached(sql::Connection& connection, const Reach& reach, Time now);

// Of a message that was noted.
struct Reached {
  TenantId tenant{};
  ContactId contact{};
  MessageId message{};
};
// It provably did not go out: the person counts by what went before, if by anything. Nothing where it was not noted.
void forget_reached(sql::Connection& connection, const Reached& reached, Time now);

// How many people count now, of the account's portfolio.
std::int64_t count_reached(sql::Connection& connection, const std::string& waba_id, Time now);

// Meta said at that time whose the account is.
struct AccountOwner {
  std::string_view waba_id{};
  std::string_view portfolio{};
  Time at{};
};
void note_owner_of_account(sql::Connection& connection, const AccountOwner& owner);

// Where a channel's business stands against its limit.
struct LimitUse {
  std::optional<std::int64_t> limit{};  // people; nothing: none
  std::int64_t used = 0;                // who count at that time
  std::optional<std::string> portfolio{};
  std::int64_t room() const { return limit ? std::max<std::int64_t>(*limit - used, 0) : 0; }
};
LimitUse limit_use(sql::Connection& connection, const Channel& channel, Time at);
Json to_json(const LimitUse& use);  // {"limit", "used", "room", "portfolioId"}; limit and room null: there is none

// Who takes no room at that time, of the contacts with ids from `first` to `last`, in their order: their window with
// the channel is open, or they count already.
struct ContactSpan {
  ContactId first{};
  ContactId last{};
};
std::vector<ContactId> who_take_no_room(sql::Connection& connection, const Channel& channel, const ContactSpan& span,
                                        Time at);

// Two contacts turn out to be one person.
struct OnePerson {
  TenantId tenant{};
  ContactId lost{};
  ContactId survivor{};
};
void bring_reached(sql::Connection& connection, const OnePerson& person, Time now);
// The person is erased; that they were reached still counts.
void drop_reached(sql::Connection& connection, TenantId tenant, ContactId contact);
// Of hours that count no more, so many rows at most; how many went.
std::int64_t drop_outlived_reach(sql::Connection& connection, Time now, std::int64_t most);

}  // namespace waypost::store
