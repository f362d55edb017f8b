#include "store/templates.h"

#include "base/or_null.h"
#include "sql/dialect.h"
#include "store/events.h"

namespace waypost::store {
namespace {

constexpr std::string_view kColumns =
    "tenant_id, id, waba_id, meta_id, name, language, category, status, parameter_format, quality, rejected_reason, "
    "components, created_at, updated_at, synced_at, said";

const std::string& select_templates() {
  static const std::string kText = "SELECT " + std::string(kColumns) + " FROM template ";
  return kText;
}

Template read_template(const sql::Row& row) {
  return {.tenant = row.id<TenantId>(0),
          .id = row.id<TemplateId>(1),
          .waba_id = row.text(2),
          .meta_id = row.maybe_text(3),
          .name = row.text(4),
          .language = row.text(5),
          .category = row.text(6),
          .status = row.text(7),
          .parameter_format = row.text(8),
          .quality = row.maybe_text(9),
          .rejected_reason = row.maybe_text(10),
          .components = row.json(11),
          .said = row.json(15),
          .created_at = row.time(12),
          .updated_at = row.time(13),
          .synced_at = row.time(14)};
}

std::optional<Template> read_one(const sql::Rows& rows) {
  if (rows.empty()) return std::nullopt;
  return read_template(rows.front());
}

bool says_the_same(const Template& a, const Template& b) {
  return a.meta_id == b.meta_id && a.category == b.category && a.status == b.status &&
         a.parameter_format == b.parameter_format && a.quality == b.quality && a.rejected_reason == b.rejected_reason &&
         a.components == b.components;
}

void tell(sql::Connection& connection, const Template& row, Time now) {
  const std::string payload = dump({{"template", to_json(row)}});
  append_event(connection, row.tenant, {.type = "template.updated", .payload = payload}, now);
}

std::optional<Template> lock_template(sql::Connection& connection, TenantId tenant, const TemplateName& named) {
  const std::string text = select_templates() +
                           "WHERE tenant_id = $1 AND waba_id = $2 AND name = $3 AND language = $4" +
                           std::string(sql::for_update(connection.engine()));
  return read_one(connection.run(text, {tenant, named.waba_id, named.name, named.language}));
}

// False when another one was inserted meanwhile.
bool insert(sql::Connection& connection, const Template& row) {
  const auto rows = connection.run(
      "INSERT INTO template (tenant_id, id, waba_id, meta_id, name, language, category, status, parameter_format, "
      "quality, rejected_reason, components, said, created_at, updated_at, synced_at) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $15, $13, $13, $14) "
      "ON CONFLICT (tenant_id, waba_id, name, language) DO NOTHING RETURNING id",
      {row.tenant, row.id, row.waba_id, row.meta_id, row.name, row.language, row.category, row.status,
       row.parameter_format, row.quality, row.rejected_reason, sql::JsonText{dump(row.components)}, row.created_at,
       row.synced_at, sql::JsonText{dump(row.said)}});
  return !rows.empty();
}

void overwrite(sql::Connection& connection, const Template& row) {
  connection.run(
      "UPDATE template SET meta_id = $3, category = $4, status = $5, parameter_format = $6, quality = $7, "
      "rejected_reason = $8, components = $9, updated_at = $10, synced_at = $11, said = $12 WHERE tenant_id = $1 AND "
      "id = $2",
      {row.tenant, row.id, row.meta_id, row.category, row.status, row.parameter_format, row.quality,
       row.rejected_reason, sql::JsonText{dump(row.components)}, row.updated_at, row.synced_at,
       sql::JsonText{dump(row.said)}});
}

// The event is left when the row is something else now.
bool rewrite(sql::Connection& connection, const Template& known, Template fresh, Time now) {
  const bool changed = !says_the_same(known, fresh);
  fresh.updated_at = changed ? now : known.updated_at;
  overwrite(connection, fresh);
  if (changed) tell(connection, fresh, now);
  return changed;
}

// What was said at `at` is news of this part, and is noted.
bool say(Template& row, const char* part, Time at) {
  const auto before = find_integer(row.said, part);
  if (before && *before > to_millis(at)) return false;
  row.said[part] = to_millis(at);
  return true;
}

bool was_said_after(const Template& row, std::string_view part, Time at) {
  const auto said = find_integer(row.said, part);
  return said && *said > to_millis(at);
}

// A listing read before the last news does not know it yet.
void keep_later_news(Template& listed, const Template& known) {
  listed.said = known.said;
  if (was_said_after(known, "status", listed.synced_at)) {
    listed.status = known.status;
    listed.rejected_reason = known.rejected_reason;
  }
  if (was_said_after(known, "category", listed.synced_at)) listed.category = known.category;
  if (was_said_after(known, "quality", listed.synced_at)) listed.quality = known.quality;
}

}  // namespace

Json to_json(const Template& row) {
  return {{"id", row.id.text()},
          {"name", row.name},
          {"language", row.language},
          {"category", row.category},
          {"status", row.status},
          {"parameterFormat", row.parameter_format},
          {"quality", or_null(row.quality)},
          {"rejectedReason", or_null(row.rejected_reason)},
          {"components", row.components},
          {"wabaId", row.waba_id},
          {"metaId", or_null(row.meta_id)},
          {"createdAt", iso8601(row.created_at)},
          {"updatedAt", iso8601(row.updated_at)},
          {"syncedAt", iso8601(row.synced_at)}};
}

std::vector<Template> list_templates(sql::Connection& connection, TenantId tenant, const TemplateFilter& filter) {
  static const std::string kText = select_templates() +
                                   "WHERE tenant_id = $1 AND ($2 = '' OR waba_id = $2) AND ($3 = '' OR name = $3) AND "
                                   "($4 = '' OR language = $4) AND ($5 = '' OR category = $5) AND "
                                   "($6 = '' OR status = $6) ORDER BY name, language, waba_id";
  std::vector<Template> templates;
  const auto rows =
      connection.run(kText, {tenant, filter.waba_id, filter.name, filter.language, filter.category, filter.status});
  for (const auto row : rows) templates.push_back(read_template(row));
  return templates;
}

std::optional<Template> find_template(sql::Connection& connection, TenantId tenant, TemplateId id) {
  static const std::string kText = select_templates() + "WHERE tenant_id = $1 AND id = $2";
  return read_one(connection.run(kText, {tenant, id}));
}

std::optional<Template> find_template(sql::Connection& connection, TenantId tenant, const TemplateName& name) {
  static const std::string kText =
      select_templates() + "WHERE tenant_id = $1 AND waba_id = $2 AND name = $3 AND language = $4";
  return read_one(connection.run(kText, {tenant, name.waba_id, name.name, name.language}));
}

// What stood before is locked and read, not only overwritten: the event is left when it was something else.
bool upsert_template(sql::Connection& connection, Template listed, Time now) {
  const TemplateName name{.waba_id = listed.waba_id, .name = listed.name, .language = listed.language};
  auto known = lock_template(connection, listed.tenant, name);
  if (!known) {
    listed.id = TemplateId::make(now);
    listed.created_at = listed.updated_at = now;
    if (insert(connection, listed)) {
      tell(connection, listed, now);
      return true;
    }
    known = lock_template(connection, listed.tenant, name);
  }
  if (!known || known->synced_at > listed.synced_at) return false;
  listed.id = known->id;
  listed.created_at = known->created_at;
  keep_later_news(listed, *known);
  return rewrite(connection, *known, std::move(listed), now);
}

void apply_template_news(sql::Connection& connection, const TemplateSaid& said, Time now) {
  const auto& news = said.news;
  const auto known =
      lock_template(connection, said.tenant, {.waba_id = said.waba_id, .name = news.name, .language = news.language});
  if (!known || known->synced_at > said.at) return;
  Template fresh = *known;
  if (news.status && say(fresh, "status", said.at)) {
    fresh.status = *news.status;
    fresh.rejected_reason = news.rejected_reason;
    if (fresh.rejected_reason == "") fresh.rejected_reason.reset();
  }
  if (news.category && say(fresh, "category", said.at)) fresh.category = *news.category;
  if (news.quality && say(fresh, "quality", said.at)) fresh.quality = news.quality;
  rewrite(connection, *known, std::move(fresh), now);
}

std::size_t delete_unlisted_templates(sql::Connection& connection, const TemplateListing& listing, Time now) {
  static const std::string kText =
      "UPDATE template SET status = 'DELETED', updated_at = $4 WHERE tenant_id = $1 AND waba_id = $2 AND "
      "synced_at < $3 AND status <> 'DELETED' RETURNING " +
      std::string(kColumns);
  const auto rows = connection.run(kText, {listing.tenant, listing.waba_id, listing.at, now});
  for (const auto row : rows) tell(connection, read_template(row), now);
  return rows.size();
}

std::size_t note_templates_deleted(sql::Connection& connection, TenantId tenant, const TemplateName& named, Time now) {
  static const std::string kText =
      "UPDATE template SET status = 'DELETED', updated_at = $5, synced_at = $5 WHERE tenant_id = $1 AND waba_id = $2 "
      "AND name = $3 AND ($4 = '' OR language = $4) AND status <> 'DELETED' RETURNING " +
      std::string(kColumns);
  const auto rows = connection.run(kText, {tenant, named.waba_id, named.name, named.language, now});
  for (const auto row : rows) tell(connection, read_template(row), now);
  return rows.size();
}

void want_templates_listed(sql::Connection& connection, TenantId tenant, std::string_view waba_id) {
  connection.run(
      "UPDATE channel SET templates_synced_at = NULL WHERE tenant_id = $1 AND waba_id = $2 AND templates_synced_at IS "
      "NOT NULL",
      {tenant, waba_id});
}

void note_templates_synced(sql::Connection& connection, const TemplateListing& listing) {
  connection.run(
      "UPDATE channel SET templates_synced_at = $3 WHERE tenant_id = $1 AND waba_id = $2 AND "
      "(templates_synced_at IS NULL OR templates_synced_at < $3)",
      {listing.tenant, listing.waba_id, listing.at});
}

}  // namespace waypost::store
