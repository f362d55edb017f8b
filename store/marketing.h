// Marketing: who gets no template of that category, because they stopped it or because Meta refused the last one. What
// kind a template is, is known from its listing and Meta's news. Lane only.

#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "conversation/failure_reason.h"
#include "store/channels.h"
#include "store/contacts.h"
#include "store/messages.h"
#include "store/templates.h"

namespace waypost::store {

// Meta caps what marketing a person gets, across all businesses, and asks not to try again before (131049).
inline constexpr std::chrono::hours kEmbargo{24};

// Why a contact gets no marketing now.
enum class MarketingBar { Stopped, Embargo };
// "marketing_stopped", "marketing_embargo": failure.reason.
std::string_view name_of(MarketingBar bar);
std::string_view words_of(MarketingBar bar);

// Nothing: the contact may get marketing.
std::optional<MarketingBar> marketing_bar(const Contact& contact, Time now);

inline bool is_marketing(const Template& known) { return known.category == "MARKETING"; }
// False too where the template was never listed: then Meta decides.
bool is_marketing(sql::Connection& connection, const Channel& channel, const Message& message);

}  // namespace waypost::store
