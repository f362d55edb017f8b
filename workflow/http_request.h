// What the HTTP node asks: its configuration with the variables filled in. Values of variables never make another
// request of it: behind the host they are percent-encoded, within a host or a header they cannot begin something new,
// in a JSON body they stay values. Pure; any thread.

#pragma once

#include <array>
#include <cstddef>
#include <expected>
#include <string_view>

#include "base/json.h"
#include "workflow/node_family.h"
#include "workflow/outside_call.h"

namespace waypost::workflow {

inline constexpr std::array<std::string_view, 6> kHttpMethods = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"};
inline constexpr std::size_t kHttpUrlBytes = 8 << 10;
inline constexpr std::size_t kHttpHeaders = 50;
inline constexpr std::size_t kHttpHeaderBytes = 16 << 10;  // of all names and values
inline constexpr std::size_t kHttpBodyBytes = 64 << 10;    // filling a text gives no more (variables.h)

// RFC 9110, section 5.6.2, and none that the client writes itself (Host, Content-Length …).
bool is_http_header(std::string_view name);
bool takes_body(std::string_view method);

// Codes: bad_url, http_too_large. Unknown variables are noted in the plan, and empty.
std::expected<HttpCall, store::Complaint> http_call_of(Plan& plan, const Json& config, const Json& scope);

}  // namespace waypost::workflow
