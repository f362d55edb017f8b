// Checks of texts in the settings: each gives the complaint ("is …"), or "" when the text is good. No complaint repeats
// the text, which may hold a password. Pure.

#pragma once

#include <string>

namespace waypost {

std::string check_filled(const std::string& text);
// A node's name: letters, digits, dot, dash, underscore; 1 to 64.
std::string check_name(const std::string& text);
// "host:port", "[address]:port" or "unix:/path".
std::string check_listen(const std::string& text);
// "host:port" or "[address]:port".
std::string check_host_and_port(const std::string& text);
std::string check_level(const std::string& text);
std::string check_url(const std::string& text);
std::string check_optional_url(const std::string& text);
std::string check_store_url(const std::string& text);
std::string check_redis_url(const std::string& text);
// "lookaside.fbsbx.com", also with ":port"; "[address]" likewise.
std::string check_host(const std::string& text);
// "10.1.0.0/16", "fd00::/8", "10.1.2.3" or "intranet.example.com": what net/address_guard.h reads.
std::string check_outside_place(const std::string& text);
// "image/jpeg", lower case.
std::string check_media_type(const std::string& text);
// "v25.0".
std::string check_version(const std::string& text);

}  // namespace waypost
