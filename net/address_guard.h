// AddressGuard: which addresses a client that others give its URLs may connect to: the public internet, and what the
// operator lists. Asked with the address that is connected to, never with the name alone: a name may stand for another
// address a moment later. Pure; any thread.

#pragma once

#include <sys/socket.h>

#include <array>
#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "net/asio.h"

namespace waypost {

// The code of an exchange's Error whose host has no address that may be connected to.
inline constexpr std::string_view kRefusedAddress = "http_refused_address";

// False for everything that IANA's special-purpose registries (RFC 6890 and later) do not call globally reachable, for
// multicast, and for what clouds answer their own machines on. An IPv4 address within an IPv6 one (mapped, NAT64, 6to4)
// counts as itself.
bool is_public(const asio::ip::address& address);

// Of a connected or a resolved endpoint; unspecified, which is not public, when it is neither IPv4 nor IPv6.
asio::ip::address address_of(const sockaddr& address);

class AddressGuard {
 public:
  // Each "10.1.0.0/16", "fd00::/8", "10.1.2.3" or "intranet.example.com". InvalidInput names the one that is none.
  static Result<AddressGuard> parse(const std::vector<std::string>& allowed);

  // Public, or listed by its address or by the name that it was found under.
  bool may_connect(std::string_view host, const asio::ip::address& address) const;

 private:
  using Bytes = std::array<std::uint8_t, 16>;  // IPv4 as ::ffff:a.b.c.d
  struct Network {
    Bytes bytes{};
    int bits = 128;
  };

  static Bytes bytes_of(const asio::ip::address& address);
  static Result<Network> network_of(std::string_view text);

  std::vector<Network> networks_;
  std::vector<std::string> hosts_;  // lower case, without a dot at the end
};

}  // namespace waypost
