#include "api/idempotency_key.h"

#include <algorithm>

#include "api/answers.h"
#include "base/crypto.h"

namespace waypost::api {
namespace {

constexpr std::string_view kHeader = "Idempotency-Key";
constexpr std::size_t kLongest = 255;

bool is_key(std::string_view key) {
  return !key.empty() && key.size() <= kLongest && std::ranges::all_of(key, [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

Result<std::optional<store::RequestKey>> read_request_key(TenantId tenant, const Request& request, const Json& body) {
  const auto given = request.headers.all(kHeader);
  if (given.empty()) return std::nullopt;
  if (given.size() > 1 || !is_key(given.front()))
    return invalid(std::string(kHeader), "One header of 1 to 255 visible ASCII characters expected");
  const auto digest = sha256(request.method + " " + request.path + "\n" + dump(body));
  return store::RequestKey{
      .tenant = tenant, .key = std::string(given.front()), .hash = std::string(digest.begin(), digest.end())};
}

}  // namespace waypost::api
