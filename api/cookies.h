// The session's cookie, under both of its names. Pure; any thread.

#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"

namespace waypost::api {

inline constexpr std::string_view kSessionCookie = "session_token";
inline constexpr std::string_view kBetterAuthCookie = "better-auth.session_token";

// Every value that the request gives for either name, without doubles, at most four: a browser may hold a stale one.
std::vector<std::string> session_cookies(const Headers& headers);

enum class Transport { Plain, Tls };
inline Transport transport_of(const RequestHead& head) { return head.tls ? Transport::Tls : Transport::Plain; }

// Adds Set-Cookie for both names: HttpOnly, SameSite=Lax, Path=/, and Secure under TLS.
void set_session_cookies(Headers& headers, std::string_view token, std::chrono::seconds life, Transport transport);
// The same with an empty value that ends at once.
void clear_session_cookies(Headers& headers, Transport transport);

}  // namespace waypost::api
