// Authority: a root, an intermediate and the certificates of clients that they sign, made by openssl in a temporary
// folder. Test thread only.

#pragma once

#include <filesystem>
#include <string>

namespace waypost::test {

// What a client shows: its chain, intermediate included, and its key.
struct ClientFiles {
  std::string chain;
  std::string key;
};

class Authority {
 public:
  Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;
  ~Authority();

  // The root alone: what Meta publishes.
  std::string ca_file() const { return file("root.pem"); }
  // `subject` as openssl takes it: "/CN=client.example".
  ClientFiles client(const std::string& subject, int days = 2) const;
  // One that may only serve.
  ClientFiles server(const std::string& subject) const;

 private:
  std::string file(const std::string& name) const { return (folder_ / name).string(); }
  ClientFiles sign(const std::string& subject, const std::string& usage, int days) const;
  void run(const std::string& arguments) const;

  std::filesystem::path folder_;
};

}  // namespace waypost::test
