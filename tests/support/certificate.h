// A self-made certificate authority and a certificate for "localhost" and 127.0.0.1, in a temporary folder.

#pragma once

#include <filesystem>
#include <string>

namespace waypost::test {

class Certificate {
 public:
  // `name` is the host the certificate is for.
  explicit Certificate(const std::string& name = "localhost");
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;
  ~Certificate();

  std::string certificate_file() const { return (folder_ / "cert.pem").string(); }
  std::string key_file() const { return (folder_ / "key.pem").string(); }
  // Replaces both files by a fresh certificate of another key.
  void renew();

 private:
  std::filesystem::path folder_;
  std::string name_;
};

}  // namespace waypost::test
