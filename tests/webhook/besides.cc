#include "tests/webhook/besides.h"

#include <algorithm>

namespace waypost::test {
namespace {

constexpr std::string_view kPlaceholder = "\"@\"";

template <class Update>
std::int64_t without_channel(const std::vector<Update>& updates) {
  return std::ranges::count_if(updates, [](const Update& update) {
    const auto& number = update.origin.phone_number_id;
    return !number.empty() && number != kNumber;
  });
}

}  // namespace

void add_healthy(Json& body, const std::string& wamid) {
  if (!find_array(body, "entry")) return;
  body["entry"].push_back(Json::parse(body_of(Text{.id = wamid}))["entry"][0]);
}

std::int64_t times_read(const Payload& payload, std::string_view wamid) {
  return std::ranges::count_if(payload.messages,
                               [&](const auto& update) { return update.inbound.message.wamid == wamid; });
}

std::string written(const Json& body, const std::string& token) {
  std::string text = dump(body);
  for (auto at = text.find(kPlaceholder); at != std::string::npos; at = text.find(kPlaceholder, at + token.size())) {
    text.replace(at, kPlaceholder.size(), token);
  }
  return text;
}

void Besides::post(const Json& wrong) { post(wrong, std::string(kPlaceholder)); }

void Besides::post(const Json& wrong, const std::string& token) {
  if (!find_array(wrong, "entry")) return;
  Json body = wrong;
  add_healthy(body, "wamid.healthy-" + std::to_string(++healthy_));
  const auto text = written(body, token);
  expect(read_payload(text));
  gateway_.post(text);
}

void Besides::expect(const Payload& read) {
  dead_ += static_cast<std::int64_t>(read.malformed.size()) + without_channel(read.messages) +
           without_channel(read.statuses) + without_channel(read.others);
}

}  // namespace waypost::test
