// Groups: saved filters of contacts. Groups of WhatsApp are contacts (docs/words.md).

#include "api/door.h"
#include "api/input.h"
#include "api/paging.h"
#include "api/routes.h"
#include "store/saved_filters.h"

namespace waypost::api {
namespace {

constexpr std::int64_t kMostCounted = 10'000;
constexpr std::size_t kMostNameCharacters = 100;

struct GroupEdit {
  std::string name{};
  Json filters{};
};

Result<GroupEdit> read_edit(const Request& request) {
  auto input = Input::of(request);
  if (!input) return fail(input.error());
  GroupEdit edit{.name = input->text("name", {.most = kMostNameCharacters})};
  if (const Json* filters = find(input->body(), "filters"); filters != nullptr && !filters->is_null()) {
    edit.filters = *filters;
    if (const auto read = read_contact_filter(*filters, "filters"); !read) {
      for (const auto& field : read.error().fields()) input->complain(field.path, field.message);
    }
  } else {
    input->complain("filters", "Required");
  }
  if (auto fine = input->end(); !fine) return fail(fine.error());
  return edit;
}

Result<Json> shown(sql::Connection& connection, TenantId tenant, store::SavedFilterId id) {
  const auto row = store::find_saved_filter(connection, tenant, id);
  if (!row) return not_found();
  return store::to_json(*row);
}

awaitable<Result<Response>> list(Shared& shared, Call call) {
  co_return respond(200, co_await shared.database.read([tenant = call.caller.tenant](auto& connection) {
    Json items = Json::array();
    for (const auto& row : store::list_saved_filters(connection, tenant)) items.push_back(store::to_json(row));
    return Json{{"items", std::move(items)}};
  }));
}

awaitable<Result<Response>> create(Shared& shared, Call call) {
  auto edit = read_edit(call.request);
  if (!edit) co_return fail(edit.error());
  store::SavedFilter fresh{.tenant = call.caller.tenant, .name = edit->name, .filters = edit->filters};
  co_return respond(
      201, co_await shared.database.write(sql::lane_key(call.caller.tenant),
                                          [fresh = std::move(fresh), now = call.now](auto& connection) {
                                            return store::to_json(store::create_saved_filter(connection, fresh, now));
                                          }));
}

awaitable<Result<Response>> get(Shared& shared, Call call) {
  const auto id = path_id<store::SavedFilterId>(call.request);
  if (!id) co_return fail(id.error());
  co_return respond(200, co_await shared.database.read([tenant = call.caller.tenant, id = *id](auto& connection) {
    return shown(connection, tenant, id);
  }));
}

Result<Json> replace(sql::Connection& connection, const store::SavedFilter& saved, Time now) {
  if (!store::update_saved_filter(connection, saved, now)) return not_found();
  return shown(connection, saved.tenant, saved.id);
}

awaitable<Result<Response>> put(Shared& shared, Call call) {
  const auto id = path_id<store::SavedFilterId>(call.request);
  if (!id) co_return fail(id.error());
  auto edit = read_edit(call.request);
  if (!edit) co_return fail(edit.error());
  store::SavedFilter saved{.tenant = call.caller.tenant, .id = *id, .name = edit->name, .filters = edit->filters};
  co_return respond(200, co_await shared.database.write(sql::lane_key(call.caller.tenant),
                                                        [saved = std::move(saved), now = call.now](auto& connection) {
                                                          return replace(connection, saved, now);
                                                        }));
}

awaitable<Result<Response>> remove(Shared& shared, Call call) {
  const auto id = path_id<store::SavedFilterId>(call.request);
  if (!id) co_return fail(id.error());
  const auto gone = co_await shared.database.write(sql::lane_key(call.caller.tenant),
                                                   [tenant = call.caller.tenant, id = *id](auto& connection) {
                                                     return store::delete_saved_filter(connection, tenant, id);
                                                   });
  if (!gone) co_return fail(gone.error());
  if (!*gone) co_return not_found();
  co_return ok({{"ok", true}});
}

Result<Json> contacts_json(sql::Connection& connection, TenantId tenant, store::SavedFilterId id,
                           const store::Page& page) {
  const auto saved = store::find_saved_filter(connection, tenant, id);
  if (!saved) return not_found();
  const auto filter = read_contact_filter(saved->filters, "filters");
  if (!filter) return fail(filter.error());
  Json items = Json::array();
  for (const auto& contact : store::contacts_of(connection, tenant, *filter, page))
    items.push_back(store::to_json(contact));
  const auto total = store::count_contacts_of(connection, tenant, *filter, kMostCounted);
  return Json{{"items", std::move(items)}, {"total", total}, {"totalIsAtLeast", total == kMostCounted}};
}

awaitable<Result<Response>> contacts(Shared& shared, Call call) {
  const auto id = path_id<store::SavedFilterId>(call.request);
  if (!id) co_return fail(id.error());
  const auto page = read_page(call.request);
  if (!page) co_return fail(page.error());
  co_return respond(
      200, co_await shared.database.read([tenant = call.caller.tenant, id = *id, page = *page](auto& connection) {
        return contacts_json(connection, tenant, id, page);
      }));
}

}  // namespace

void add_group_routes(Router& router, Shared& shared) {
  add_entries(router, shared,
              std::initializer_list<Entry>{
                  {"GET", "/api/groups", list},
                  {"POST", "/api/groups", create, store::Role::Admin},
                  {"GET", "/api/groups/{id}", get},
                  {"PUT", "/api/groups/{id}", put, store::Role::Admin},
                  {"DELETE", "/api/groups/{id}", remove, store::Role::Admin},
                  {"GET", "/api/groups/{id}/contacts", contacts},
              });
}

}  // namespace waypost::api
