// The endpoints of GraphApi about templates.

#include <algorithm>

#include "sandbox/answers.h"
#include "sandbox/graph_api.h"
#include "sandbox/media.h"
#include "sandbox/paging.h"
#include "sandbox/setup.h"

namespace waypost::sandbox {
namespace {

constexpr int kTemplateExists = 2388024;
constexpr int kTooManyTemplates = 2388019;
constexpr std::size_t kMostTemplates = 250;  // of a WABA

bool fits(std::optional<std::string_view> wanted, std::string_view value) { return !wanted || *wanted == value; }

std::size_t templates_of(const World& world, std::string_view waba_id) {
  return static_cast<std::size_t>(std::ranges::count(world.templates, waba_id, &Template::waba_id));
}

Judged<void> check_edit(const Template& form, const Json& body) {
  if (form.status != "APPROVED" && form.status != "REJECTED" && form.status != "PAUSED")
    return refuse(100, "a template of status " + form.status + " cannot be edited");
  const auto category = find_text(body, "category");
  if (form.status == "APPROVED" && category && *category != form.category)
    return refuse(100, "the category of an approved template cannot be changed");
  return {};
}

// The template as the edit makes it.
Judged<Template> edited(const Template& form, const Json& body) {
  if (auto allowed = check_edit(form, body); !allowed) return std::unexpected(allowed.error());
  Json whole = to_json(form);
  for (const auto* key : {"category", "components"}) {
    if (body.contains(key)) whole[key] = body[key];
  }
  auto made = read_new_template(whole);
  if (made) made->id = form.id;
  if (made) made->waba_id = form.waba_id;
  return made;
}

}  // namespace

Response GraphApi::templates(const Request& request, Number& number) {
  if (const auto strike = faults_.strike(FaultKind::TemplatesFail, number.phone_number_id)) {
    return graph_refusal(strike->error);
  }
  std::vector<Json> all;
  for (const auto& form : world_.templates) {
    const bool wanted = form.waba_id == number.waba_id && fits(request.query_value("name"), form.name) &&
                        fits(request.query_value("status"), form.status) &&
                        fits(request.query_value("language"), form.language);
    if (wanted) all.push_back(sandbox::to_json(form));
  }
  const auto answer = page_of(all, request);
  return answer ? graph_answer(*answer) : graph_refusal(answer.error());
}

Response GraphApi::create_template(const Request& request, Number& number) {
  const auto body = parse_json(request.body);
  if (!body) return graph_refusal({.code = 100, .details = "The body is not JSON"});
  auto form = read_new_template(*body);
  if (!form) return graph_refusal(form.error());
  form->waba_id = number.waba_id;
  if (find_template(world_, form->waba_id, form->name, form->language) != nullptr) {
    return graph_refusal(
        {.code = 100, .details = "there is already content in that language", .subcode = kTemplateExists});
  }
  if (templates_of(world_, number.waba_id) >= kMostTemplates)
    return graph_refusal({.code = 100, .details = "the account has all its templates", .subcode = kTooManyTemplates});
  const auto& made = keep_template(world_, *std::move(form));
  return graph_answer({{"id", made.id}, {"status", made.status}, {"category", made.category}});
}

Response GraphApi::edit_template(const Request& request, Number&) {
  if (auto* sample = find_sample(world_, request.param("id"))) return take_sample(request, *sample);
  auto* form = find_template(world_, request.param("id"));
  if (form == nullptr) return graph_refusal({.code = 100, .details = "only a template is edited", .subcode = 33});
  const auto body = parse_json(request.body);
  if (!body) return graph_refusal({.code = 100, .details = "The body is not JSON"});
  auto fresh = edited(*form, *body);
  if (!fresh) return graph_refusal(fresh.error());
  *form = *std::move(fresh);
  return graph_answer({{"success", true}});
}

// ?name=: in all languages; with hsm_id that one alone.
Response GraphApi::delete_templates(const Request& request, Number& number) {
  const auto name = request.query_value("name");
  if (!name) return graph_refusal({.code = 100, .details = "name is required"});
  const auto id = request.query_value("hsm_id");
  const auto gone = std::erase_if(world_.templates, [&](const Template& form) {
    return form.waba_id == number.waba_id && form.name == *name && fits(id, form.id);
  });
  if (gone == 0) return graph_refusal({.code = 100, .details = "there is no such template", .subcode = 2593002});
  return graph_answer({{"success", true}});
}

}  // namespace waypost::sandbox
