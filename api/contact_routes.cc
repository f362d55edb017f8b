#include "api/contact_input.h"
#include "api/door.h"
#include "api/paging.h"
#include "api/routes.h"
#include "store/contacts.h"
#include "store/counters.h"
#include "store/locks.h"
#include "store/opt_out.h"

namespace waypost::api {
namespace {

store::Alias phone_alias(const std::string& digits) { return {.kind = store::AliasKind::Phone, .value = digits}; }

Json page_json(sql::Connection& connection, TenantId tenant, const store::Page& page) {
  Json items = Json::array();
  for (const auto& contact : store::list_contacts(connection, tenant, page)) items.push_back(store::to_json(contact));
  return {{"items", std::move(items)}, {"total", store::total(connection, tenant, "contacts")}};
}

Result<Json> make(sql::Connection& connection, const store::Contact& contact, Time now) {
  auto made = store::create_contact(connection, contact, {phone_alias(*contact.phone)}, now);
  if (!made) return fail(std::move(made).error());
  return store::to_json(*made);
}

// The old number is let go: it may be someone else's tomorrow.
Result<void> move_phone(sql::Connection& connection, const store::Contact& before, const std::string& digits,
                        Time now) {
  if (before.phone == digits) return {};
  auto added = store::add_alias(connection, before, phone_alias(digits), now);
  if (!added) return fail(std::move(added).error());
  if (before.phone) store::remove_alias(connection, before, phone_alias(*before.phone));
  return {};
}

Result<Json> apply(sql::Connection& connection, const Caller& caller, ContactId id,
                   const std::pair<ContactEdit, Time>& edit_and_now) {
  const auto& [edit, now] = edit_and_now;
  const auto before = store::lock_contact(connection, caller.tenant, id);
  if (!before) return not_found();
  if (edit.phone) {
    if (auto moved = move_phone(connection, *before, *edit.phone, now); !moved) return fail(moved.error());
  }
  auto after = edited(*before, edit);
  if (edit.opted_out) after.opt_said_at = now;
  store::update_contact(connection, after, now);
  after.updated_at = now;
  store::settle_opting(connection, *before, after, {.by = caller.user ? "user" : "api"});
  Json json = store::to_json(after);
  json["ok"] = true;
  return json;
}

Result<Json> erase(sql::Connection& connection, TenantId tenant, ContactId id, Time now) {
  const auto contact = store::find_contact(connection, tenant, id);
  if (!contact) return not_found();
  if (contact->merged_into)
    return fail(ErrorKind::Conflict, "merged into " + contact->merged_into->text() + ": delete that contact");
  if (!store::delete_contact(connection, tenant, id, now)) return not_found();
  return Json{{"ok", true}};
}

awaitable<Result<Response>> list(Shared& shared, Call call) {
  const auto page = read_page(call.request);
  if (!page) co_return fail(page.error());
  co_return respond(200, co_await shared.database.read([tenant = call.caller.tenant, page = *page](auto& connection) {
    return page_json(connection, tenant, page);
  }));
}

awaitable<Result<Response>> create(Shared& shared, Call call) {
  const auto edit = read_contact_edit(call.request, Phone::Required);
  if (!edit) co_return fail(edit.error());
  auto contact = edited({.tenant = call.caller.tenant}, *edit);
  if (edit->opted_out) contact.opt_said_at = call.now;
  co_return respond(201,
                    co_await shared.database.write(sql::lane_key(call.caller.tenant),
                                                   [contact = std::move(contact), now = call.now](auto& connection) {
                                                     return make(connection, contact, now);
                                                   }));
}

awaitable<Result<Response>> get(Shared& shared, Call call) {
  const auto id = path_id<ContactId>(call.request);
  if (!id) co_return fail(id.error());
  const auto contact = co_await shared.database.read([tenant = call.caller.tenant, id = *id](auto& connection) {
    return store::find_contact(connection, tenant, id);
  });
  if (!contact) co_return fail(contact.error());
  if (!*contact) co_return not_found();
  co_return ok(store::to_json(**contact));
}

awaitable<Result<Response>> patch(Shared& shared, Call call) {
  const auto id = path_id<ContactId>(call.request);
  if (!id) co_return fail(id.error());
  auto edit = read_contact_edit(call.request, Phone::Optional);
  if (!edit) co_return fail(edit.error());
  co_return respond(200, co_await shared.database.write(
                             sql::lane_key(call.caller.tenant),
                             [caller = call.caller, id = *id, pair = std::pair(*std::move(edit), call.now)](
                                 auto& connection) { return apply(connection, caller, id, pair); }));
}

awaitable<Result<Response>> remove(Shared& shared, Call call) {
  const auto id = path_id<ContactId>(call.request);
  if (!id) co_return fail(id.error());
  co_return respond(
      200, co_await shared.database.write(sql::lane_key(call.caller.tenant),
                                          [tenant = call.caller.tenant, id = *id, now = call.now](auto& connection) {
                                            return erase(connection, tenant, id, now);
                                          }));
}

}  // namespace

void add_contact_routes(Router& router, Shared& shared) {
  add_entries(router, shared,
              std::initializer_list<Entry>{
                  {"GET", "/api/contacts", list},
                  {"POST", "/api/contacts", create},
                  {"GET", "/api/contacts/{id}", get},
                  {"PATCH", "/api/contacts/{id}", patch, store::Role::Admin},
                  {"DELETE", "/api/contacts/{id}", remove, store::Role::Admin},
              });
}

}  // namespace waypost::api
