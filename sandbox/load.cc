#include "sandbox/load.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace waypost::sandbox {
namespace {

using std::chrono::steady_clock;

constexpr milliseconds kTick{5};
constexpr double kLongestSeconds = 1e9;
// Numbers that no person has: +1 555 01xx xxxx is not dialled.
constexpr std::uint64_t kFirstPhone = 15'550'100'000;

double seconds_since(steady_clock::time_point start) {
  return std::chrono::duration<double>(steady_clock::now() - start).count();
}

Result<std::vector<std::string>> read_numbers(World& world, const Json& body) {
  std::vector<std::string> ids;
  if (const auto* list = find_array(body, "phone_number_ids")) {
    for (const auto& id : *list) ids.push_back(id.is_string() ? id.get<std::string>() : dump(id));
  } else {
    for (const auto& number : world.numbers) ids.push_back(number.phone_number_id);
  }
  const auto unknown =
      std::ranges::find_if(ids, [&world](const auto& id) { return find_number(world, id) == nullptr; });
  if (unknown != ids.end()) return fail(ErrorKind::InvalidInput, *unknown + " is not a number");
  if (ids.empty()) return fail(ErrorKind::InvalidInput, "there is no number to write to");
  return ids;
}

}  // namespace

Result<LoadOrder> read_load(World& world, const Json& body) {
  LoadOrder order;
  auto numbers = read_numbers(world, body);
  if (!numbers) return fail(std::move(numbers).error());
  order.numbers = *std::move(numbers);
  if (const auto* rate = find(body, "per_second"); rate && rate->is_number()) order.per_second = rate->get<double>();
  const auto customers = find_integer(body, "customers").value_or(10);
  const auto* lasting = find(body, "seconds");
  const auto messages = find_integer(body, "messages");
  if (order.per_second <= 0 || customers <= 0 || (messages && *messages <= 0)) {
    return fail(ErrorKind::InvalidInput, "per_second, customers and messages are positive numbers");
  }
  order.customers = static_cast<std::size_t>(customers);
  if (lasting && lasting->is_number() && std::abs(lasting->get<double>()) < kLongestSeconds) {
    order.lasting = milliseconds(static_cast<std::int64_t>(lasting->get<double>() * 1000));
  }
  if (messages) order.messages = static_cast<std::uint64_t>(*messages);
  order.text = find_text(body, "text").value_or(order.text);
  return order;
}

Result<std::uint64_t> Load::start(LoadOrder order) {
  if (running_) return fail(ErrorKind::Conflict, "a load is running: stop it first");
  order_ = std::move(order);
  running_ = true;
  written_ = 0;
  tasks_.start("load", run(++id_));
  return id_;
}

awaitable<void> Load::run(std::uint64_t id) {
  const auto begin = steady_clock::now();
  while (running_ && id_ == id) {
    const double passed = seconds_since(begin);
    const double limit = order_.lasting ? std::chrono::duration<double>(*order_.lasting).count() : passed;
    const auto by_time = static_cast<std::uint64_t>(std::min(passed, limit) * order_.per_second);
    const auto due = std::min(by_time, order_.messages.value_or(by_time));
    while (written_ < due) write_next();
    const bool over = (order_.lasting && passed >= limit) || (order_.messages && written_ >= *order_.messages);
    if (over || !co_await tasks_.pause(kTick)) break;
  }
  if (id_ == id) running_ = false;
}

void Load::write_next() {
  const auto n = written_++;
  auto* number = find_number(world_, order_.numbers[n % order_.numbers.size()]);
  const auto phone = kFirstPhone + (n / order_.numbers.size()) % order_.customers;
  auto& customer = meet_customer(world_, std::to_string(phone));
  if (customer.name.empty()) customer.name = "Load " + std::to_string(phone - kFirstPhone);
  Writing writing;
  writing.content = {{"body", order_.text + " " + std::to_string(id_) + "-" + std::to_string(n)}};
  writing.load = id_;
  phones_.write(*number, customer, writing);
}

Json Load::progress() const {
  Json acked = Json::array();
  for (const auto& message : world_.inbound) {
    if (message.load == id_ && id_ != 0 && message.acked) acked.push_back(message.wamid);
  }
  return {
      {"load", id_}, {"running", running_}, {"written", written_}, {"acked", acked.size()}, {"acked_wamids", acked}};
}

}  // namespace waypost::sandbox
