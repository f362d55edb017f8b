#include "api/ai_setting.h"

#include <algorithm>

#include "base/amount.h"
#include "net/url.h"

namespace waypost::api {
namespace {

constexpr std::size_t kUrlCharacters = 500;
constexpr std::size_t kModelCharacters = 200;
constexpr std::size_t kKeyCharacters = 500;
constexpr std::string_view kPath = "/chat/completions";

// What is wrong with it, or "". The words never repeat it.
std::string fault_of(const std::string& url) {
  if (!url.starts_with("http://") && !url.starts_with("https://")) return "Expected an http or https address";
  if (const auto parsed = parse_url(url); !parsed) return "Not an address: " + parsed.error().words();
  if (url.find_first_of("?#") != std::string::npos) return "An address without ? and # is expected";
  if (url.ends_with(kPath)) return "Leave /chat/completions out: it is added";
  return {};
}

void read_base_url(Input& input, Json& read) {
  auto url = input.maybe_text("baseUrl", {.most = kUrlCharacters});
  if (!url) return;
  while (url->ends_with('/')) url->pop_back();
  if (auto fault = fault_of(*url); !fault.empty()) return input.complain("baseUrl", std::move(fault));
  read["baseUrl"] = *std::move(url);
}

// "0.10", or the number.
void read_price(Input& input, std::string_view key, Json& read) {
  if (!input.has(key) || input.is_null(key)) return;
  const Json& given = input.body().at(std::string(key));
  const auto price = read_amount(given.is_string() ? given.get<std::string>() : dump(given));
  if (!price)
    return input.complain(key, "Expected the price of a million tokens, like '0.10', with at most six decimals");
  read[std::string(key)] = price->text();
}

void read_currency(Input& input, Json& read) {
  const auto currency = input.maybe_text("currency", {.most = 3});
  if (!currency) return;
  if (!is_currency(*currency)) return input.complain("currency", "Expected three capital letters, like USD");
  read["currency"] = *currency;
}

// What a header can carry.
bool is_plain(std::string_view key) {
  return std::ranges::all_of(key, [](char c) { return c > ' ' && c < 0x7f; });
}

std::optional<Secret> read_key(Input& input, const Json& setting) {
  Input inner(setting);
  auto key = inner.maybe_text("apiKey", {.most = kKeyCharacters});
  if (key && !is_plain(*key)) inner.complain("apiKey", "A key has no spaces and no letters beyond ASCII");
  if (const auto fine = inner.end(); !fine) {
    for (const auto& field : fine.error().fields()) input.complain("settings.ai." + field.path, field.message);
    return std::nullopt;
  }
  if (!key) return std::nullopt;
  return Secret(*std::move(key));
}

}  // namespace

Json read_ai(Input& input) {
  Json read = Json::object();
  read_base_url(input, read);
  if (const auto model = input.maybe_text("model", {.most = kModelCharacters})) read["model"] = *model;
  read_price(input, "inputPrice", read);
  read_price(input, "outputPrice", read);
  read_currency(input, read);
  return read;
}

AiKeyEdit read_ai_key(Input& input) {
  const Json* settings = find_object(input.body(), "settings");
  const Json* setting = settings ? find(*settings, "ai") : nullptr;
  if (setting == nullptr) return {};
  if (setting->is_null()) return {.is_said = true};
  if (!setting->is_object() || !setting->contains("apiKey")) return {};
  return {.is_said = true, .key = read_key(input, *setting)};
}

}  // namespace waypost::api
