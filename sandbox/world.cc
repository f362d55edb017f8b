#include "sandbox/world.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "base/crypto.h"

namespace waypost::sandbox {
namespace {

// The same phone has the same BSUID in every sandbox: 20 digits drawn from its hash.
std::string user_id_of(std::string_view phone) {
  std::string digits;
  for (const auto byte : sha256(phone)) {
    if (digits.size() < 20) digits.push_back(static_cast<char>('0' + byte % 10));
  }
  return "US." + digits;
}

}  // namespace

std::string_view name_of(Status status) {
  switch (status) {
    case Status::Sent:
      return "sent";
    case Status::Delivered:
      return "delivered";
    case Status::Read:
      return "read";
    case Status::Failed:
      return "failed";
  }
}

Number* find_number(World& world, std::string_view phone_number_id) {
  const auto found = std::ranges::find(world.numbers, phone_number_id, &Number::phone_number_id);
  return found == world.numbers.end() ? nullptr : &*found;
}

Number* find_waba(World& world, std::string_view waba_id) {
  const auto found = std::ranges::find(world.numbers, waba_id, &Number::waba_id);
  return found == world.numbers.end() ? nullptr : &*found;
}

Customer* find_customer(World& world, std::string_view address) {
  std::string key = is_user_id(address) ? std::string(address) : digits_of(address);
  if (const auto known = world.user_ids.find(key); known != world.user_ids.end()) key = known->second;
  const auto found = world.customers.find(key);
  return found == world.customers.end() ? nullptr : &found->second;
}

Customer& meet_customer(World& world, std::string_view address) {
  if (auto* known = find_customer(world, address)) return *known;
  Customer met;
  if (is_user_id(address)) {
    met.key = met.user_id = std::string(address);
    met.shares_phone = false;
  } else {
    met.key = met.phone = digits_of(address);
    met.user_id = user_id_of(met.phone);
  }
  world.user_ids[met.user_id] = met.key;
  return world.customers.emplace(met.key, std::move(met)).first->second;
}

std::string digits_of(std::string_view text) {
  std::string digits;
  std::ranges::copy_if(text, std::back_inserter(digits), [](char c) { return c >= '0' && c <= '9'; });
  return digits;
}

bool is_user_id(std::string_view address) {
  return address.size() > 3 && address[0] >= 'A' && address[0] <= 'Z' && address.find('.') != std::string_view::npos;
}

std::string new_wamid(std::string_view customer) {
  std::array<std::uint8_t, 16> random{};
  random_bytes(random);
  return "wamid." + base64("\x1d\x04\x16" + std::string(customer.substr(0, 20)) + hex(random));
}

bool window_open(const World& world, const Customer& customer, std::string_view phone_number_id) {
  const auto last = customer.last_writes.find(std::string(phone_number_id));
  return last != customer.last_writes.end() && world.clock.now() < last->second + std::chrono::hours(24);
}

}  // namespace waypost::sandbox
