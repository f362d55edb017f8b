#include <map>
#include <memory>

#include "api/broadcast_input.h"
#include "api/door.h"
#include "api/paging.h"
#include "api/recipient_csv.h"
#include "api/routes.h"
#include "base/csv.h"

namespace waypost::api {
namespace {

constexpr std::int64_t kMostCounted = 10'000;

// The broadcast; fallbacks too.
Result<store::Broadcast> found(sql::Connection& connection, TenantId tenant, BroadcastId id) {
  auto row = store::find_broadcast(connection, tenant, id);
  if (!row) return not_found();
  return *std::move(row);
}

struct Upload {
  WhichBroadcast which{};
  std::vector<CsvRecipient> rows{};
};

Result<Json> add_rows(sql::Connection& connection, const Upload& upload) {
  const auto broadcast = broadcast_for(connection, upload.which, BroadcastWish::Edit);
  if (!broadcast) return fail(broadcast.error());
  std::vector<FieldError> faults;
  std::map<ContactId, std::size_t> lines;
  for (const auto& [line, recipient] : upload.rows) {
    const auto contact = store::contact_for(connection, upload.which.tenant, recipient, upload.which.now);
    const auto [place, is_new] = lines.try_emplace(contact.value_or(ContactId{}), line);
    if (!contact)
      faults.push_back(csv_fault(line, "No such contact"));
    else if (!is_new)
      faults.push_back(csv_fault(line, "The same contact as in line " + std::to_string(place->second)));
    else
      store::name_recipient(connection, {broadcast->tenant, broadcast->id, *contact}, recipient.parameters,
                            upload.which.now);
    if (faults.size() == kMostCsvFaults) break;
  }
  if (!faults.empty()) return fail(Error(ErrorKind::InvalidInput, "Validation failed").with_fields(std::move(faults)));
  return Json{{"ok", true},
              {"added", upload.rows.size()},
              {"total", store::count_recipients(connection, *broadcast, {}, kMostCounted)}};
}

awaitable<Result<Response>> upload(Shared& shared, Call call) {
  const auto id = path_id<BroadcastId>(call.request);
  if (!id) co_return fail(id.error());
  const auto type = call.request.headers.find("Content-Type").value_or("");
  if (!type.starts_with("text/csv")) co_return invalid("Content-Type", "Expected text/csv");
  auto rows = read_recipient_csv(call.request.body);
  if (!rows) co_return fail(rows.error());
  co_return respond(200, co_await shared.database.write(
                             sql::lane_key(call.caller.tenant),
                             [upload = Upload{.which = {call.caller.tenant, *id, call.now}, .rows = *std::move(rows)}](
                                 auto& connection) { return add_rows(connection, upload); },
                             sql::Urgency::Bulk));
}

store::RecipientFilter read_filter(const RequestHead& head) {
  store::RecipientFilter filter;
  if (const auto state = head.query_value("state")) filter.state = std::string(*state);
  if (const auto reason = head.query_value("reason")) filter.reason = std::string(*reason);
  return filter;
}

Json page_json(sql::Connection& connection, const store::Broadcast& broadcast, const store::RecipientFilter& filter,
               const store::Page& page) {
  Json items = Json::array();
  for (const auto& row : store::recipients_page(connection, broadcast, filter, page)) items.push_back(to_json(row));
  Json json{{"items", std::move(items)},
            {"total", store::count_recipients(connection, broadcast, filter, kMostCounted)}};
  if (filter.state || filter.reason) json["totalIsAtLeast"] = json["total"] == kMostCounted;
  return json;
}

constexpr std::string_view kCsvHeader =
    "contactId,name,phone,userId,state,reason,messageId,queuedAt,acceptedAt,sentAt,deliveredAt,readAt,failedAt\r\n";

std::string csv_line(const store::RecipientView& row) {
  const Json json = store::to_json(row);
  std::string line;
  for (const char* key : {"contactId", "name", "phone", "userId", "state", "reason", "messageId", "queuedAt",
                          "acceptedAt", "sentAt", "deliveredAt", "readAt", "failedAt"}) {
    if (!line.empty()) line += ',';
    line += csv_field(text_or_empty(json, key));
  }
  return line += "\r\n";
}

// Page by page, so that it takes no more memory than one. Cut short where the store goes away: the connection ends.
awaitable<void> stream_csv(sql::Database& database, store::Broadcast broadcast, store::RecipientFilter filter,
                           BodyWriter& out) {
  if (!co_await out.write(kCsvHeader)) co_return;
  ContactId behind{};
  while (true) {
    const auto rows = co_await database.read([broadcast, filter, behind](auto& connection) {
      return store::recipients_behind(connection, broadcast, filter, behind);
    });
    if (!rows || rows->empty()) co_return;
    std::string text;
    for (const auto& row : *rows) text += csv_line(row);
    if (!co_await out.write(text)) co_return;
    behind = rows->back().contact;
  }
}

Response csv_response(Shared& shared, store::Broadcast broadcast, store::RecipientFilter filter) {
  Response response;
  response.headers.add("Content-Type", "text/csv; charset=utf-8");
  response.headers.add("Content-Disposition", "attachment; filename=\"recipients-" + broadcast.id.text() + ".csv\"");
  response.stream = [&database = shared.database, broadcast = std::move(broadcast), filter = std::move(filter)](
                        BodyWriter& out) { return stream_csv(database, broadcast, filter, out); };
  return response;
}

awaitable<Result<Response>> list(Shared& shared, Call call) {
  const auto id = path_id<BroadcastId>(call.request);
  if (!id) co_return fail(id.error());
  const auto page = read_page(call.request);
  if (!page) co_return fail(page.error());
  const auto format = call.request.query_value("format").value_or("json");
  if (format != "json" && format != "csv") co_return invalid("format", "Expected 'json' | 'csv'");
  const auto filter = read_filter(call.request);
  const auto broadcast = co_await shared.database.read(
      [tenant = call.caller.tenant, id = *id](auto& connection) { return found(connection, tenant, id); });
  if (!broadcast) co_return fail(broadcast.error());
  if (format == "csv") co_return csv_response(shared, *broadcast, filter);
  co_return respond(200,
                    co_await shared.database.read([broadcast = *broadcast, filter, page = *page](auto& connection) {
                      return page_json(connection, broadcast, filter, page);
                    }));
}

std::int64_t of_state(const store::RecipientTotals& totals, const std::string& state) {
  const auto found_state = totals.states.find(state);
  return found_state == totals.states.end() ? 0 : found_state->second;
}

// When the rest is out if it goes on as in the last minute.
Json end_of(const store::Broadcast& broadcast, const store::RecipientTotals& totals, Time now) {
  if (broadcast.status != BroadcastStatus::Sending || totals.sent_lately == 0) return {};
  const auto left = of_state(totals, "waiting") + of_state(totals, "queued") + of_state(totals, "sending");
  return iso8601(now + seconds(seconds_for(left, {.per_hour = totals.sent_lately * 60})));
}

Json stats_json(const store::Broadcast& broadcast, const store::RecipientTotals& totals, Time now) {
  return {{"status", name_of(broadcast.status)},
          {"statusReason", broadcast.stop ? Json(broadcast.stop->reason) : Json()},
          {"recipients", totals.recipients},
          {"states", totals.states},
          {"queued", of_state(totals, "waiting") + of_state(totals, "queued") + of_state(totals, "sending")},
          {"sent", totals.sent},
          {"delivered", totals.delivered},
          {"read", totals.read},
          {"replied", totals.replied},
          {"optedOut", totals.opted_out},
          {"failed", of_state(totals, "failed") + of_state(totals, "expired")},
          {"failedByReason", totals.failed},
          {"excluded", of_state(totals, "excluded")},
          {"excludedByReason", totals.excluded},
          {"perMinute", totals.sent_lately},
          {"endsAt", end_of(broadcast, totals, now)}};
}

awaitable<Result<Response>> stats(Shared& shared, Call call) {
  const auto id = path_id<BroadcastId>(call.request);
  if (!id) co_return fail(id.error());
  const auto broadcast = co_await shared.database.read(
      [tenant = call.caller.tenant, id = *id](auto& connection) { return found(connection, tenant, id); });
  if (!broadcast) co_return fail(broadcast.error());
  store::RecipientTotals sum;
  for (std::optional<ContactId> behind = ContactId{}; behind;) {
    const auto page =
        co_await shared.database.read([broadcast = *broadcast, from = *behind, now = call.now](auto& connection) {
          return store::totals_page(connection, broadcast, from, now);
        });
    if (!page) co_return fail(page.error());
    store::add(sum, page->totals);
    behind = page->behind;
  }
  co_return ok(stats_json(*broadcast, sum, call.now));
}

}  // namespace

void add_broadcast_recipient_routes(Router& router, Shared& shared) {
  add_entries(router, shared,
              std::initializer_list<Entry>{
                  {"POST", "/api/broadcasts/{id}/recipients", upload, store::Role::Admin},
                  {"GET", "/api/broadcasts/{id}/recipients", list},
                  {"GET", "/api/broadcasts/{id}/stats", stats},
              });
}

}  // namespace waypost::api
