// Message templates as Meta last listed them, one row a (WhatsApp Business Account, name, language). Lane only.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "conversation/account_news.h"
#include "sql/connection.h"

namespace waypost::store {

// Only templates of this status can be sent; the language must match exactly ("en" is not "en_US").
inline constexpr std::string_view kApproved = "APPROVED";
inline constexpr std::string_view kDeleted = "DELETED";

struct Template {
  TenantId tenant{};
  TemplateId id{};
  std::string waba_id{};
  std::optional<std::string> meta_id{};
  std::string name{};
  std::string language{};
  std::string category{};                       // MARKETING | UTILITY | AUTHENTICATION
  std::string status{};                         // Meta's: APPROVED, PENDING, REJECTED, PAUSED …; ours: DELETED
  std::string parameter_format = "POSITIONAL";  // POSITIONAL ({{1}}) | NAMED ({{first_name}})
  std::optional<std::string> quality{};         // GREEN | YELLOW | RED | UNKNOWN
  std::optional<std::string> rejected_reason{};
  Json components = Json::array();  // as Meta lists them
  Json said = Json::object();       // Meta's time, ms, of the last news by part: {"status", "category", "quality"}
  Time created_at{};
  Time updated_at{};
  Time synced_at{};  // when it was last listed
};

// {id,name,language,category,status,parameterFormat,quality,rejectedReason,components,wabaId,metaId,createdAt,…}
Json to_json(const Template& row);

struct TemplateName {
  std::string_view waba_id{};
  std::string_view name{};
  std::string_view language{};
};

// Empty: any.
struct TemplateFilter {
  std::string waba_id{};
  std::string name{};
  std::string language{};
  std::string category{};
  std::string status{};
};
// By name, then language; deleted ones too.
std::vector<Template> list_templates(sql::Connection& connection, TenantId tenant, const TemplateFilter& filter = {});
std::optional<Template> find_template(sql::Connection& connection, TenantId tenant, TemplateId id);
std::optional<Template> find_template(sql::Connection& connection, TenantId tenant, const TemplateName& name);

// What one page of Meta's list said at `listed.synced_at`. Inserts or updates by (account, name, language), and leaves
// template.updated when that changed anything. A newer listing is never overwritten, nor what later news said (the
// next listing has it). True when it changed something.
bool upsert_template(sql::Connection& connection, Template listed, Time now);
// What Meta says of one template at `at`, by webhook. Older than the last listing, or than the last news of a part:
// that part stays. Leaves template.updated when it changed anything; one that was never listed comes with the next
// listing.
struct TemplateSaid {
  TenantId tenant{};
  std::string_view waba_id{};
  const TemplateNews& news;
  Time at{};
};
void apply_template_news(sql::Connection& connection, const TemplateSaid& said, Time now);
// A whole list of an account, read from `at` on.
struct TemplateListing {
  TenantId tenant{};
  std::string_view waba_id{};
  Time at{};
};
// What the listing did not name becomes DELETED. How many did.
std::size_t delete_unlisted_templates(sql::Connection& connection, const TemplateListing& listing, Time now);
// Meta has deleted it at our wish, in this language ("": in all). How many became DELETED.
std::size_t note_templates_deleted(sql::Connection& connection, TenantId tenant, const TemplateName& named, Time now);
// The next round of listings takes this account, however fresh its last one is.
void want_templates_listed(sql::Connection& connection, TenantId tenant, std::string_view waba_id);
// Notes on every channel of the account when its templates were last listed; never an earlier time than noted.
void note_templates_synced(sql::Connection& connection, const TemplateListing& listing);

}  // namespace waypost::store
