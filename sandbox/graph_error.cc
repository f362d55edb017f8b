#include "sandbox/graph_error.h"

#include <algorithm>
#include <array>

namespace waypost::sandbox {
namespace {

struct Title {
  int code = 0;
  std::string_view words;
};

constexpr auto kTitles = std::to_array<Title>({
    {0, "Authentication error"},
    {1, "An unknown error occurred"},
    {2, "Service temporarily unavailable"},
    {3, "Capability or permissions issue"},
    {4, "Application request limit reached"},
    {10, "Application does not have permission for this action"},
    {33, "Parameter value is not valid"},
    {100, "Invalid parameter"},
    {104, "A proof of the app secret is required"},
    {190, "Error validating access token"},
    {200, "Permissions error"},
    {368, "Temporarily blocked for policies violations"},
    {613, "Calls have exceeded the rate limit"},
    {80007, "Rate limit issues"},
    {130403, "User is blocked by the business"},
    {130429, "Rate limit hit"},
    {130472, "User's number is part of an experiment"},
    {130497, "Business account is restricted from messaging users in this country"},
    {131000, "Something went wrong"},
    {131005, "Access denied"},
    {131008, "Required parameter is missing"},
    {131009, "Parameter value is not valid"},
    {131016, "Service unavailable"},
    {131020, "Group is not available"},
    {131021, "Recipient cannot be sender"},
    {131026, "Message undeliverable"},
    {131030, "Recipient phone number not in allowed list"},
    {131031, "Account has been locked"},
    {131037, "Display name is not approved"},
    {131041, "Message is not allowed in groups"},
    {131042, "Business eligibility payment issue"},
    {131044, "Payment method is missing"},
    {131045, "Phone number is not registered correctly"},
    {131047, "Re-engagement message"},
    {131048, "Spam rate limit hit"},
    {131049, "This message was not delivered to maintain healthy ecosystem engagement"},
    {131050, "User's preference is to stop receiving marketing messages"},
    {131051, "Unsupported message type"},
    {131053, "Media upload error"},
    {131055, "Method not allowed"},
    {131056, "(Business Account, Consumer Account) pair rate limit hit"},
    {131057, "Account in maintenance mode"},
    {131059, "Cursor expired"},
    {131061, "Template needs another endpoint"},
    {131062, "Business-scoped user id recipients are not supported for this message"},
    {131063, "Marketing templates are disabled for this endpoint"},
    {131064, "Template limit reached"},
    {131208, "Group rate limit hit"},
    {132000, "Number of parameters does not match the expected number of params"},
    {132001, "Template name does not exist in the translation"},
    {132005, "Template hydrated text is too long"},
    {132007, "Template format character policy violated"},
    {132012, "Parameter format does not match format in the created template"},
    {132015, "Template is paused"},
    {132016, "Template is disabled"},
    {132018, "Template component problem"},
    {132068, "Flow is blocked"},
    {132069, "Flow is throttled"},
    {133010, "Phone number is not registered"},
    {134011, "Payments terms are not accepted"},
    {134100, "Only marketing templates are supported"},
    {134101, "Template is syncing"},
    {134102, "Template is unavailable"},
    {135000, "Generic user error"},
    {137000, "Identity key does not match"},
    {2494100, "Account is in maintenance"},
});

}  // namespace

std::string_view title_of(int code) {
  const auto* found = std::ranges::find(kTitles, code, &Title::code);
  return found == kTitles.end() ? "Error" : found->words;
}

int http_status_of(const GraphError& error) {
  if (error.status != 0) return error.status;
  switch (error.code) {
    case 190:
      return 401;
    case 10:
    case 200:
    case 131005:
      return 403;
    case 1:
    case 131000:
      return 500;
    case 2:
    case 131016:
      return 503;
    default:
      return 400;
  }
}

Json error_body(const GraphError& error, std::string_view trace) {
  const std::string title(title_of(error.code));
  Json body = {{"message", "(#" + std::to_string(error.code) + ") " + title},
               {"type", "OAuthException"},
               {"code", error.code},
               {"fbtrace_id", trace}};
  if (!error.details.empty()) {
    body["error_data"] = {{"messaging_product", "whatsapp"}, {"details", error.details}};
  }
  if (error.subcode != 0) body["error_subcode"] = error.subcode;
  if (error.code == 2 || error.code == 4) body["is_transient"] = true;
  return {{"error", std::move(body)}};
}

Json status_error(const GraphError& error) {
  const std::string title(title_of(error.code));
  return {{"code", error.code},
          {"title", title},
          {"message", title},
          {"error_data", {{"details", error.details.empty() ? title : error.details}}},
          {"href", "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"}};
}

}  // namespace waypost::sandbox
