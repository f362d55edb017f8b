#include "sandbox/setup.h"

#include <algorithm>
#include <utility>

namespace waypost::sandbox {
namespace {

constexpr std::uint64_t kFirstTemplateId = 594'425'479'261'000;

Template hello_world(std::string_view waba_id) {
  Template form{.waba_id = std::string(waba_id), .name = "hello_world", .language = "en_US"};
  form.components = Json::array({{{"type", "HEADER"}, {"format", "TEXT"}, {"text", "Hello World"}},
                                 {{"type", "BODY"},
                                  {"text",
                                   "Welcome and congratulations!! This message demonstrates your ability to "
                                   "send a WhatsApp message notification from the Cloud API."}},
                                 {{"type", "FOOTER"}, {"text", "WhatsApp Business Platform sample message"}}});
  return form;
}

void take_text(std::string& field, const Json& body, std::string_view key) {
  if (auto text = find_text(body, key)) field = *std::move(text);
}

void take_secret(Secret& field, const Json& body, std::string_view key) {
  if (auto text = find_text(body, key)) field = Secret(*std::move(text));
}

void take_number(Number& number, const Json& body) {
  take_text(number.waba_id, body, "waba_id");
  take_text(number.app_id, body, "app_id");
  take_text(number.verified_name, body, "verified_name");
  take_text(number.webhook_url, body, "webhook_url");
  take_secret(number.token, body, "token");
  take_secret(number.app_secret, body, "app_secret");
  take_secret(number.verify_token, body, "verify_token");
  if (const auto display = find_text(body, "display_phone_number")) number.display_phone_number = digits_of(*display);
  if (const auto subscribed = find_bool(body, "subscribed")) number.subscribed = *subscribed;
  if (const auto* fields = find_object(body, "fields")) number.fields.update(*fields);
  if (const auto* token = find_object(body, "token_info")) number.token_info.update(*token);
}

void take_template(Template& form, const Json& body) {
  take_text(form.category, body, "category");
  take_text(form.status, body, "status");
  take_text(form.parameter_format, body, "parameter_format");
  if (const auto* components = find_array(body, "components")) form.components = *components;
  const auto text = find_text(body, "body");
  if (text) form.components = Json::array({{{"type", "BODY"}, {"text", *text}}});
}

template <class Put>
Result<void> put_each(const Json& setup, std::string_view key, Put put) {
  const auto* list = find_array(setup, key);
  if (list == nullptr) return {};
  for (const auto& one : *list) {
    auto done = put(one);
    if (!done) return fail(std::move(done).error().during(key));
  }
  return {};
}

Result<void> put_settings(World& world, const Json& setup) {
  const auto* changes = find_object(setup, "settings");
  if (changes == nullptr) return {};
  auto settings = changed(world.settings, *changes);
  if (!settings) return fail(std::move(settings).error().during("settings"));
  world.settings = *settings;
  return {};
}

Result<void> put_fault(Faults& faults, const Json& body) {
  auto rule = read_fault(body);
  if (!rule) return fail(std::move(rule).error());
  faults.add(*std::move(rule));
  return {};
}

}  // namespace

Json usual_number() {
  return {{"phone_number_id", "106540352242922"}, {"display_phone_number", "15550783881"},
          {"waba_id", "102290129340398"},         {"token", "sandbox-token"},
          {"app_secret", "sandbox-app-secret"},   {"verify_token", "sandbox-verify-token"}};
}

Result<void> set_up(World& world, Faults& faults, const Json& setup) {
  if (!setup.is_object()) return fail(ErrorKind::InvalidInput, "the setup is a JSON object");
  if (auto done = put_settings(world, setup); !done) return done;
  const auto number = [&world](const Json& body) { return put_number(world, body); };
  const auto form = [&world](const Json& body) { return put_template(world, body); };
  const auto fault = [&faults](const Json& body) { return put_fault(faults, body); };
  if (auto done = put_each(setup, "numbers", number); !done) return done;
  if (auto done = put_each(setup, "templates", form); !done) return done;
  return put_each(setup, "faults", fault);
}

Result<Number*> put_number(World& world, const Json& body) {
  const auto id = text_or_empty(body, "phone_number_id");
  if (id.empty()) return fail(ErrorKind::InvalidInput, "phone_number_id is missing");
  auto* number = find_number(world, id);
  if (number == nullptr) {
    number = &world.numbers.emplace_back();
    take_number(*number, usual_number());
    number->phone_number_id = id;
  }
  take_number(*number, body);
  if (find_template(world, number->waba_id, "hello_world", "en_US") == nullptr) {
    keep_template(world, hello_world(number->waba_id));
  }
  return number;
}

Result<PutTemplate> put_template(World& world, const Json& body) {
  auto waba_id = text_or_empty(body, "waba_id");
  if (waba_id.empty() && !world.numbers.empty()) waba_id = world.numbers.front().waba_id;
  const auto name = text_or_empty(body, "name");
  const auto language = find_text(body, "language").value_or("en_US");
  if (name.empty()) return fail(ErrorKind::InvalidInput, "name is missing");
  auto* form = find_template(world, waba_id, name, language);
  if (form == nullptr) form = &keep_template(world, {.waba_id = waba_id, .name = name, .language = language});
  const auto before = form->status;
  take_template(*form, body);
  return PutTemplate{form, form->status != before};
}

Template* find_template(World& world, std::string_view waba_id, std::string_view name, std::string_view language) {
  const auto found = std::ranges::find_if(world.templates, [&](const Template& form) {
    return form.waba_id == waba_id && form.name == name && form.language == language;
  });
  return found == world.templates.end() ? nullptr : &*found;
}

Template* find_template(World& world, std::string_view id) {
  const auto found = std::ranges::find(world.templates, id, &Template::id);
  return found == world.templates.end() ? nullptr : &*found;
}

Template& keep_template(World& world, Template form) {
  form.id = std::to_string(kFirstTemplateId + world.templates_made++);
  return world.templates.emplace_back(std::move(form));
}

}  // namespace waypost::sandbox
