#include "tests/support/certificate.h"

#include <stdlib.h>

#include <cstdlib>

#include "base/check.h"

namespace waypost::test {

Certificate::Certificate(const std::string& name) : name_(name) {
  auto pattern = (std::filesystem::temp_directory_path() / "waypost-cert-XXXXXX").string();
  WAYPOST_CHECK(::mkdtemp(pattern.data()) != nullptr);
  folder_ = pattern;
  renew();
}

Certificate::~Certificate() { std::filesystem::remove_all(folder_); }

void Certificate::renew() {
  const auto alternatives = name_ == "localhost" ? "DNS:localhost,IP:127.0.0.1" : "DNS:" + name_;
  const auto command =
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" + name_ +
      " -addext subjectAltName=" + alternatives + " -keyout " + key_file() + " -out " + certificate_file() +
      " 2>/dev/null";
  WAYPOST_CHECK(std::system(command.c_str()) == 0);  // NOLINT(concurrency-mt-unsafe): a test's own thread
}

}  // namespace waypost::test
