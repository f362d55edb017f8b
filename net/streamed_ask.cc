#include "net/streamed_ask.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>

namespace waypost {
namespace {

constexpr std::size_t kPiece = 64 * 1024;
constexpr std::size_t kLongestHead = 16 * 1024;
constexpr std::size_t kLongestRefusal = 64 * 1024;

std::unexpected<Error> io_error(const std::string& socket) {
  const int why = errno == EAGAIN ? ETIMEDOUT : errno;
  return fail(ErrorKind::Unavailable, socket + ": " + std::generic_category().message(why));
}

class Line {
 public:
  explicit Line(const StreamedRequest& request) : request_(request) {}
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  ~Line() {
    if (file_ >= 0) ::close(file_);
  }

  Result<void> connect() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (request_.socket.size() >= sizeof(address.sun_path))
      return fail(ErrorKind::InvalidInput, request_.socket + " is too long for a socket");
    std::memcpy(address.sun_path, request_.socket.c_str(), request_.socket.size() + 1);
    file_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval limit{.tv_sec = request_.silence.count(), .tv_usec = 0};
    ::setsockopt(file_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(file_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (::connect(file_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      return io_error(request_.socket);
    return {};
  }

  Result<void> send(std::string_view text) {
    while (!text.empty()) {
      const auto sent = ::send(file_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent < 0) return io_error(request_.socket);
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return {};
  }

  // Empty at the end.
  Result<std::string_view> receive() {
    const auto size = ::recv(file_, piece_.data(), piece_.size(), 0);
    if (size < 0) return io_error(request_.socket);
    return std::string_view(piece_.data(), static_cast<std::size_t>(size));
  }

 private:
  const StreamedRequest& request_;
  int file_ = -1;
  std::array<char, kPiece> piece_{};
};

std::string text_of(const StreamedRequest& request) {
  std::string text = request.method + " " + request.target + " HTTP/1.0\r\nHost: waypost\r\n";
  if (!request.json.empty())
    text += "Content-Type: application/json\r\nContent-Length: " + std::to_string(request.json.size()) + "\r\n";
  return text + "\r\n" + request.json;
}

// Of "HTTP/1.0 200 OK"; 0 when it is no such line.
int status_of(std::string_view head) {
  const auto space = head.find(' ');
  if (!head.starts_with("HTTP/") || space == std::string_view::npos) return 0;
  int status = 0;
  std::from_chars(head.data() + space + 1, head.data() + head.size(), status);
  return status;
}

// The head, and in `rest` what came behind it.
Result<std::string> read_head(Line& line, std::string& rest) {
  std::string text;
  while (text.size() < kLongestHead) {
    const auto piece = line.receive();
    if (!piece) return fail(piece.error());
    if (piece->empty()) break;
    text += *piece;
    const auto end = text.find("\r\n\r\n");
    if (end == std::string::npos) continue;
    rest = text.substr(end + 4);
    text.resize(end);
    return text;
  }
  return fail(ErrorKind::Unavailable, "the connection ended before an answer");
}

}  // namespace

Result<StreamedAnswer> ask_streamed(const StreamedRequest& request,
                                    const std::function<Result<void>(std::string_view)>& take) {
  Line line(request);
  if (auto connected = line.connect(); !connected) return fail(connected.error());
  if (auto sent = line.send(text_of(request)); !sent) return fail(sent.error());
  std::string rest;
  const auto head = read_head(line, rest);
  if (!head) return fail(head.error());
  StreamedAnswer answer{.status = status_of(*head)};
  const auto keep = [&](std::string_view piece) -> Result<void> {
    if (answer.status < 300) return take(piece);
    if (answer.refusal.size() < kLongestRefusal) answer.refusal += piece;
    return {};
  };
  if (auto kept = keep(rest); !kept) return fail(kept.error());
  while (true) {
    const auto piece = line.receive();
    if (!piece) return fail(piece.error());
    if (piece->empty()) return answer;
    if (auto kept = keep(*piece); !kept) return fail(kept.error());
  }
}

}  // namespace waypost
