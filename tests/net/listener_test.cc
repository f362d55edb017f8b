#include "net/listener.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "raw_client.h"
#include "test_server.h"

namespace waypost::test {
namespace {

using namespace std::chrono_literals;

TEST(Listen, TakesOverAnInheritedSocket) {
  const int inherited = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(inherited, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(inherited, 16), 0);
  TestServer::Options options;
  options.listen = {.inherited = inherited};
  {
    TestServer server(options);
    ASSERT_NE(server.port(), 0);
    RawClient client(server.port());
    client.send(get("/peer"));
    EXPECT_EQ(status_of(client.answer()), 200);
    RawClient waiting(server.port());
    server.server().stop(1s);
    EXPECT_TRUE(RawClient(server.port()).connected()) << "systemd's socket must go on listening";
  }
  ::close(inherited);
}

TEST(Listen, ListensOnAUnixSocketOfItsOwner) {
  const auto folder = std::filesystem::temp_directory_path() / ("waypost-net-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const auto path = (folder / "admin.sock").string();
  {
    TestServer::Options options;
    options.listen.address = "unix:" + path;
    TestServer server(options);
    struct stat found{};
    ASSERT_EQ(::stat(path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0600u);
    EXPECT_EQ(server.port(), 0);
    RawClient client(path);
    client.send(get("/peer"));
    EXPECT_EQ(body_of(client.answer()), "unix plain");
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  std::filesystem::remove_all(folder);
}

TEST(Listen, RefusesABadAddress) {
  Router router;
  BodyBudget budget(1);
  for (const char* address : {"", "8080", "localhost", "1.2.3:80", "127.0.0.1:99999", "[::1:80", "unix:"}) {
    const auto server = HttpServer::listen({.address = address}, router, budget, {}, {});
    ASSERT_FALSE(server.has_value()) << address;
    EXPECT_EQ(server.error().kind(), ErrorKind::InvalidInput) << address;
  }
}

TEST(Listen, SaysWhenThePortIsTaken) {
  TestServer server;
  Router router;
  BodyBudget budget(1);
  const auto second =
      HttpServer::listen({.address = "127.0.0.1:" + std::to_string(server.port())}, router, budget, {}, {});
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().kind(), ErrorKind::Unavailable);
}

}  // namespace
}  // namespace waypost::test
