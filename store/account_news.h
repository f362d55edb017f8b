// Account news: what Meta tells of accounts, numbers, templates and people's wishes (conversation/account_news.h),
// taken into the feed and the rows of one workspace. Whatever the order in which news comes, the latest word stands.
// Lane only.
//
//   every news           an event of its own type, with Meta's value whole
//   of a template        its status, category and quality, and a new listing soon
//   of number, account   the standing of the channels concerned
//   of people            marketing wishes; other ids, which may merge contacts; names in the address book
//   of a number          calls, groups, and which app owns a conversation

#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "sql/connection.h"

namespace waypost::store {

struct AccountNews {
  TenantId tenant{};
  std::string_view waba_id{};
  std::string_view phone_number_id{};  // "" where the news names none
  std::optional<ChannelId> channel{};  // of that number
  std::string_view field{};
  const Json& value;
  Time at{};  // Meta's
};

// The caller has seen to it that the same news is taken once. The conversations that a merge of people has touched.
std::vector<ConversationId> apply_account_news(sql::Connection& connection, const AccountNews& news, Time now);

}  // namespace waypost::store
