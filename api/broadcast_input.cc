#include "api/broadcast_input.h"

#include <algorithm>
#include <array>

#include "api/answers.h"
#include "conversation/broadcast_content.h"
#include "store/channels.h"
#include "store/saved_filters.h"
#include "store/templates.h"
#include "store/uploads.h"

namespace waypost::api {
namespace {

constexpr std::size_t kMostParameterBytes = 32 * 1024;

void read_template(Input& input, BroadcastEdit& edit, BroadcastFields rule) {
  const Json* given = input.maybe_object("template");
  if (given == nullptr) {
    const bool lacks = rule == BroadcastFields::Required && (!input.has("template") || input.is_null("template"));
    if (lacks) input.complain("template", "Required");
    return;
  }
  Input inner(*given);
  edit.template_name = inner.text("name", {.most = 512});
  edit.template_language = inner.text("language", {.most = 15});
  if (const auto fine = inner.end(); !fine) {
    for (const auto& field : fine.error().fields()) input.complain("template." + field.path, field.message);
  }
}

void read_parameters(Input& input, BroadcastEdit& edit) {
  const Json* components = find(input.body(), "components");
  const Json* parameters = find(input.body(), "parameters");
  const bool by_components = components != nullptr && !components->is_null();
  const bool by_list = parameters != nullptr && !parameters->is_null();
  if (by_components && by_list) return input.complain("components", "Either parameters or components, not both");
  if (by_components && !components->is_array()) return input.complain("components", "Expected array");
  if (by_components) edit.parameters = Json{{"components", *components}};
  if (by_list) edit.parameters = *parameters;
  if (!edit.parameters) return;
  if (dump(*edit.parameters).size() > kMostParameterBytes)
    return input.complain(by_list ? "parameters" : "components", "Too large: at most 32 kB");
  for (const auto& fault : broadcast_parameter_faults(*edit.parameters, nullptr))
    input.complain(fault.path, fault.message);
}

struct AudiencePart {
  std::string_view key;
  std::size_t most;
  bool is_ids;
};
constexpr std::array kAudience{AudiencePart{.key = "groups", .most = kMostGroups, .is_ids = true},
                               AudiencePart{.key = "tags", .most = kMostAudienceTags, .is_ids = false},
                               AudiencePart{.key = "contactIds", .most = kMostContactIds, .is_ids = true}};

void read_part(Input& inner, const AudiencePart& part, Json& audience) {
  const auto items = inner.maybe_texts(part.key, 64);
  if (!items) return;
  const std::string key(part.key);
  if (items->size() > part.most)
    inner.complain(key, "Array must contain at most " + std::to_string(part.most) + " element(s)");
  for (std::size_t at = 0; part.is_ids && at < items->size(); ++at) {
    if (!Uuid::parse((*items)[at])) inner.complain(key + "." + std::to_string(at), "Invalid uuid");
  }
  audience[key] = *items;
}

void read_audience(Input& input, BroadcastEdit& edit) {
  const Json* given = input.maybe_object("audience");
  if (given == nullptr) return;
  Input inner(*given);
  Json audience = Json::object();
  for (const auto& part : kAudience) read_part(inner, part, audience);
  for (const auto& [key, value] : given->items()) {
    if (std::ranges::find(kAudience, std::string_view(key), &AudiencePart::key) == kAudience.end())
      inner.complain(key, "Expected groups, tags or contactIds");
  }
  if (const auto fine = inner.end(); !fine) {
    for (const auto& field : fine.error().fields()) input.complain("audience." + field.path, field.message);
  }
  edit.audience = std::move(audience);
}

void check_template(sql::Connection& connection, const store::Broadcast& broadcast, const store::Channel& channel,
                    std::vector<FieldError>& faults) {
  const auto known = store::find_template(
      connection, broadcast.tenant,
      {.waba_id = channel.waba_id, .name = broadcast.template_name, .language = broadcast.template_language});
  if (!known) return faults.push_back({"template", "The channel's account has no such template in this language"});
  const TemplateShape shape{.name = known->name,
                            .language = known->language,
                            .parameter_format = known->parameter_format,
                            .components = known->components};
  for (auto& fault : broadcast_parameter_faults(broadcast.parameters, &shape)) faults.push_back(std::move(fault));
}

void check_files(sql::Connection& connection, const store::Broadcast& broadcast, std::vector<FieldError>& faults) {
  const auto named = uploads_in("template", broadcast.parameters);
  for (auto& unfit : store::unfit_uploads(connection, broadcast.tenant, named)) {
    auto path = path_of_upload(broadcast.parameters, unfit.id);
    std::erase(path, ']');
    std::ranges::replace(path, '[', '.');
    faults.push_back({std::move(path), std::move(unfit.words)});
  }
}

void check_groups(sql::Connection& connection, const store::Broadcast& broadcast, std::vector<FieldError>& faults) {
  const Json* groups = find_array(broadcast.audience, "groups");
  for (std::size_t at = 0; groups != nullptr && at < groups->size(); ++at) {
    const auto id = store::SavedFilterId::parse((*groups)[at].get<std::string>());
    if (!id || !store::find_saved_filter(connection, broadcast.tenant, *id))
      faults.push_back({"audience.groups." + std::to_string(at), "No such group"});
  }
}

}  // namespace

Result<BroadcastEdit> read_broadcast_edit(const Request& request, BroadcastFields rule) {
  auto input = Input::of(request);
  if (!input) return fail(input.error());
  BroadcastEdit edit;
  if (rule == BroadcastFields::Required)
    edit.name = input->text("name", {.most = 200});
  else
    edit.name = input->maybe_text("name", {.most = 200});
  if (const auto channel = input->maybe_text("channelId")) {
    edit.channel = ChannelId::parse(*channel);
    if (!edit.channel) input->complain("channelId", "Invalid uuid");
  }
  read_template(*input, edit, rule);
  read_parameters(*input, edit);
  read_audience(*input, edit);
  if (auto fine = input->end(); !fine) return fail(fine.error());
  return edit;
}

store::Broadcast edited(store::Broadcast broadcast, const BroadcastEdit& edit) {
  if (edit.name) broadcast.name = *edit.name;
  if (edit.channel) broadcast.channel = *edit.channel;
  if (edit.template_name) broadcast.template_name = *edit.template_name;
  if (edit.template_language) broadcast.template_language = *edit.template_language;
  if (edit.parameters) broadcast.parameters = *edit.parameters;
  if (edit.audience) broadcast.audience = *edit.audience;
  return broadcast;
}

Result<void> fits_store(sql::Connection& connection, const store::Broadcast& broadcast) {
  std::vector<FieldError> faults;
  const auto channel = store::find_channel(connection, broadcast.tenant, broadcast.channel);
  if (channel)
    check_template(connection, broadcast, *channel, faults);
  else
    faults.push_back({"channelId", "No such channel"});
  check_groups(connection, broadcast, faults);
  check_files(connection, broadcast, faults);
  if (faults.empty()) return {};
  return fail(Error(ErrorKind::InvalidInput, "Validation failed").with_fields(std::move(faults)));
}

Result<store::Broadcast> broadcast_for(sql::Connection& connection, const WhichBroadcast& which, BroadcastWish wish,
                                       store::Lock lock) {
  auto row = store::find_broadcast(connection, which.tenant, which.id, lock);
  if (!row || row->kind != store::kBulk) return not_found();
  if (!after(row->status, wish, row->prepared_at.has_value())) {
    return fail(ErrorKind::Conflict, "a broadcast that is " + std::string(name_of(row->status)) + " cannot be " +
                                         std::string(name_of(wish)));
  }
  return *std::move(row);
}

}  // namespace waypost::api
