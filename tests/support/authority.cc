#include "tests/support/authority.h"

#include <stdlib.h>

#include <cstdlib>
#include <fstream>

#include "base/check.h"

namespace waypost::test {
namespace {

constexpr const char* kNewKey = " -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";

std::string content_of(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

Authority::Authority() {
  auto pattern = (std::filesystem::temp_directory_path() / "waypost-ca-XXXXXX").string();
  WAYPOST_CHECK(::mkdtemp(pattern.data()) != nullptr);
  folder_ = pattern;
  run(std::string("req -x509 -days 2 -subj /CN=root") + kNewKey + " -keyout " + file("root.key") + " -out " +
      file("root.pem"));
  std::ofstream(file("middle.ext")) << "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\n";
  run(std::string("req -subj /CN=middle") + kNewKey + " -keyout " + file("middle.key") + " -out " + file("middle.csr"));
  run("x509 -req -days 2 -in " + file("middle.csr") + " -CA " + file("root.pem") + " -CAkey " + file("root.key") +
      " -CAcreateserial -extfile " + file("middle.ext") + " -out " + file("middle.pem"));
}

Authority::~Authority() { std::filesystem::remove_all(folder_); }

ClientFiles Authority::client(const std::string& subject, int days) const { return sign(subject, "clientAuth", days); }

ClientFiles Authority::server(const std::string& subject) const { return sign(subject, "serverAuth", 2); }

ClientFiles Authority::sign(const std::string& subject, const std::string& usage, int days) const {
  std::ofstream(file("leaf.ext")) << "extendedKeyUsage=" << usage << "\n";
  const ClientFiles made{.chain = file("leaf.chain"), .key = file("leaf.key")};
  run("req -subj '" + subject + "'" + kNewKey + " -keyout " + made.key + " -out " + file("leaf.csr"));
  run("x509 -req -days " + std::to_string(days) + " -in " + file("leaf.csr") + " -CA " + file("middle.pem") +
      " -CAkey " + file("middle.key") + " -CAcreateserial -extfile " + file("leaf.ext") + " -out " + file("leaf.pem"));
  std::ofstream(made.chain) << content_of(file("leaf.pem")) << content_of(file("middle.pem"));
  return made;
}

void Authority::run(const std::string& arguments) const {
  const auto command = "openssl " + arguments + " 2>/dev/null";
  WAYPOST_CHECK(std::system(command.c_str()) == 0);  // NOLINT(concurrency-mt-unsafe): a test's own thread
}

}  // namespace waypost::test
