// The recipients of a broadcast: named one by one, listed with what became of them, counted, sent to again. Everything
// goes by pages of contacts' ids, so that a million of them take no more memory than a page. Lane only.
//
// A recipient's state is `waiting`, `excluded`, or its message's (conversation/message_state.h); `cancelled` for one
// that waited in a broadcast that was cancelled.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/broadcasts.h"
#include "store/contacts.h"
#include "store/recipient_key.h"

namespace waypost::store {

// One of a list that somebody brings. `contact` wins over the other two.
struct NamedRecipient {
  std::optional<ContactId> contact{};
  std::optional<std::string> phone{};    // digits
  std::optional<std::string> user_id{};  // BSUID
  std::optional<std::string> name{};     // of a contact that is made for it
  Json parameters{};                     // its own, texts by name; or null
};
// The contact, made where there is none. Nothing: no contact has this id.
std::optional<ContactId> contact_for(sql::Connection& connection, TenantId tenant, const NamedRecipient& named,
                                     Time now);
// Adds it, or gives it these parameters where it is there already. The caller holds the broadcast, which is not begun.
void name_recipient(sql::Connection& connection, const RecipientKey& key, const Json& parameters, Time now);

struct RecipientView {
  ContactId contact{};
  std::string name{};
  std::optional<std::string> phone{};
  std::optional<std::string> user_id{};
  std::string state{};
  std::optional<std::string> reason{};
  Json parameters{};
  std::optional<MessageId> message{};
  std::optional<Time> queued_at{}, accepted_at{}, sent_at{}, delivered_at{}, read_at{}, failed_at{};
  Time updated_at{};
};
Json to_json(const RecipientView& recipient);

struct RecipientFilter {
  std::optional<std::string> state{};
  std::optional<std::string> reason{};
};
// By contact.
std::vector<RecipientView> recipients_page(sql::Connection& connection, const Broadcast& broadcast,
                                           const RecipientFilter& filter, const Page& page);
std::vector<RecipientView> recipients_behind(sql::Connection& connection, const Broadcast& broadcast,
                                             const RecipientFilter& filter, ContactId behind);
inline constexpr std::size_t kRecipientsAtOnce = 1'000;  // of recipients_behind
// Counted up to `most`.
std::int64_t count_recipients(sql::Connection& connection, const Broadcast& broadcast, const RecipientFilter& filter,
                              std::int64_t most);

// Someone has answered, or wants no more, because of a message: within this time of it.
inline constexpr std::chrono::days kResponseTime{7};
struct RecipientTotals {
  std::int64_t recipients = 0;
  std::map<std::string, std::int64_t> states{};
  std::map<std::string, std::int64_t> excluded{};  // by reason
  std::map<std::string, std::int64_t> failed{};    // by reason; expired ones too
  std::int64_t sent = 0;                           // Meta took it
  std::int64_t delivered = 0;                      // read ones too
  std::int64_t read = 0;
  std::int64_t replied = 0;
  std::int64_t opted_out = 0;
  std::int64_t sent_lately = 0;  // in the last minute
};
struct TotalsPage {
  RecipientTotals totals{};
  std::optional<ContactId> behind{};  // where the next page begins; nothing: that was the last one
};
TotalsPage totals_page(sql::Connection& connection, const Broadcast& broadcast, ContactId behind, Time now);
void add(RecipientTotals& sum, const RecipientTotals& more);

// Failed ones behind that contact, and which of them are to be sent to again.
struct RetryRules {
  UnknownOutcomes unknown = UnknownOutcomes::Left;
  std::vector<std::string> reasons{};  // only these; none: all that may be tried again
};
struct RetryPage {
  std::vector<Recipient> recipients{};
  std::optional<ContactId> behind{};
};
RetryPage retry_page(sql::Connection& connection, const Broadcast& broadcast, const RetryRules& rules,
                     ContactId behind);
// They wait again, and the broadcast goes on. How many; Conflict: it may not be retried as it stands.
Result<std::int64_t> retry_recipients(sql::Connection& connection, const Broadcast& seen,
                                      const std::vector<Recipient>& recipients, Time now);

// Deletes some of its recipients; how many.
std::int64_t drop_recipients(sql::Connection& connection, const Broadcast& broadcast);

}  // namespace waypost::store
