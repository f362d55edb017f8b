#include "config/checks.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace waypost {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '_';
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port <= 65'535;
}

// "10.1.0.0/16" or an address alone.
bool is_network(const std::string& text) {
  const auto slash = text.find('/');
  const auto address = text.substr(0, slash);
  std::array<unsigned char, 16> bytes{};
  const bool v4 = ::inet_pton(AF_INET, address.c_str(), bytes.data()) == 1;
  if (!v4 && ::inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) return false;
  if (slash == std::string::npos) return true;
  int bits = -1;
  const auto* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data() + slash + 1, last, bits);
  return error == std::errc() && end == last && bits >= 0 && bits <= (v4 ? 32 : 128);
}

bool is_digits(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_digit); }

}  // namespace

std::string check_filled(const std::string& text) { return text.empty() ? "is not empty" : ""; }

std::string check_name(const std::string& text) {
  const bool good = !text.empty() && text.size() <= 64 && std::ranges::all_of(text, is_name_character);
  return good ? "" : "is 1 to 64 letters, digits, dots, dashes and underscores";
}

std::string check_listen(const std::string& text) {
  if (text.starts_with("unix:/")) return "";
  const auto colon = text.rfind(':');
  const bool bare_ipv6 = colon != std::string::npos && text.find(':') != colon && text[colon - 1] != ']';
  if (colon == 0 || colon == std::string::npos || bare_ipv6 || !is_port(std::string_view(text).substr(colon + 1))) {
    return "is \"host:port\", \"[IPv6]:port\" or \"unix:/path\"";
  }
  return "";
}

std::string check_host_and_port(const std::string& text) {
  const bool good = check_listen(text).empty() && !text.starts_with("unix:") && !text.contains('@');
  return good ? "" : "is \"host:port\" or \"[IPv6]:port\"";
}

std::string check_host(const std::string& text) {
  const auto colon = text.ends_with(']') ? std::string::npos : text.rfind(':');
  const auto host = std::string_view(text).substr(0, colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']') && host.size() > 2;
  const bool named = !host.empty() && host.size() <= 253 && std::ranges::all_of(host, is_name_character);
  const bool good =
      (bracketed || named) && (colon == std::string::npos || is_port(std::string_view(text).substr(colon + 1)));
  return good ? "" : "is \"host\" or \"host:port\", without a scheme";
}

std::string check_outside_place(const std::string& text) {
  const auto dot = text.rfind('.');
  const auto last = dot == std::string::npos ? text : text.substr(dot + 1);
  const bool named =
      text.size() <= 253 && !last.empty() && !is_digit(last.front()) && std::ranges::all_of(text, is_name_character);
  return named || is_network(text) ? "" : R"(is a network such as "10.1.0.0/16", an address or the name of a host)";
}

std::string check_media_type(const std::string& text) {
  const auto slash = text.find('/');
  const auto is_type_character = [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || c == '.' || c == '-' || c == '+' || c == '_';
  };
  const auto parts = [&](std::string_view part) {
    return !part.empty() && std::ranges::all_of(part, is_type_character);
  };
  const bool good = slash != std::string::npos && parts(std::string_view(text).substr(0, slash)) &&
                    parts(std::string_view(text).substr(slash + 1));
  return good ? "" : "is a type of content such as \"image/jpeg\", in lower case";
}

std::string check_level(const std::string& text) {
  constexpr std::array<std::string_view, 6> kLevels = {"trace", "debug", "info", "warning", "error", "off"};
  return std::ranges::find(kLevels, text) != kLevels.end()
             ? ""
             : R"(is "trace", "debug", "info", "warning", "error" or "off")";
}

std::string check_url(const std::string& text) {
  const bool good =
      (text.starts_with("https://") && text.size() > 8) || (text.starts_with("http://") && text.size() > 7);
  return good && !text.ends_with('/') ? "" : "begins with http:// or https:// and ends without a slash";
}

std::string check_optional_url(const std::string& text) { return text.empty() ? "" : check_url(text); }

std::string check_store_url(const std::string& text) {
  const bool file = text.starts_with("sqlite:") && text.size() > 7;
  const bool server = text.starts_with("postgresql://") || text.starts_with("postgres://");
  return file || server ? "" : "is \"sqlite:\" and a file, or \"postgresql://user:password@host/database\"";
}

std::string check_redis_url(const std::string& text) {
  const bool good = (text.starts_with("unix:") && text.size() > 5) ||
                    (text.starts_with("redis://") && text.size() > 8) ||
                    (text.starts_with("rediss://") && text.size() > 9);
  return good ? "" : "is \"unix:/path\", \"redis://user:password@host:port/db\" or the same with \"rediss://\" for TLS";
}

std::string check_version(const std::string& text) {
  const auto dot = text.find('.');
  const bool good = text.starts_with('v') && dot != std::string::npos &&
                    is_digits(std::string_view(text).substr(1, dot - 1)) &&
                    is_digits(std::string_view(text).substr(dot + 1));
  return good ? "" : "is a version of the Graph API such as \"v25.0\"";
}

}  // namespace waypost
