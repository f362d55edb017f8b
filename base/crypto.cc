#include "base/crypto.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <memory>
#include <vector>

#include "base/check.h"

namespace waypost {
namespace {

constexpr std::size_t kNonceSize = 12;
constexpr std::size_t kTagSize = 16;
constexpr std::size_t kKeySize = 32;

const std::uint8_t* bytes_of(std::string_view text) { return reinterpret_cast<const std::uint8_t*>(text.data()); }

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

CipherContext new_cipher() { return {EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free}; }

std::string scrypt(const Secret& password, std::string_view salt, unsigned log_n) {
  std::string out(32, '\0');
  const int ok =
      EVP_PBE_scrypt(password.reveal().data(), password.reveal().size(), bytes_of(salt), salt.size(), 1ULL << log_n, 8,
                     1, 256ULL << 20, reinterpret_cast<std::uint8_t*>(out.data()), out.size());
  WAYPOST_CHECK(ok == 1);
  return out;
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto end = text.find(at);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

Result<void> write_private_file(const std::string& path, std::string_view content) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return fail(ErrorKind::Internal, path + ": " + std::strerror(errno));
  const bool written = ::write(file, content.data(), content.size()) == static_cast<ssize_t>(content.size());
  const bool synced = ::fsync(file) == 0;
  ::close(file);
  if (!written || !synced) return fail(ErrorKind::Internal, path + ": cannot be written");
  return {};
}

}  // namespace

Digest sha256(std::string_view bytes) {
  Digest digest;
  SHA256(bytes_of(bytes), bytes.size(), digest.data());
  return digest;
}

struct Sha256::State {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  WAYPOST_CHECK(EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr) == 1);
}

Sha256::~Sha256() = default;

void Sha256::add(std::string_view bytes) {
  WAYPOST_CHECK(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) == 1);
}

Digest Sha256::finish() {
  Digest digest;
  WAYPOST_CHECK(EVP_DigestFinal_ex(state_->context.get(), digest.data(), nullptr) == 1);
  return digest;
}

Digest hmac_sha256(const Secret& key, std::string_view bytes) {
  Digest digest;
  unsigned size = 0;
  HMAC(EVP_sha256(), key.reveal().data(), static_cast<int>(key.reveal().size()), bytes_of(bytes), bytes.size(),
       digest.data(), &size);
  WAYPOST_CHECK(size == digest.size());
  return digest;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const auto byte : bytes) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

std::string from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return {};
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data() + i, text.data() + i + 2, value, 16);
    if (error != std::errc() || end != text.data() + i + 2) return {};
    out += static_cast<char>(value);
  }
  return out;
}

std::string base64(std::string_view bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<std::uint8_t*>(out.data()), bytes_of(bytes), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

Result<std::string> from_base64(std::string_view text) {
  const auto wrong = [] { return fail(ErrorKind::InvalidInput, "not base64"); };
  if (text.size() % 4 != 0) return wrong();
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto end = text.find_last_not_of('=');
  const std::size_t padding = end == std::string_view::npos ? text.size() : text.size() - end - 1;
  if (padding > 2 || text.substr(0, text.size() - padding).find_first_not_of(kAlphabet) != std::string_view::npos)
    return wrong();
  std::string out(text.size() / 4 * 3, '\0');
  const int size =
      EVP_DecodeBlock(reinterpret_cast<std::uint8_t*>(out.data()), bytes_of(text), static_cast<int>(text.size()));
  if (size < 0) return wrong();
  out.resize(static_cast<std::size_t>(size) - padding);
  return out;
}

void random_bytes(std::span<std::uint8_t> out) {
  WAYPOST_CHECK(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1);
}

std::string random_token(std::size_t bytes) {
  std::string raw(bytes, '\0');
  random_bytes({reinterpret_cast<std::uint8_t*>(raw.data()), raw.size()});
  std::string text = base64(raw);
  text.erase(text.find_last_not_of('=') + 1);
  for (char& c : text) {
    if (c == '+') c = '-';
    if (c == '/') c = '_';
  }
  return text;
}

std::string hash_password(const Secret& password) {
  std::string salt(16, '\0');
  random_bytes({reinterpret_cast<std::uint8_t*>(salt.data()), salt.size()});
  return fmt::format("scrypt$15$8$1${}${}", base64(salt), base64(scrypt(password, salt, 15)));
}

bool verify_password(const Secret& password, std::string_view hashed) {
  const auto parts = split(hashed, '$');
  if (parts.size() != 6 || parts[0] != "scrypt" || parts[1] != "15" || parts[2] != "8" || parts[3] != "1") return false;
  const auto salt = from_base64(parts[4]);
  const auto expected = from_base64(parts[5]);
  return salt && expected && equal_in_constant_time(scrypt(password, *salt, 15), *expected);
}

Keyring::Keyring(std::map<std::string, Secret> keys, std::string sealing)
    : keys_(std::move(keys)), sealing_(std::move(sealing)) {
  for (const auto& [id, key] : keys_) WAYPOST_CHECK(key.reveal().size() == kKeySize);
  WAYPOST_CHECK(keys_.contains(sealing_));
}

Result<Keyring> Keyring::load_or_create(const std::string& path) {
  if (::access(path.c_str(), F_OK) != 0) {
    std::string key(kKeySize, '\0');
    random_bytes({reinterpret_cast<std::uint8_t*>(key.data()), key.size()});
    const auto made = write_private_file(path, "k1:" + hex({bytes_of(key), key.size()}) + "\n");
    if (!made) return fail(made.error());
  }
  std::ifstream file(path);
  std::map<std::string, Secret> keys;
  std::string sealing;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    const auto colon = line.find(':');
    std::string key = colon == std::string::npos ? std::string() : from_hex(std::string_view(line).substr(colon + 1));
    if (key.size() != kKeySize) return fail(ErrorKind::InvalidInput, path + ": each line is <key id>:<64 hex digits>");
    sealing = line.substr(0, colon);
    keys.insert_or_assign(sealing, Secret(std::move(key)));
  }
  if (keys.empty()) return fail(ErrorKind::InvalidInput, path + ": holds no key, or cannot be read");
  return Keyring(std::move(keys), std::move(sealing));
}

std::string Keyring::seal(const Secret& plain, std::string_view purpose) const {
  std::string out(kNonceSize + plain.reveal().size() + kTagSize, '\0');
  auto* at = reinterpret_cast<std::uint8_t*>(out.data());
  random_bytes({at, kNonceSize});
  const auto context = new_cipher();
  int size = 0;
  bool ok =
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes_of(keys_.at(sealing_).reveal()), at) == 1;
  ok = ok && EVP_EncryptUpdate(context.get(), nullptr, &size, bytes_of(purpose), static_cast<int>(purpose.size())) == 1;
  ok = ok && EVP_EncryptUpdate(context.get(), at + kNonceSize, &size, bytes_of(plain.reveal()),
                               static_cast<int>(plain.reveal().size())) == 1;
  ok = ok && EVP_EncryptFinal_ex(context.get(), at + kNonceSize + plain.reveal().size(), &size) == 1;
  ok = ok &&
       EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagSize, at + kNonceSize + plain.reveal().size()) == 1;
  WAYPOST_CHECK(ok);
  return sealing_ + "." + base64(out);
}

Result<Secret> Keyring::open(std::string_view sealed, std::string_view purpose) const {
  const auto dot = sealed.find('.');
  if (dot == std::string_view::npos) return fail(ErrorKind::Internal, "not a sealed text");
  const auto key = keys_.find(std::string(sealed.substr(0, dot)));
  if (key == keys_.end()) return fail(ErrorKind::Internal, "sealed with a key that the key file does not hold");
  auto raw = from_base64(sealed.substr(dot + 1));
  if (!raw || raw->size() < kNonceSize + kTagSize) return fail(ErrorKind::Internal, "not a sealed text");
  std::string plain(raw->size() - kNonceSize - kTagSize, '\0');
  auto* at = reinterpret_cast<std::uint8_t*>(raw->data());
  auto* out = reinterpret_cast<std::uint8_t*>(plain.data());
  const auto context = new_cipher();
  int size = 0;
  bool ok = EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key->second.reveal()), at) == 1;
  ok = ok && EVP_DecryptUpdate(context.get(), nullptr, &size, bytes_of(purpose), static_cast<int>(purpose.size())) == 1;
  ok = ok && EVP_DecryptUpdate(context.get(), out, &size, at + kNonceSize, static_cast<int>(plain.size())) == 1;
  ok = ok && EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagSize, at + kNonceSize + plain.size()) == 1;
  ok = ok && EVP_DecryptFinal_ex(context.get(), out + plain.size(), &size) == 1;
  if (!ok) return fail(ErrorKind::Internal, "a sealed text was changed, or was sealed for another purpose");
  return Secret(std::move(plain));
}

}  // namespace waypost
