#include "net/request_parser.h"

#include <gtest/gtest.h>

#include <string>

#include "raw_client.h"
#include "test_server.h"

namespace waypost::test {
namespace {

struct Malformed {
  std::string name;
  std::string bytes;
  int status = 400;
};

class MalformedRequest : public testing::TestWithParam<Malformed> {};

TEST_P(MalformedRequest, IsRefusedAndEndsTheConnection) {
  TestServer server;
  RawClient client(server.port());
  client.send(GetParam().bytes);
  const auto answer = client.answer();
  EXPECT_EQ(status_of(answer), GetParam().status) << answer;
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(server.handled(), 0);
}

const std::string kPost = "POST /echo HTTP/1.1\r\nHost: x\r\n";

INSTANTIATE_TEST_SUITE_P(
    Server, MalformedRequest,
    testing::Values(
        Malformed{"noise", "\x16\x03\x01\x02 hello\r\n\r\n"}, Malformed{"no_version", "GET /peer\r\n\r\n"},
        Malformed{"old_version", "GET /peer HTTP/0.9\r\nHost: x\r\n\r\n", 505},
        Malformed{"new_version", "GET /peer HTTP/2.0\r\nHost: x\r\n\r\n", 505},
        Malformed{"no_host", "GET /peer HTTP/1.1\r\n\r\n"},
        Malformed{"two_hosts", "GET /peer HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"},
        Malformed{"bad_escape", "GET /things/%zz HTTP/1.1\r\nHost: x\r\n\r\n"},
        Malformed{"nul_in_path", "GET /things/%00 HTTP/1.1\r\nHost: x\r\n\r\n"},
        Malformed{"asterisk", "GET * HTTP/1.1\r\nHost: x\r\n\r\n"},
        Malformed{"space_before_colon", kPost + "Content-Length : 5\r\n\r\nhello"},
        Malformed{"length_and_coding", kPost + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        Malformed{"coding_and_length", kPost + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"},
        Malformed{"two_lengths", kPost + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"},
        Malformed{"the_same_length_twice", kPost + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"},
        Malformed{"list_of_lengths", kPost + "Content-Length: 5, 5\r\n\r\nhello"},
        Malformed{"negative_length", kPost + "Content-Length: -5\r\n\r\nhello"},
        Malformed{"signed_length", kPost + "Content-Length: +5\r\n\r\nhello"},
        Malformed{"hex_length", kPost + "Content-Length: 0x5\r\n\r\nhello"},
        Malformed{"huge_length", kPost + "Content-Length: 99999999999999999999999\r\n\r\nhello"},
        Malformed{"two_codings", kPost + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        Malformed{"other_coding", kPost + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
        Malformed{"almost_chunked", kPost + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501},
        Malformed{"coding_in_http_1_0", "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        Malformed{"bad_chunk_size", kPost + "Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n"},
        Malformed{"chunk_without_end", kPost + "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloX0\r\n\r\n"},
        Malformed{"endless_chunk_line", kPost + "Transfer-Encoding: chunked\r\n\r\n5;" + std::string(20'000, 'a')},
        Malformed{"endless_trailer", kPost + "Transfer-Encoding: chunked\r\n\r\n0\r\nX: " + std::string(20'000, 'a')},
        Malformed{"other_expectation", kPost + "Expect: tea\r\nContent-Length: 5\r\n\r\nhello", 417}),
    [](const auto& param) { return param.param.name; });

}  // namespace
}  // namespace waypost::test
