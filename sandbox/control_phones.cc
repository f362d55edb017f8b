// The endpoints of ControlApi by which customers write and read, and loads run.

#include <utility>

#include "sandbox/control_api.h"
#include "sandbox/media.h"
#include "sandbox/records.h"

namespace waypost::sandbox {
namespace {

constexpr std::int64_t kLastSecond = 4'102'444'800;  // the year 2100

Result<const Number*> number_of(World& world, const Json& body) {
  const auto id = find_text(body, "phone_number_id");
  if (id) {
    if (const auto* number = find_number(world, *id)) return number;
    return fail(ErrorKind::NotFound, "there is no number " + *id);
  }
  if (world.numbers.size() != 1)
    return fail(ErrorKind::InvalidInput, "say phone_number_id: there is not one number only");
  return &world.numbers.front();
}

Json context_of(const Number& number, const Json& body) {
  if (const auto* context = find_object(body, "context")) return *context;
  const auto wamid = find_text(body, "reply_to");
  return wamid ? Json{{"from", number.display_phone_number}, {"id", *wamid}} : Json();
}

// A file of its own, or a message written out as Meta would send it.
Result<void> read_media(World& world, const Number& number, const Json& body, Writing& writing) {
  const bool brings_file = find_object(body, "media") || (is_media_type(writing.type) && !find(body, "content"));
  if (!brings_file) return {};
  const Json sample = Json::object();
  const auto* media = find_object(body, "media");
  auto content = take_media(world, number, writing.type, media ? *media : sample);
  if (!content) return fail(std::move(content).error());
  writing.content = *std::move(content);
  return {};
}

Result<Writing> read_writing(World& world, const Number& number, const Json& body) {
  Writing writing;
  if (const auto text = find_text(body, "text")) {
    writing.content = {{"body", *text}};
  } else if (const auto type = find_text(body, "type")) {
    writing.type = *type;
    if (const auto* content = find(body, "content")) writing.content = *content;
    if (auto taken = read_media(world, number, body, writing); !taken) return fail(std::move(taken).error());
  } else {
    return fail(ErrorKind::InvalidInput, "say text, or type and content or media");
  }
  writing.context = context_of(number, body);
  writing.wamid = text_or_empty(body, "wamid");
  if (const auto* overrides = find_object(body, "message")) writing.overrides = *overrides;
  if (const auto at = find_integer(body, "timestamp")) {
    if (*at < 0 || *at > kLastSecond) return fail(ErrorKind::InvalidInput, "timestamp is in Unix seconds");
    writing.at = from_millis(*at * 1000);
  }
  return writing;
}

void take_profile(Customer& customer, const Json& body) {
  if (auto name = find_text(body, "profile_name")) customer.name = *std::move(name);
  if (auto username = find_text(body, "username")) customer.username = *std::move(username);
  const auto hidden = find_bool(body, "hide_phone");
  if (hidden) customer.shares_phone = !*hidden && !customer.phone.empty();
}

}  // namespace

Result<Json> ControlApi::write(const Request& request, const Json& body) {
  const auto number = number_of(world_, body);
  if (!number) return fail(number.error());
  const auto writing = read_writing(world_, **number, body);
  if (!writing) return fail(writing.error());
  const auto address = request.param("phone");
  if (!is_user_id(address) && digits_of(address).empty()) return fail(ErrorKind::InvalidInput, "not a phone or BSUID");
  auto& customer = meet_customer(world_, address);
  take_profile(customer, body);
  const auto& message = parts_.phones.write(**number, customer, *writing);
  return Json{{"wamid", message.wamid},
              {"phone_number_id", message.phone_number_id},
              {"user_id", customer.user_id},
              {"wa_id", customer.shares_phone ? Json(customer.phone) : Json()},
              {"at", iso8601(message.at)}};
}

Result<Json> ControlApi::inbox(const Request& request, const Json&) {
  Json received = Json::array();
  const auto* customer = find_customer(world_, request.param("phone"));
  for (const auto index : world_.bubbles) {
    const auto& message = world_.outbound[index];
    if (customer && message.customer == customer->key) received.push_back(record_of(world_, message));
  }
  return Json{{"bubbles", std::move(received)}};
}

Result<Json> ControlApi::read(const Request& request, const Json&) {
  const auto* customer = find_customer(world_, request.param("phone"));
  return Json{{"read", customer ? parts_.phones.read_all(*customer) : 0}};
}

Result<Json> ControlApi::customers(const Request&, const Json&) {
  Json all = Json::array();
  for (const auto& [key, customer] : world_.customers) {
    all.push_back({{"phone", customer.phone},
                   {"user_id", customer.user_id},
                   {"profile_name", customer.name},
                   {"username", customer.username},
                   {"shares_phone", customer.shares_phone}});
  }
  return Json{{"customers", std::move(all)}};
}

Result<Json> ControlApi::start_load(const Request&, const Json& body) {
  auto order = read_load(world_, body);
  if (!order) return fail(std::move(order).error());
  const auto id = parts_.load.start(*std::move(order));
  if (!id) return fail(id.error());
  return Json{{"load", *id}};
}

Result<Json> ControlApi::load(const Request&, const Json&) { return parts_.load.progress(); }

Result<Json> ControlApi::stop_load(const Request&, const Json&) {
  parts_.load.stop();
  return parts_.load.progress();
}

}  // namespace waypost::sandbox
