// Hashes, MACs, random bytes, password hashing and sealing, over OpenSSL. Any thread. No error text holds an input.

#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"

namespace waypost {

using Digest = std::array<std::uint8_t, 32>;

Digest sha256(std::string_view bytes);
// The same of what comes in pieces. One thread at a time.
class Sha256 {
 public:
  Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  ~Sha256();
  void add(std::string_view bytes);
  // Once.
  Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};
Digest hmac_sha256(const Secret& key, std::string_view bytes);
// Takes the same time wherever the difference is; different sizes are unequal at once.
bool equal_in_constant_time(std::string_view a, std::string_view b);

std::string hex(std::span<const std::uint8_t> bytes);
// Empty unless `text` is an even number of hex digits.
std::string from_hex(std::string_view text);
std::string base64(std::string_view bytes);
// RFC 4648 with padding; InvalidInput otherwise.
Result<std::string> from_base64(std::string_view text);

// From the kernel's generator by OpenSSL; cannot fail once the process runs.
void random_bytes(std::span<std::uint8_t> out);
// `bytes` random bytes as base64url without padding: session tokens, API tokens.
std::string random_token(std::size_t bytes);

// scrypt (RFC 7914), N = 2^15, r = 8, p = 1, 32 MiB: "scrypt$15$8$1$<salt>$<hash>" in base64. About 80 ms of CPU:
// call it on a lane or a thread that may block.
std::string hash_password(const Secret& password);
bool verify_password(const Secret& password, std::string_view hashed);

// AES-256-GCM under named keys. Sealed text: "<key id>.<base64 of nonce, ciphertext, tag>". The newest key seals, all
// keys open, so that a key can be rotated.
class Keyring {
 public:
  // Keys of 32 bytes each; `sealing` names one of them.
  Keyring(std::map<std::string, Secret> keys, std::string sealing);
  // Reads "<key id>:<64 hex digits>" lines, the last one sealing; creates the file (mode 0600) with a fresh key when
  // it is absent.
  static Result<Keyring> load_or_create(const std::string& path);

  // `purpose` is authenticated with the text ("webhook_app.secret"): what was sealed for one opens for no other.
  std::string seal(const Secret& plain, std::string_view purpose) const;
  // Internal when the key is unknown or the text was changed.
  Result<Secret> open(std::string_view sealed, std::string_view purpose) const;

 private:
  std::map<std::string, Secret> keys_;
  std::string sealing_;
};

}  // namespace waypost
