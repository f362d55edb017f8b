#include "net/address_guard.h"

#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

#include "base/text.h"

namespace waypost {
namespace {

struct Range4 {
  std::uint32_t network;
  int bits;
};
// https://www.iana.org/assignments/iana-ipv4-special-registry, multicast and reserved space.
constexpr Range4 kNotPublic4[] = {
    {0x00000000, 8},   // "this" network
    {0x0A000000, 8},   // private
    {0x64400000, 10},  // carriers' NAT; 100.100.100.200 is Alibaba's metadata
    {0x7F000000, 8},   // loopback
    {0xA83F8110, 32},  // 168.63.129.16, Azure's own towards its machines: a public address by its look only
    {0xA9FE0000, 16},  // link-local; 169.254.169.254 is the metadata of most clouds
    {0xAC100000, 12},  // private
    {0xC0000000, 24},  // protocol assignments; 192.0.0.192 is Oracle's metadata
    {0xC0000200, 24},  // documentation
    {0xC0586300, 24},  // relays of 6to4
    {0xC0A80000, 16},  // private
    {0xC6120000, 15},  // benchmarks
    {0xC6336400, 24},  // documentation
    {0xCB007100, 24},  // documentation
    {0xE0000000, 4},   // multicast
    {0xF0000000, 4},   // reserved, broadcast
};

struct Range6 {
  std::array<std::uint8_t, 4> network;  // the first bytes; no range here is longer
  int bits;
};
// https://www.iana.org/assignments/iana-ipv6-special-registry, within 2000::/3: nothing outside it is public.
constexpr Range6 kNotPublic6[] = {
    {{0x20, 0x01, 0x00, 0x00}, 23},  // protocol assignments: Teredo, ORCHID, benchmarks
    {{0x20, 0x01, 0x0D, 0xB8}, 32},  // documentation
    {{0x3F, 0xFF, 0x00, 0x00}, 20},  // documentation
};

template <class Left, class Right>
bool same_bits(const Left& left, const Right& right, int bits) {
  for (std::size_t at = 0; bits > 0; ++at, bits -= 8) {
    const int shift = bits >= 8 ? 0 : 8 - bits;
    if ((left[at] >> shift) != (right[at] >> shift)) return false;
  }
  return true;
}

bool is_public4(std::uint32_t address) {
  return std::ranges::none_of(
      kNotPublic4, [address](const Range4& range) { return ((address ^ range.network) >> (32 - range.bits)) == 0; });
}

std::uint32_t number_at(const asio::ip::address_v6::bytes_type& bytes, std::size_t at) {
  return std::uint32_t{bytes[at]} << 24 | std::uint32_t{bytes[at + 1]} << 16 | std::uint32_t{bytes[at + 2]} << 8 |
         std::uint32_t{bytes[at + 3]};
}

// The IPv4 address that packets to this one end at.
std::optional<std::uint32_t> embedded(const asio::ip::address_v6::bytes_type& bytes) {
  constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  constexpr std::array<std::uint8_t, 12> kNat64 = {0x00, 0x64, 0xFF, 0x9B};
  constexpr std::array<std::uint8_t, 2> k6to4 = {0x20, 0x02};
  if (same_bits(bytes, kMapped, 96) || same_bits(bytes, kNat64, 96)) return number_at(bytes, 12);
  if (same_bits(bytes, k6to4, 16)) return number_at(bytes, 2);
  return std::nullopt;
}

bool is_public6(const asio::ip::address_v6::bytes_type& bytes) {
  if (const auto inner = embedded(bytes)) return is_public4(*inner);
  const bool unicast = (bytes[0] & 0xE0) == 0x20;
  return unicast && std::ranges::none_of(kNotPublic6, [&bytes](const Range6& range) {
           return same_bits(bytes, range.network, range.bits);
         });
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

// A name whose last part is a number is an address in one of its old ways of writing ("127.1").
bool is_host_name(std::string_view name) {
  const auto dot = name.rfind('.');
  const auto last = dot == std::string_view::npos ? name : name.substr(dot + 1);
  return !name.empty() && name.size() <= 253 && std::ranges::all_of(name, is_name_character) && !last.empty() &&
         (last.front() < '0' || last.front() > '9');
}

std::string plain_name(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  return lower_ascii(host);
}

}  // namespace

bool is_public(const asio::ip::address& address) {
  return address.is_v4() ? is_public4(address.to_v4().to_uint()) : is_public6(address.to_v6().to_bytes());
}

asio::ip::address address_of(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    return asio::ip::address_v4(ntohl(v4.sin_addr.s_addr));
  }
  if (address.sa_family != AF_INET6) return asio::ip::address_v6();
  sockaddr_in6 v6{};
  std::memcpy(&v6, &address, sizeof v6);
  asio::ip::address_v6::bytes_type bytes{};
  std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
  return asio::ip::address_v6(bytes);
}

AddressGuard::Bytes AddressGuard::bytes_of(const asio::ip::address& address) {
  if (address.is_v6()) return address.to_v6().to_bytes();
  return asio::ip::make_address_v6(asio::ip::v4_mapped, address.to_v4()).to_bytes();
}

Result<AddressGuard::Network> AddressGuard::network_of(std::string_view text) {
  const auto slash = text.find('/');
  boost::system::error_code error;
  const auto address = asio::ip::make_address(std::string(text.substr(0, slash)), error);
  const auto refused = [text] { return fail(ErrorKind::InvalidInput, "no address or network: " + std::string(text)); };
  if (error) return refused();
  const int longest = address.is_v4() ? 32 : 128;
  int bits = longest;
  if (slash != std::string_view::npos) {
    const auto* last = text.data() + text.size();
    const auto [end, fault] = std::from_chars(text.data() + slash + 1, last, bits);
    if (fault != std::errc() || end != last || bits < 0 || bits > longest) return refused();
  }
  return Network{.bytes = bytes_of(address), .bits = bits + 128 - longest};
}

Result<AddressGuard> AddressGuard::parse(const std::vector<std::string>& allowed) {
  AddressGuard guard;
  for (const auto& text : allowed) {
    if (auto name = plain_name(text); is_host_name(name)) {
      guard.hosts_.push_back(std::move(name));
      continue;
    }
    auto network = network_of(text);
    if (!network) return fail(network.error());
    guard.networks_.push_back(*network);
  }
  return guard;
}

bool AddressGuard::may_connect(std::string_view host, const asio::ip::address& address) const {
  if (is_public(address) || std::ranges::find(hosts_, plain_name(host)) != hosts_.end()) return true;
  const auto bytes = bytes_of(address);
  return std::ranges::any_of(
      networks_, [&bytes](const Network& network) { return same_bits(bytes, network.bytes, network.bits); });
}

}  // namespace waypost
